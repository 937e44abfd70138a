"""From boto3's dictionaries to the values of :mod:`accounts.cognito.inspected`."""

import hmac
import json
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from accounts.cognito.inspected import (
    DAY,
    DEFAULT_FLOWS,
    HOUR,
    MINUTE,
    AppClientSettings,
    FactorSettings,
    IdentityPool,
    PublicKey,
    SchemaAttribute,
    SmsRole,
    UserPoolSettings,
)

Answer = Mapping[str, Any]
# API_TokenValidityUnitsType.html: hours for access and ID tokens, days for refresh tokens.
UNITS = {"seconds": 1, "minutes": MINUTE, "hours": HOUR, "days": DAY}
# From before there were ALLOW_... flows: API_CreateUserPoolClient.html.
LEGACY_FLOWS = {
    "USER_PASSWORD_AUTH": "ALLOW_USER_PASSWORD_AUTH",
    "ADMIN_NO_SRP_AUTH": "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "CUSTOM_AUTH_FLOW_ONLY": "ALLOW_CUSTOM_AUTH",
}
CLASSES = ("RequireLowercase", "RequireUppercase", "RequireNumbers", "RequireSymbols")
# The operators of IAM that take * and ?, of which ArnEquals does as ArnLike does.
WITH_WILDCARDS = {"ArnLike", "ArnEquals", "StringLike"}
COGNITO = "cognito-idp.amazonaws.com"


def request_of(answer: Answer, members: Iterable[str]) -> dict[str, Any]:
    """Return what of ``answer`` an update request has the members for; what is empty is left out, as the default."""
    return {name: answer[name] for name in members if answer.get(name) not in (None, "", [], {})}


def pool_request(pool: Answer, members: Iterable[str]) -> dict[str, Any]:
    """Return the UpdateUserPool request that changes nothing in ``pool``.

    UnusedAccountValidityDays has been replaced by the password policy's TemporaryPasswordValidityDays, and tags of AWS
    itself may not be sent back.
    """
    request = request_of(pool, members) | {"UserPoolId": pool["Id"], "PoolName": pool.get("Name", "")}
    if invitations := request.get("AdminCreateUserConfig"):
        kept = {name: value for name, value in invitations.items() if name != "UnusedAccountValidityDays"}
        request["AdminCreateUserConfig"] = kept
    if tags := request.pop("UserPoolTags", None):
        request["UserPoolTags"] = {name: value for name, value in tags.items() if not name.startswith("aws:")}
    return {name: value for name, value in request.items() if value not in ("", {})}


def user_pool(pool: Answer, members: Iterable[str]) -> UserPoolSettings:
    """Return the ``UserPool`` of an answer of DescribeUserPool; ``members`` are those of UpdateUserPool."""
    policies, invitations = pool.get("Policies") or {}, pool.get("AdminCreateUserConfig") or {}
    passwords, mail = policies.get("PasswordPolicy") or {}, pool.get("EmailConfiguration") or {}
    ways = (pool.get("AccountRecoverySetting") or {}).get("RecoveryMechanisms") or ()
    in_order = tuple(way["Name"] for way in sorted(ways, key=lambda way: way.get("Priority", 0)))
    return UserPoolSettings(
        id=pool["Id"],
        arn=pool.get("Arn", ""),
        tier=pool.get("UserPoolTier") or "ESSENTIALS",
        issuer_type=(pool.get("IssuerConfiguration") or {}).get("Type") or "ORIGINAL",
        deletion_protection=pool.get("DeletionProtection") or "INACTIVE",
        case_sensitive=(pool.get("UsernameConfiguration") or {}).get("CaseSensitive", True),
        username_attributes=tuple(pool.get("UsernameAttributes") or ()),
        alias_attributes=tuple(pool.get("AliasAttributes") or ()),
        auto_verified=tuple(pool.get("AutoVerifiedAttributes") or ()),
        verified_before_update=verified_before_update(pool),
        schema=tuple(map(schema_attribute, pool.get("SchemaAttributes") or ())),
        minimum_length=passwords.get("MinimumLength", 8),
        character_classes=sum(bool(passwords.get(name)) for name in CLASSES),
        temporary_password_days=passwords.get("TemporaryPasswordValidityDays") or 7,
        first_factors=frozenset((policies.get("SignInPolicy") or {}).get("AllowedFirstAuthFactors") or {"PASSWORD"}),
        # API_DeviceConfigurationType.html: without one, or with an empty one, no device is remembered.
        remembers_devices=bool(pool.get("DeviceConfiguration")),
        recovery=in_order or UserPoolSettings.recovery,
        invited_only=bool(invitations.get("AllowAdminCreateUserOnly")),
        **invitation(invitations.get("InviteMessageTemplate") or {}),
        confirms_by=(pool.get("VerificationMessageTemplate") or {}).get("DefaultEmailOption") or "CONFIRM_WITH_CODE",
        mail_sender=mail.get("EmailSendingAccount") or "COGNITO_DEFAULT",
        mail_source_arn=mail.get("SourceArn", ""),
        mail_failure=pool.get("EmailConfigurationFailure") or "",
        sms_failure=pool.get("SmsConfigurationFailure") or "",
        **texting(pool),
        triggers=triggers(pool.get("LambdaConfig") or {}),
        threat_protection=(pool.get("UserPoolAddOns") or {}).get("AdvancedSecurityMode") or "OFF",
        domain=pool.get("Domain") or "",
        custom_domain=pool.get("CustomDomain") or "",
        people=pool.get("EstimatedNumberOfUsers") or 0,
        update=pool_request(pool, members),
    )


def invitation(template: Answer) -> dict[str, str]:
    """Return an InviteMessageTemplate, by the names that a pool's settings have for the mail and the text message."""
    return {"invitation": template.get("EmailMessage", ""), "texted_invitation": template.get("SMSMessage", "")}


def texting(entry: Answer) -> dict[str, str]:
    """Return the SmsConfiguration of a pool or of its factors, by the names that both have for what stands in it."""
    sms = entry.get("SmsConfiguration") or {}
    return {
        "sms_role": sms.get("SnsCallerArn", ""),
        "sms_external_id": sms.get("ExternalId", ""),
        "sms_region": sms.get("SnsRegion", ""),
    }


def verified_before_update(pool: Answer) -> tuple[str, ...]:
    """Return the attributes whose new value counts only once it is proved."""
    updates = pool.get("UserAttributeUpdateSettings") or {}
    return tuple(updates.get("AttributesRequireVerificationBeforeUpdate") or ())


def schema_attribute(entry: Answer) -> SchemaAttribute:
    """Return an entry of SchemaAttributes. What only developers may write, nobody writes with a token."""
    mutable = entry.get("Mutable", True) and not entry.get("DeveloperOnlyAttribute", False)
    return SchemaAttribute(name=entry["Name"], required=entry.get("Required", False), mutable=mutable)


def triggers(config: Answer) -> dict[str, str]:
    """Return the functions in a LambdaConfig by the name of the trigger; KMSKeyID names none."""
    arns = {name: value["LambdaArn"] if isinstance(value, Mapping) else value for name, value in config.items()}
    return {name: arn for name, arn in arns.items() if arn and name not in {"KMSKeyID", "PreTokenGenerationConfig"}} | (
        {"PreTokenGeneration": arns["PreTokenGenerationConfig"]} if arns.get("PreTokenGenerationConfig") else {}
    )


def app_client(client: Answer, members: Iterable[str], *, secret: str) -> AppClientSettings:
    """Return the ``UserPoolClient`` of an answer of DescribeUserPoolClient; ``secret`` is the one in the settings."""
    rotation, own = client.get("RefreshTokenRotation") or {}, client.get("ClientSecret") or ""
    units = client.get("TokenValidityUnits") or {}
    return AppClientSettings(
        id=client["ClientId"],
        name=client.get("ClientName", ""),
        has_secret=bool(own),
        secret_matches=hmac.compare_digest(own.encode(), secret.encode()),
        flows=flows(client.get("ExplicitAuthFlows") or ()),
        user_existence_errors=client.get("PreventUserExistenceErrors") or "LEGACY",
        revokes_tokens=client.get("EnableTokenRevocation", True),
        rotates=rotation.get("Feature") == "ENABLED",
        grace_seconds=rotation.get("RetryGracePeriodSeconds") or 0,
        challenge_seconds=(client.get("AuthSessionValidity") or 3) * MINUTE,
        access_token_seconds=(client.get("AccessTokenValidity") or 1) * UNITS[units.get("AccessToken") or "hours"],
        id_token_seconds=(client.get("IdTokenValidity") or 1) * UNITS[units.get("IdToken") or "hours"],
        # 0 is the default, too: API_CreateUserPoolClient.html. The unit then counts for nothing.
        refresh_token_seconds=(client.get("RefreshTokenValidity") or 0) * UNITS[units.get("RefreshToken") or "days"]
        or 30 * DAY,
        readable=frozenset(client["ReadAttributes"]) if client.get("ReadAttributes") else None,
        writable=frozenset(client["WriteAttributes"]) if client.get("WriteAttributes") else None,
        providers=tuple(client.get("SupportedIdentityProviders") or ()),
        oauth=bool(client.get("AllowedOAuthFlowsUserPoolClient")),
        oauth_flows=tuple(client.get("AllowedOAuthFlows") or ()),
        oauth_scopes=tuple(client.get("AllowedOAuthScopes") or ()),
        callback_urls=tuple(client.get("CallbackURLs") or ()),
        logout_urls=tuple(client.get("LogoutURLs") or ()),
        has_analytics=bool(client.get("AnalyticsConfiguration")),
        passes_user_context=bool(client.get("EnablePropagateAdditionalUserContextData")),
        update=request_of(client, members),
    )


def flows(named: Iterable[str]) -> frozenset[str]:
    """Return the ALLOW_... flows of a client. One that names flows of the old kind has the default ones besides."""
    here = frozenset(LEGACY_FLOWS.get(flow, flow) for flow in named)
    return here if any(flow.startswith("ALLOW_") for flow in named) else here | DEFAULT_FLOWS


def factors(answer: Answer, members: Iterable[str], *, pool_id: str) -> FactorSettings:
    """Return an answer of GetUserPoolMfaConfig; ``members`` are those of SetUserPoolMfaConfig."""
    web_authn = answer.get("WebAuthnConfiguration") or {}
    return FactorSettings(
        mode=answer.get("MfaConfiguration") or "OFF",
        app=bool((answer.get("SoftwareTokenMfaConfiguration") or {}).get("Enabled")),
        sms=bool(answer.get("SmsMfaConfiguration")),
        mail=bool(answer.get("EmailMfaConfiguration")),
        **texting(answer.get("SmsMfaConfiguration") or {}),
        relying_party=web_authn.get("RelyingPartyId", ""),
        user_verification=web_authn.get("UserVerification") or "preferred",
        passkey_counts_as=web_authn.get("FactorConfiguration") or "SINGLE_FACTOR",
        update=request_of(answer, members) | {"UserPoolId": pool_id},
    )


def identity_pool(answer: Answer, issuer: str, client_id: str) -> IdentityPool | None:
    """Return an answer of DescribeIdentityPool; None for one that does not take tokens of ``client_id``.

    https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_CognitoIdentityProvider.html; ``issuer`` is the
    pool's provider name, without https.
    """
    for provider in answer.get("CognitoIdentityProviders") or ():
        if provider.get("ProviderName") == issuer and provider.get("ClientId") == client_id:
            return IdentityPool(
                id=answer["IdentityPoolId"],
                name=answer.get("IdentityPoolName", ""),
                lets_strangers_in=bool(answer.get("AllowUnauthenticatedIdentities")),
                classic_flow=bool(answer.get("AllowClassicFlow")),
                checks_tokens=bool(provider.get("ServerSideTokenCheck")),
            )
    return None


def sms_role(arn: str, trust: object, given_id: str) -> SmsRole:
    """Return the role ``arn`` with its trust policy, as boto3 decodes it; ``given_id`` is what the pool names.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SmsConfigurationType.html
    """
    document: Answer = json.loads(trust) if isinstance(trust, str) else trust if isinstance(trust, Mapping) else {}
    mine = [statement for statement in listed(document.get("Statement")) if lets_cognito(statement)]
    ids = [value for statement in mine for value in conditions(statement, "sts:ExternalId")]
    return SmsRole(arn=arn, trusts_cognito=bool(mine), external_ids=tuple(ids), given_id=given_id)


def public_key(entry: Answer) -> PublicKey:
    """Return an entry of a JSON Web Key Set; raises KeyError for one without an id, TypeError for no entry at all."""
    return PublicKey(str(entry["kid"]), *(str(entry.get(name, "")) for name in PublicKey._fields[1:]))


def lets_cognito(statement: Answer) -> bool:
    """Whether a statement of a trust or function policy lets Cognito in."""
    principal = statement.get("Principal")
    services = listed(principal.get("Service")) if isinstance(principal, Mapping) else [principal]
    return statement.get("Effect") == "Allow" and (COGNITO in services or "*" in services)


def holds_for(statement: Answer, key: str, value: str) -> bool:
    """Whether the conditions that a statement sets on ``key`` hold for ``value``; where it sets none they do.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    for operator, demands in (statement.get("Condition") or {}).items():
        fits = fnmatchcase if operator.removesuffix("IfExists") in WITH_WILDCARDS else str.__eq__
        for name, wanted in demands.items():
            if name.lower() == key.lower() and not any(fits(value, one) for one in listed(wanted)):
                return False
    return True


def conditions(statement: Answer, key: str) -> list[str]:
    """Return the values that a statement's conditions demand of ``key``, whatever the operator and the case."""
    operands = (statement.get("Condition") or {}).values()
    pairs = [pair for operand in operands for pair in operand.items()]
    return [value for name, values in pairs if name.lower() == key.lower() for value in listed(values)]


def listed(value: Any) -> list[Any]:
    """Return ``value`` as a list, as IAM reads one that stands alone."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
