"""Mails and text messages: whether they go out, how many, and where they lead."""

import re

from accounts.cognito.inspected import FactorSettings, MailAccount, SmsRole, UserPoolSettings
from accounts.cognito.sign_in_names import NameKind
from accounts.doctor.fixes import Fix, aws, by_hand, change_pool, template, template_sets
from accounts.doctor.registry import Finding, rule
from accounts.doctor.site import Site

OWN_SENDER_QUOTA = 50  # mails a day for the whole AWS account: developerguide/quotas.html
NEARLY_USED = 0.8
ADDRESS = re.compile(r"https?://[^\s/]+")  # scheme, host and port, as SITE_URL has them
SENDER = template("EmailSourceArn, the ARN of an SES identity")


@rule(
    "W601",
    f"Cognito's own sender mails {OWN_SENDER_QUOTA} a day for the whole AWS account; after that nobody gets a code.",
)
def mails_have_a_sender_of_their_own(site: Site, pool: UserPoolSettings) -> Finding | None:
    """Mails are sent with SES and not with Cognito's own sender.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-email.html
    """
    if pool.mail_sender == "DEVELOPER" or site.is_local:
        return None
    return Finding(f"EmailSendingAccount of the pool is {pool.mail_sender}.", by_hand(SENDER))


@rule("E602", "Nobody gets a code, an invitation or a new password.")
def mails_go_out(pool: UserPoolSettings) -> Finding | None:
    """Cognito has no trouble with the pool's mails (EmailConfigurationFailure)."""
    if not pool.mail_failure:
        return None
    return Finding(f"EmailConfigurationFailure of the pool is {pool.mail_failure}.", by_hand(SENDER))


@rule("E603", "Nobody gets a code by text message.")
def text_messages_go_out(pool: UserPoolSettings) -> Finding | None:
    """Cognito has no trouble with the pool's text messages (SmsConfigurationFailure)."""
    if not pool.sms_failure:
        return None
    return Finding(f"SmsConfigurationFailure of the pool is {pool.sms_failure}.", by_hand(template("TextMessages=on")))


@rule("E604", "SES sends nothing in its name, so nobody gets a code.")
def sender_is_verified(mail_account: MailAccount | None) -> Finding | None:
    """The SES identity of the pool's mails is verified.

    https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetEmailIdentity.html
    """
    if mail_account is None or mail_account.verified:
        return None
    name = mail_account.identity
    return Finding(
        f"The SES identity {name} of EmailSourceArn is not verified.",
        aws(
            "sesv2",
            "create-email-identity",
            "Publish the records it answers with.",
            region=mail_account.region,
            email_identity=name,
        ),
    )


@rule("W605", "SES mails only to addresses you have verified, so nobody else gets a code.")
def sender_is_in_production(mail_account: MailAccount | None) -> Finding | None:
    """SES is out of its sandbox.

    https://docs.aws.amazon.com/ses/latest/dg/request-production-access.html
    """
    if mail_account is None or mail_account.in_production:
        return None
    return Finding(
        "SES is in its sandbox in this account and region (ProductionAccessEnabled is false).",
        Fix(
            words="Ask AWS for production access.",
            command=f"aws sesv2 put-account-details --region={mail_account.region} --generate-cli-skeleton",
        ),
    )


@rule("E606", "Nobody gets a code, an invitation or a new password.")
def sending_is_on(mail_account: MailAccount | None) -> Finding | None:
    """SES sends for this account."""
    if mail_account is None or mail_account.sending:
        return None
    return Finding(
        "SES has been switched off for this account (SendingEnabled is false).",
        Fix(
            words="Find out why first.",
            command=f"aws sesv2 put-account-sending-attributes --region={mail_account.region} --sending-enabled",
        ),
    )


@rule("W607", "When it is used up nobody gets a code until the next day.")
def mails_are_left_for_today(mail_account: MailAccount | None) -> Finding | None:
    """SES has mails left for the day."""
    if mail_account is None or not mail_account.most or mail_account.sent < NEARLY_USED * mail_account.most:
        return None
    return Finding(
        f"SES has sent {mail_account.sent:.0f} of {mail_account.most:.0f} mails in 24 hours (Max24HourSend).",
        by_hand("Ask AWS for a higher sending quota, and look into who asks for so many mails."),
    )


def by_phone(site: Site) -> bool:
    """Whether people sign in with their number, to which Cognito then sends codes."""
    return NameKind.PHONE in site.config.sign_in_with.kinds


def texts_go_out(site: Site, factors: FactorSettings) -> bool:
    """Whether anybody is sent a code by text message."""
    return factors.sms or by_phone(site)


@rule("W608", "Text messages reach only numbers you have verified, so nobody else gets a code.")
def text_messages_reach_everybody(site: Site, factors: FactorSettings, sms_sandbox: bool) -> Finding | None:
    """SNS is out of its sandbox where codes are sent by text message.

    https://docs.aws.amazon.com/sns/latest/dg/sns-sms-sandbox.html
    """
    if not texts_go_out(site, factors) or not sms_sandbox:
        return None
    until_then = "" if by_phone(site) else f" Until then: {template('TextMessages=off')}"
    return Finding(
        "SNS is in its SMS sandbox in this account and region.",
        by_hand(f"Ask AWS to move the account out of the sandbox.{until_then}"),
    )


@rule("E609", "Cognito may not send text messages with it, so nobody gets a code.")
def sms_role_trusts_cognito(site: Site, factors: FactorSettings, sms_role: SmsRole | None) -> Finding | None:
    """The role for text messages lets Cognito in, under the external id that the pool gives.

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-settings-sms-userpool-settings.html
    """
    if not texts_go_out(site, factors) or sms_role is None:
        return None
    fits = not sms_role.external_ids or sms_role.given_id in sms_role.external_ids
    if sms_role.trusts_cognito and fits:
        return None
    wrong = "another sts:ExternalId than the pool's" if sms_role.trusts_cognito else "no trust in Cognito, or is gone"
    fix = template_sets("SmsConfiguration") if by_phone(site) else template("TextMessages=on")
    return Finding(f"The role {sms_role.arn} of SnsCallerArn has {wrong}.", by_hand(fix))


@rule("W611", "People who are invited are sent to another address, or nowhere.")
def invitations_lead_here(site: Site, pool: UserPoolSettings) -> Finding | None:
    """Invitations name the address of this site, and those by text message no other."""
    text = f"Sign in at {site.url}/login/ as {{username}} with the temporary password {{####}}"
    if site.config.sign_in_with.contact is NameKind.PHONE:
        return texted_elsewhere(site, pool, text)
    if site.url in pool.invitation:
        return None
    return Finding(
        f"EmailMessage of the pool's InviteMessageTemplate does not name SITE_URL, {site.url}.",
        invite(pool, template(f"SiteUrl={site.url}"), EmailMessage=f"<p>{text}</p>"),
    )


def texted_elsewhere(site: Site, pool: UserPoolSettings, text: str) -> Finding | None:
    """Return the finding that invitations by text message name another address, and not ``text``."""
    elsewhere = sorted(set(ADDRESS.findall(pool.texted_invitation)) - {site.url})
    if not elsewhere:
        return None
    return Finding(
        f"SMSMessage of the pool's InviteMessageTemplate names {', '.join(elsewhere)}, and SITE_URL is {site.url}.",
        invite(pool, template_sets("SMSMessage"), SMSMessage=text),
    )


def invite(pool: UserPoolSettings, words: str, **messages: str) -> Fix:
    """Return the fix that changes ``messages`` of the pool's template of invitations."""
    before: dict[str, str] = pool.update.get("AdminCreateUserConfig", {}).get("InviteMessageTemplate", {})
    return change_pool(pool, words, AdminCreateUserConfig={"InviteMessageTemplate": {**before, **messages}})
