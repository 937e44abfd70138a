"""For each rule something that is wrong with a pool, and the setting that the finding has to name."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.cognito.config import Provider as Offered
from accounts.cognito.inspected import (
    DEFAULT_FLOWS,
    AppClientSettings,
    Domain,
    Group,
    IdentityPool,
    Keys,
    MailAccount,
    Principal,
    Provider,
    PublicKey,
    SchemaAttribute,
    SmsRole,
    Trigger,
)
from accounts.cognito.sign_in_names import SignInWith
from accounts.doctor.rules.protection import POWERFUL
from accounts.doctor.site import ADMINISTERING
from accounts.doctor.snapshot import Unread

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PUBLIC = "https://latchkey.example"
SITE_KEY = "arn:aws:iam::123456789012:role/latchkey"
READS = frozenset(
    f"cognito-idp:{name}" for name in ("DescribeUserPool", "DescribeUserPoolClient", "GetUserPoolMfaConfig")
)
ROLE = SchemaAttribute(name="custom:role")
SHOE_SIZE = SchemaAttribute(name="custom:shoe_size")
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:trigger"
SES = {"identity": "example.com", "region": "eu-central-1", "verified": True}
BY_PHONE = {"sign_in_with": SignInWith.PHONE}
OAUTH = {"oauth": True, "oauth_flows": ("code",), "oauth_scopes": ("openid", "aws.cognito.signin.user.admin")}

LINKING = "cognito-idp:AdminLinkProviderForUser"
WITH_GOOGLE = {"domain": "https://auth.example", "providers": (Offered("Google", "Google"),)}
WITH_ITS_OWN_PAGE = {"domain": "https://auth.example", "providers": (Offered("COGNITO", "auth.example"),)}


@dataclass(frozen=True)
class Case:
    """A rule, how the clean snapshot is changed, and what the finding says."""

    rule: str
    changes: dict[str, Any]
    says: str
    config: dict[str, Any] = field(default_factory=dict)


def elsewhere(**changes: Any) -> dict[str, Any]:
    """Return a change of the site, which is not on somebody's own machine then."""
    return {"url": PUBLIC, **changes}


PLACE = [
    Case("E001", {"pool": Unread(reason="gone", code="ResourceNotFoundException")}, "COGNITO_USER_POOL_ID"),
    Case("E002", {"client": Unread(reason="gone", code="ResourceNotFoundException")}, "COGNITO_CLIENT_ID"),
    Case("E003", {}, "AWS_REGION", {"region": "us-east-1"}),
    Case("E004", {"pool": {"issuer_type": "UPDATED"}}, "COGNITO_ISSUER"),
    Case("E004", {}, "COGNITO_ISSUER", {"issuer": "http://localhost:9229/local_pool", "endpoint_url": ""}),
    Case("E005", {"key_set": Keys(url="https://keys.example", error="answers 404")}, "COGNITO_JWKS_URL"),
    Case(
        "E006",
        {"key_set": Keys(url="https://keys.example", keys=frozenset({PublicKey("other")}))},
        "COGNITO_JWKS_URL",
    ),
    Case("E007", {"key_set": {"date": NOW, "received": NOW + timedelta(seconds=31)}}, "31 seconds ahead of"),
    Case("E007", {"key_set": {"date": NOW, "received": NOW - timedelta(minutes=6)}}, "refuses signed requests"),
]
SIGNING_IN = [
    Case("E101", {"client": {"flows": frozenset({"ALLOW_USER_SRP_AUTH"})}}, "ALLOW_USER_PASSWORD_AUTH"),
    Case("W102", {"client": {"flows": frozenset({"ALLOW_CUSTOM_AUTH"})}}, "ALLOW_CUSTOM_AUTH"),
    Case("I103", {}, "ALLOW_ADMIN_USER_PASSWORD_AUTH", {"auth_flow": "USER_SRP_AUTH"}),
    Case("E104", {"client": {"user_existence_errors": "LEGACY"}}, "PreventUserExistenceErrors"),
    Case("W105", {"client": {"challenge_seconds": 180}}, "AuthSessionValidity"),
    Case("E106", {}, "COGNITO_CLIENT_SECRET is empty", {"client_secret": ""}),
    Case("E107", {"client": {"has_secret": False}}, "COGNITO_CLIENT_SECRET is set"),
    Case("W108", {"client": {"secret_matches": False}}, "COGNITO_CLIENT_SECRET is not the secret"),
    Case("E109", {"pool": {"remembers_devices": True}}, "DeviceConfiguration"),
    Case("E101", {}, "ALLOW_CUSTOM_AUTH", {"auth_flow": "CUSTOM_AUTH"}),
    Case("E101", {"client": {"flows": frozenset()}}, "ALLOW_ADMIN", {"auth_flow": "ADMIN_USER_PASSWORD_AUTH"}),
    Case("E110", {"client": {"flows": frozenset({"ALLOW_USER_PASSWORD_AUTH"})}}, "EMAIL_OTP, WEB_AUTHN"),
    Case("E111", {"pool": {"tier": "LITE"}}, "UserPoolTier"),
]
TOKENS = [
    Case("E201", {"client": {"revokes_tokens": False}}, "EnableTokenRevocation"),
    Case("W202", {"client": {"rotates": False}}, "RefreshTokenRotation"),
    Case("W202", {"client": {"rotates": False, "flows": DEFAULT_FLOWS}}, "RefreshTokenRotation"),
    Case("W203", {"client": {"grace_seconds": 0}}, "RetryGracePeriodSeconds"),
    Case("W204", {"client": {"refresh_token_seconds": 3600}}, "SESSION_ABSOLUTE_SECONDS"),
    Case("I205", {"site": {"session_seconds": 3600}}, "RefreshTokenValidity"),
    Case("W206", {"client": {"access_token_seconds": 300}}, "AccessTokenValidity"),
    Case("W207", {"client": {"access_token_seconds": 3601}}, "AccessTokenValidity"),
    Case("E208", {"client": {"readable": frozenset({"name"})}}, "email, email_verified"),
    Case("E208", {"client": {"readable": frozenset({"email", "email_verified", "name"})}}, "phone_number", BY_PHONE),
]
ATTRIBUTES = [
    Case("E301", {"client": {"writable": None}, "pool": {"schema": (ROLE,)}}, "custom:role"),
    Case("E301", {"client": {"writable": frozenset({"custom:role"})}, "pool": {"schema": (ROLE,)}}, "WriteAttributes"),
    Case("W302", {"client": {"writable": None}, "pool": {"schema": (SHOE_SIZE, ROLE)}}, "custom:shoe_size"),
    Case("W303", {"client": {"writable": None}}, "WriteAttributes"),
    Case("E304", {"client": {"writable": frozenset({"name"})}}, "lacks email"),
    Case("E305", {"pool": {"schema": (SchemaAttribute(name="updated_at", required=True),)}}, "updated_at"),
    Case("E306", {"pool": {"verified_before_update": ("phone_number",)}}, "AttributesRequireVerificationBeforeUpdate"),
    Case("E306", {"pool": {"auto_verified": (), "verified_before_update": ()}}, "lacks email."),
    Case("E307", {"pool": {"auto_verified": ()}}, "AutoVerifiedAttributes"),
    Case("E304", {"client": {"writable": frozenset({"email"})}}, "lacks phone_number", BY_PHONE),
    Case("E307", {"pool": {"auto_verified": ("email",)}}, "lacks phone_number", BY_PHONE),
    Case("W308", {"pool": {"schema": (SchemaAttribute(name="email", mutable=False),)}}, "Mutable"),
    Case("E309", {"pool": {"confirms_by": "CONFIRM_WITH_LINK"}}, "DefaultEmailOption"),
]
PEOPLE = [
    Case("W401", {"pool": {"case_sensitive": True}}, "CaseSensitive"),
    Case("E402", {"pool": {"username_attributes": ()}}, "UsernameAttributes"),
    Case("E402", {"pool": {"username_attributes": (), "alias_attributes": ("email",)}}, "AliasAttributes is email"),
    Case("E402", {}, "COGNITO_SIGN_IN_WITH is username", {"sign_in_with": SignInWith.USERNAME}),
    Case("E402", {}, "COGNITO_SIGN_IN_WITH is phone", {"sign_in_with": SignInWith.PHONE}),
    Case(
        "E402",
        {"pool": {"username_attributes": (), "alias_attributes": ("email",)}},
        "username_email_phone",
        {"sign_in_with": SignInWith.USERNAME_EMAIL_PHONE},
    ),
    Case(
        "W403",
        {"pool": {"username_attributes": (), "alias_attributes": ("email", "phone_number")}},
        "AliasAttributes of the pool has phone_number",
        {"sign_in_with": SignInWith.USERNAME_EMAIL},
    ),
    Case("E404", {"pool": {"sms_role": ""}}, "SmsConfiguration", {"sign_in_with": SignInWith.PHONE}),
    Case("E411", {"pool": {"invited_only": True}}, "nobody can register"),
    Case("E411", {}, "anybody who knows", {"registration": "closed"}),
    Case("E411", {}, "AllowAdminCreateUserOnly", {"registration": "admin"}),
    Case("E412", {"pool": {"minimum_length": 7}}, "MinimumLength"),
    Case("W413", {"pool": {"minimum_length": 14, "character_classes": 3}}, "3 of 4"),
    Case("W414", {"pool": {"temporary_password_days": 8}}, "TemporaryPasswordValidityDays"),
    Case("E421", {"groups": (Group(name="staff"),)}, "COGNITO_SUPERUSER_GROUP is superusers"),
    Case("E421", {}, "COGNITO_DEFAULT_GROUP is everybody", {"default_group": "everybody"}),
    Case("E421", {"groups": ()}, "COGNITO_STAFF_GROUP is staff, COGNITO_SUPERUSER_GROUP is superusers"),
    Case("E422", {}, "the same group", {"superuser_group": "staff"}),
    Case("E422", {}, "the same group", {"default_group": "staff"}),
    Case("W423", {}, "COGNITO_SUPERUSER_GROUP", {"superuser_group": ""}),
    Case("W424", {"groups": (Group(name="staff", role_arn=SITE_KEY),)}, "RoleArn"),
]
FACTORS = [
    Case("W501", {"factors": {"mode": "OFF"}}, "MfaConfiguration"),
    Case("E502", {"factors": {"mode": "OFF"}, "site": {"admin_requires_mfa": True}}, "ADMIN_REQUIRES_MFA"),
    Case("E503", {"factors": {"mode": "ON", "app": False}}, "SoftwareTokenMfaConfiguration"),
    Case("E504", {"factors": {"relying_party": "example.com"}}, "RelyingPartyId of the pool is example.com"),
    Case("E504", {"factors": {"relying_party": ""}}, "RelyingPartyId of the pool is not set"),
    Case("W505", {"factors": {"passkey_counts_as": "SINGLE_FACTOR"}}, "FactorConfiguration"),
    Case(
        "W506",
        {"factors": {"passkey_counts_as": "SINGLE_FACTOR", "user_verification": "preferred"}},
        "UserVerification",
    ),
    Case("I507", {"pool": {"first_factors": frozenset({"PASSWORD", "SMS_OTP"})}}, "SMS_OTP"),
    Case("I507", {"pool": {"first_factors": frozenset({"EMAIL_OTP"})}}, "EMAIL_OTP"),
    Case("E511", {"pool": {"recovery": ("admin_only",)}}, "AccountRecoverySetting"),
    Case("E511", {"pool": {"recovery": ("admin_only",)}, "factors": {"mail": False}}, "AccountRecoverySetting"),
    Case("E511", {"pool": {"recovery": ("verified_email",)}}, "AccountRecoverySetting", BY_PHONE),
    Case("W512", {"pool": {"recovery": ("verified_phone_number", "verified_email")}}, "AccountRecoverySetting"),
    Case("E513", {"pool": {"recovery": ("verified_email",)}}, "EmailMfaConfiguration"),
    Case("E513", {"pool": {"recovery": ("verified_email", "admin_only")}}, "verified_email, admin_only alone"),
    Case("E514", {"pool": {"first_factors": frozenset({"PASSWORD"})}}, "USER_AUTH", {"auth_flow": "USER_AUTH"}),
]
MESSAGES = [
    Case("W601", {"pool": {"mail_sender": "COGNITO_DEFAULT"}, "site": elsewhere()}, "EmailSendingAccount"),
    Case("E602", {"pool": {"mail_failure": "AccessDenied"}}, "EmailConfigurationFailure"),
    Case("E603", {"pool": {"sms_failure": "SNSSandbox"}}, "SmsConfigurationFailure"),
    Case("E604", {"mail_account": MailAccount(identity="example.com", region="eu-central-1")}, "example.com"),
    Case("W605", {"mail_account": MailAccount(**SES, in_production=False)}, "ProductionAccessEnabled"),  # type: ignore[arg-type]
    Case("E606", {"mail_account": MailAccount(**SES, sending=False)}, "SendingEnabled"),  # type: ignore[arg-type]
    Case("W607", {"mail_account": MailAccount(**SES, most=200, sent=160)}, "160 of 200"),  # type: ignore[arg-type]
    Case("W608", {"sms_sandbox": True}, "sandbox"),
    Case("W608", {"factors": {"sms": False}, "sms_sandbox": True}, "SMS sandbox", BY_PHONE),
    Case("E609", {"sms_role": SmsRole(arn=SITE_KEY)}, "no trust in Cognito"),
    Case("E609", {"sms_role": SmsRole(arn=SITE_KEY, trusts_cognito=True, external_ids=("x",))}, "sts:ExternalId"),
    Case("E609", {"factors": {"sms": False}, "sms_role": SmsRole(arn=SITE_KEY)}, "no trust in Cognito", BY_PHONE),
    Case("W611", {"pool": {"invitation": "Sign in at http://old.example"}}, "InviteMessageTemplate"),
    Case("W611", {"pool": {"texted_invitation": "See http://old.example/in"}}, "SMSMessage", BY_PHONE),
]
GOOGLE = {"domain": "https://id.example", "providers": (Offered("Google", "Google"),)}
USED = {**OAUTH, "providers": ("Corp",)}
ADDRESS = SchemaAttribute(name="email", required=True)
EMPLOYEE = SchemaAttribute(name="custom:employee", mutable=False)
BY_PROVIDERS = [
    Case("E715", {}, "the pool has no domain", {**GOOGLE, "endpoint_url": ""}),
    Case("E715", {"pool": {"domain": "ours"}}, "ours.auth.eu-west-1.", {**GOOGLE, "endpoint_url": ""}),
    Case("E715", {"pool": {"custom_domain": "i.example"}}, "i.example", {**GOOGLE, "endpoint_url": ""}),
    Case("E716", {"client": OAUTH}, "/login/callback/", GOOGLE),
    Case("E716", {"client": {**OAUTH, "callback_urls": (f"{PUBLIC}/login/callback",)}}, "/login/callback/", GOOGLE),
    Case("W717", {"client": OAUTH}, "LogoutURLs", GOOGLE),
    Case("E718", {}, "AllowedOAuthFlowsUserPoolClient", GOOGLE),
    Case("E718", {"client": {**OAUTH, "oauth_flows": ("implicit",)}}, "is implicit", GOOGLE),
    Case("E719", {"client": OAUTH}, "lacks email, profile", GOOGLE),
    Case("E720", {"client": OAUTH}, "Google", GOOGLE),
    Case(
        "E721",
        {"client": USED, "pool": {"schema": (ADDRESS,)}, "providers": (Provider(name="Corp"),)},
        "Corp lacks email",
    ),
    Case(
        "E722",
        {
            "client": USED,
            "pool": {"schema": (ADDRESS, EMPLOYEE)},
            "providers": (Provider(name="Corp", mapping={"email": "mail", "custom:employee": "number"}),),
        },
        "Corp writes custom:employee",
    ),
    Case(
        "E723",
        {
            "client": {**USED, "writable": frozenset({"email"})},
            "providers": (Provider(name="Corp", mapping={"email": "mail", "email_verified": "ok", "locale": "l"}),),
        },
        "lacks locale, ",
    ),
]
OTHERS = {"UserPoolId": "eu-west-1_Example1", "ClientId": "other", "ClientName": "phone", "RefreshTokenValidity": 30}
OTHERS_CLIENT = AppClientSettings(id="other", name="phone", writable=frozenset({"email"}), update=OTHERS)
OTHER_APPS = [
    Case("E701", {"client": {**OAUTH, "oauth_flows": ("code", "implicit")}}, "implicit"),
    Case("E701", {"client": {**OAUTH, "oauth_flows": ("implicit",)}}, "implicit"),
    Case("W702", {"client": {**OAUTH, "oauth_flows": ("client_credentials",)}}, "client_credentials"),
    Case("E703", {"client": {**OAUTH, "callback_urls": ("https://other.example/x",)}}, "https://other.example/x"),
    Case("E703", {"client": {**OAUTH, "callback_urls": (f"{PUBLIC}:444/x",)}, "site": elsewhere()}, ":444/x"),
    Case("E703", {"client": {**OAUTH, "callback_urls": ("http://latchkey.example/x",)}, "site": elsewhere()}, "http:"),
    Case(
        "E703",
        {"client": {**OAUTH, "callback_urls": (f"{PUBLIC}/in", "http://x.io")}, "site": elsewhere()},
        "http://x.io",
    ),
    Case("W704", {"client": {**OAUTH, "logout_urls": ("myapp://out",)}}, "myapp://out"),
    Case("W705", {"client": {**OAUTH, "oauth_scopes": ("openid",)}}, "lacks aws.cognito.signin.user.admin"),
    Case("W705", {"client": {**OAUTH, "oauth_scopes": ("aws.cognito.signin.user.admin",)}}, "lacks openid"),
    Case(
        "W706", {"client": {**OAUTH, "providers": ("COGNITO",)}, "pool": {"custom_domain": "id.example"}}, "id.example"
    ),
    Case("W706", {"client": {**OAUTH, "providers": ("COGNITO",)}, "pool": {"domain": "latchkey"}}, "latchkey"),
    Case("W706", {"client": {**OAUTH, "providers": ("COGNITO", "Corp")}, "pool": {"domain": "latchkey"}}, "latchkey"),
    Case(
        "E707",
        {"domains": (Domain(name="latchkey", status="FAILED"), Domain(name="id.x"))},
        "latchkey is FAILED, id.x is gone",
    ),
    Case("E707", {"domains": (Domain(name="latchkey", status="ACTIVE", pool_id="eu-west-1_Another12"),)}, "latchkey"),
    Case("E707", {"domains": (Domain(name="latchkey"),)}, "latchkey is gone"),
    Case("W708", {"domains": (Domain(name="id.example", security_policy="TLS_V1"),)}, "TLS_V1"),
    Case("E709", {"client": {"providers": ("Google",)}}, "Google"),
    Case("E709", {"client": {"providers": ("COGNITO", "Google")}}, "Google"),
    Case("W710", {"providers": (Provider(name="Corp", mapping={"email_verified": "ok"}),)}, "Corp: email_verified"),
    Case("W710", {"providers": (Provider(name="Corp", mapping={"custom:role": "ok"}),)}, "Corp: custom:role"),
    Case(
        "W710", {"providers": (Provider(name="G", type="Google", mapping={"phone_number_verified": "ok"}),)}, "G: phone"
    ),
    Case("W710", {"providers": (Provider(name="Corp", mapping={"phone_number_verified": "ok"}),)}, "phone_number"),
    Case("W711", {"client": {"has_analytics": True}}, "AnalyticsConfiguration"),
    Case("W712", {"client": {"passes_user_context": True}}, "EnablePropagateAdditionalUserContextData"),
    Case(
        "W712",
        {"client": {"passes_user_context": True, "has_secret": False}, "pool": {"tier": "PLUS"}},
        "EnablePropagateAdditionalUserContextData",
    ),
    Case("E713", {"other_clients": (OTHERS_CLIENT,)}, "other (phone)"),
    Case(
        "E714",
        {"other_clients": (AppClientSettings(id="other", update=OTHERS),), "pool": {"schema": (ROLE,)}},
        "custom:role",
    ),
]
IDENTITY_POOLS = [
    Case("E801", {"identity_pools": (IdentityPool(id="eu:1", lets_strangers_in=True),)}, "AllowUnauthenticated"),
    Case("W802", {"identity_pools": (IdentityPool(id="eu:1", classic_flow=True),)}, "AllowClassicFlow"),
    Case("W803", {"identity_pools": (IdentityPool(id="eu:1"),)}, "ServerSideTokenCheck"),
]
PLUS = {"tier": "PLUS", "threat_protection": "ENFORCED"}
PROTECTION = [
    Case("W901", {"site": elsewhere()}, "DeletionProtection"),
    Case("W902", {"pool": {"tier": "PLUS"}}, "AdvancedSecurityMode"),
    Case("W903", {"pool": PLUS, "blocks_known_passwords": False}, "CompromisedCredentialsRiskConfiguration"),
    Case("I904", {"site": elsewhere()}, "LogConfigurations"),
    Case("E905", {"triggers": (Trigger(name="PreSignUp", function_arn=FUNCTION, callable=False),)}, "PreSignUp"),
    *(Case("I906", {"pool": {"triggers": {name: FUNCTION}}}, f"{name} {can}") for name, can in POWERFUL.items()),
    Case("I907", {"web_acl": "by-address"}, "by-address"),
]
RIGHTS = [
    Case("E921", {"principal": Principal(arn=SITE_KEY)}, "cognito-idp:DescribeUserPool"),
    Case("E921", {"principal": Principal(arn=SITE_KEY, allowed=READS)}, "AdminCreateUser", {"registration": "admin"}),
    Case(
        "W922", {"principal": Principal(arn=SITE_KEY, allowed=READS | {"iam:CreateAccessKey"})}, "iam:CreateAccessKey"
    ),
    Case(
        "W922",
        {"principal": Principal(arn=SITE_KEY, allowed=READS | {"cognito-idp:AdminAddUserToGroup"})},
        "AdminAddUserToGroup",
    ),
    Case("E921", {"principal": Principal(arn=SITE_KEY, allowed=READS)}, "AddUser", {"default_group": "everybody"}),
    Case("E921", {"principal": Principal(arn=SITE_KEY, allowed=READS)}, "AdminLinkProviderForUser", WITH_GOOGLE),
    Case("W922", {"principal": Principal(arn=SITE_KEY, allowed=READS | {LINKING})}, LINKING, WITH_ITS_OWN_PAGE),
    Case(
        "E921",
        {"principal": Principal(arn=SITE_KEY, allowed=READS)},
        "AdminInitiateAuth",
        {"auth_flow": "ADMIN_USER_PASSWORD_AUTH", "default_group": "everybody"},
    ),
    Case("W923", {"key": "arn:aws:iam::123456789012:root"}, "root"),
    Case(
        "W924",
        {"principal": Principal(arn=SITE_KEY, allowed=ADMINISTERING - {"cognito-idp:ListUsers"})},
        "not cognito-idp:ListUsers",
    ),
    Case("I925", {"key": "arn:aws:iam::123456789012:user/latchkey", "site": elsewhere()}, "user"),
    Case("W931", {"live_sessions": 300_000, "sign_in_quota": 120.0}, "300000 sessions refresh up to 86 times"),
]
CASES = [
    *PLACE,
    *SIGNING_IN,
    *TOKENS,
    *ATTRIBUTES,
    *PEOPLE,
    *FACTORS,
    *MESSAGES,
    *OTHER_APPS,
    *BY_PROVIDERS,
    *IDENTITY_POOLS,
    *PROTECTION,
    *RIGHTS,
]
