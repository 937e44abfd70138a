"""What protects the pool, what watches over it, and what else takes part in signing in."""

from accounts.cognito.inspected import Trigger, UserPoolSettings
from accounts.doctor.fixes import Fix, aws, by_hand, change_pool, template
from accounts.doctor.registry import Finding, rule
from accounts.doctor.site import Site

# Lambda triggers that can see a password, let somebody in or give rights: developerguide/cognito-user-pools-working-
# with-lambda-triggers.html
POWERFUL = {
    "UserMigration": "sees the passwords of people it does not know",
    "PreTokenGeneration": "can put any group into a token, and so make superusers",
    "PreSignUp": "can confirm an account and an address that nobody proved",
    "DefineAuthChallenge": "decides who is in without a password",
    "CustomEmailSender": "sees every code that is mailed",
    "CustomSMSSender": "sees every code that is sent by text message",
}


@rule("W901", "One call with the wrong id, or one stack deleted, and all accounts are gone for good.")
def pool_is_protected(site: Site, pool: UserPoolSettings) -> Finding | None:
    """The pool is protected from deletion, unless the site runs on somebody's own machine.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-deletion-protection.html
    """
    if pool.deletion_protection == "ACTIVE" or site.is_local:
        return None
    return Finding(
        f"DeletionProtection of the pool is {pool.deletion_protection}.",
        change_pool(pool, template("Environment=production"), DeletionProtection="ACTIVE"),
    )


@rule("W902", "PLUS is paid for, and nobody looks at what it sees.")
def threat_protection_is_used(pool: UserPoolSettings) -> Finding | None:
    """Threat protection is on where the feature plan has it (AdvancedSecurityMode).

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-settings-threat-protection.html
    """
    if pool.tier != "PLUS" or pool.threat_protection != "OFF":
        return None
    return Finding(
        "UserPoolTier of the pool is PLUS, and AdvancedSecurityMode is OFF.",
        change_pool(pool, UserPoolAddOns={"AdvancedSecurityMode": "AUDIT"}),
    )


@rule("W903", "Passwords that are known from breaches of other sites are taken.")
def known_passwords_are_blocked(site: Site, pool: UserPoolSettings, blocks_known_passwords: bool) -> Finding | None:
    """Threat protection blocks known passwords where it is enforced."""
    if pool.threat_protection != "ENFORCED" or blocks_known_passwords:
        return None
    actions = '{"Actions":{"EventAction":"BLOCK"}}'
    return Finding(
        "AdvancedSecurityMode of the pool is ENFORCED, and CompromisedCredentialsRiskConfiguration does not BLOCK.",
        aws(
            "cognito-idp",
            "set-risk-configuration",
            region=site.config.region,
            user_pool_id=site.config.user_pool_id,
            compromised_credentials_risk_configuration=actions,
        ),
    )


@rule("I904", "A mail or text message that could not be delivered leaves no trace, and the person no code.")
def undelivered_messages_are_logged(site: Site, log_sources: frozenset[str]) -> Finding | None:
    """The pool logs messages it could not deliver, unless the site runs on somebody's own machine.

    https://docs.aws.amazon.com/cognito/latest/developerguide/exporting-quotas-and-usage.html
    """
    if "userNotification" in log_sources or site.is_local:
        return None
    return Finding(
        "LogConfigurations of the pool has no userNotification.",
        by_hand(
            f"aws cognito-idp set-log-delivery-configuration --region {site.config.region} --user-pool-id "
            f"{site.config.user_pool_id} --log-configurations LogLevel=ERROR,EventSource=userNotification,"
            "CloudWatchLogsConfiguration={LogGroupArn=<ARN of a log group>}"
        ),
    )


@rule("E905", "What the trigger is for fails, signing in and registering with it.")
def triggers_can_be_called(pool: UserPoolSettings, triggers: tuple[Trigger, ...]) -> Finding | None:
    """Each Lambda trigger lets the pool call it.

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-identity-pools-working-with-aws-lambda-triggers.html
    """
    deaf = [trigger for trigger in triggers if not trigger.callable]
    if not deaf:
        return None
    fix = aws(
        "lambda",
        "add-permission",
        region=deaf[0].function_arn.split(":")[3],
        function_name=deaf[0].function_arn,
        statement_id="cognito",
        action="lambda:InvokeFunction",
        principal="cognito-idp.amazonaws.com",
        source_arn=pool.arn,
    )
    return Finding(f"LambdaConfig of the pool: {', '.join(one.name for one in deaf)} may not be called by it.", fix)


@rule("I906", "Whoever can change the function's code has that power, too.")
def triggers_are_known(pool: UserPoolSettings) -> Finding | None:
    """No Lambda trigger can see passwords, let people in or give rights without you knowing."""
    known = [f"{name} {POWERFUL[name]}" for name in pool.triggers if name in POWERFUL]
    if not known:
        return None
    return Finding(
        f"LambdaConfig of the pool: {', '.join(known)}.",
        by_hand(
            "If that is meant, guard the function as you guard the pool, and silence this rule in "
            "SILENCED_SYSTEM_CHECKS."
        ),
    )


@rule(
    "I907", "All of this site's sign-ins come from its own addresses: a rule that counts by address blocks everybody."
)
def firewall_knows_the_site(web_acl: str) -> Finding | None:
    """No WAF web ACL stands between the site and the pool without the site's addresses being excepted.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-waf.html
    """
    if not web_acl:
        return None
    return Finding(
        f"The web ACL {web_acl} of AWS WAF stands before the pool.",
        Fix(words="Except the site's own addresses from its rate-based rules, then silence this rule."),
    )
