"""Second factors, passkeys, and the way back to a lost password."""

from accounts.cognito.inspected import FactorSettings, UserPoolSettings
from accounts.cognito.sign_in_names import NameKind
from accounts.doctor.fixes import Fix, change_factors, change_pool, setting, template, template_sets
from accounts.doctor.registry import Finding, rule
from accounts.doctor.site import Site

BOTH_FACTORS = "MULTI_FACTOR_WITH_USER_VERIFICATION"
PHONE_FIRST = [{"Name": "verified_phone_number", "Priority": 1}, {"Name": "verified_email", "Priority": 2}]
BOTH_WAYS = [{"Name": "verified_email", "Priority": 1}, {"Name": "verified_phone_number", "Priority": 2}]
PASSKEYS = template("RelyingPartyId set to the host of SITE_URL")


def is_for_host(relying_party: str, host: str) -> bool:
    """Whether passkeys of ``relying_party`` work on ``host``: the same, or a parent domain of it."""
    return host == relying_party or host.endswith(f".{relying_party}")


@rule("W501", "A stolen password is all that it takes.")
def second_factors_are_offered(factors: FactorSettings) -> Finding | None:
    """People can have a second factor (MfaConfiguration OPTIONAL or ON).

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html
    """
    if factors.offered:
        return None
    return Finding(f"MfaConfiguration of the pool is {factors.mode}.", with_app(factors))


def with_app(factors: FactorSettings, mode: str = "OPTIONAL") -> Fix:
    """Return the fix that offers authenticator apps."""
    return change_factors(
        factors,
        template_sets("MfaConfiguration"),
        MfaConfiguration=mode,
        SoftwareTokenMfaConfiguration={"Enabled": True},
    )


@rule("E502", "No administrator can enter: the admin asks for what nobody can set up.")
def administrators_can_have_a_factor(site: Site, factors: FactorSettings) -> Finding | None:
    """The pool offers second factors where ADMIN_REQUIRES_MFA is on."""
    if not site.admin_requires_mfa or factors.offered:
        return None
    return Finding(f"ADMIN_REQUIRES_MFA is on, and MfaConfiguration of the pool is {factors.mode}.", with_app(factors))


@rule("E503", "Newcomers are stuck: no step of a sign-in sets up a code by mail or text message.")
def a_required_factor_can_be_set_up(factors: FactorSettings) -> Finding | None:
    """Where second factors are required, authenticator apps are among them.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html, MFA_SETUP
    """
    if factors.mode != "ON" or factors.app:
        return None
    return Finding(
        "MfaConfiguration of the pool is ON, and SoftwareTokenMfaConfiguration is not Enabled.", with_app(factors, "ON")
    )


@rule("E504", "No browser takes a passkey for another domain than the page's own or a parent of it.")
def passkeys_are_for_this_site(site: Site, pool: UserPoolSettings, factors: FactorSettings) -> Finding | None:
    """The relying party of passkeys is the host of SITE_URL or a parent of it.

    https://www.w3.org/TR/webauthn-3/#relying-party-identifier. A pool with passkeys and no relying party has its own
    domain's: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_WebAuthnConfigurationType.html
    """
    if "WEB_AUTHN" not in pool.first_factors:
        return None
    relying_party = factors.relying_party or pool.custom_domain
    if relying_party and is_for_host(relying_party, site.host):
        return None
    return Finding(
        f"RelyingPartyId of the pool is {relying_party or 'not set'}, and SITE_URL is on {site.host}.",
        change_factors(factors, PASSKEYS, WebAuthnConfiguration={"RelyingPartyId": site.host}),
    )


@rule("W505", "People with a second factor cannot use their passkey at all.")
def passkeys_count_as_both_steps(pool: UserPoolSettings, factors: FactorSettings) -> Finding | None:
    """A passkey counts as both steps of a sign-in where people may have a second factor.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html
    """
    if "WEB_AUTHN" not in pool.first_factors or not factors.offered or factors.passkey_counts_as == BOTH_FACTORS:
        return None
    return Finding(
        f"FactorConfiguration of the pool's passkeys is {factors.passkey_counts_as}.",
        change_factors(
            factors,
            template_sets("WebAuthnFactorConfiguration"),
            WebAuthnConfiguration=verified(factors, FactorConfiguration=BOTH_FACTORS),
        ),
    )


def verified(factors: FactorSettings, **changes: str) -> dict[str, str]:
    """Return a WebAuthnConfiguration that asks who holds the device."""
    kept = {"RelyingPartyId": factors.relying_party} if factors.relying_party else {}
    return {**kept, "UserVerification": "required", **changes}


@rule("W506", "Whoever picks up an unlocked key is in: the passkey stands for the password and asks nothing.")
def passkeys_ask_who_holds_them(pool: UserPoolSettings, factors: FactorSettings) -> Finding | None:
    """A passkey asks who holds it (UserVerification required).

    AWS's default is preferred; a passkey that counts as both steps requires it.
    """
    requires = factors.user_verification == "required" or factors.passkey_counts_as == BOTH_FACTORS
    if "WEB_AUTHN" not in pool.first_factors or requires:
        return None
    return Finding(
        f"UserVerification of the pool's passkeys is {factors.user_verification}.",
        change_factors(factors, template_sets("WebAuthnUserVerification"), WebAuthnConfiguration=verified(factors)),
    )


@rule("I507", "Whoever reads a person's mail or text messages is in, with no password.")
def codes_do_not_replace_passwords(pool: UserPoolSettings) -> Finding | None:
    """A mailed or texted code alone lets nobody in.

    https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html
    """
    codes = sorted(pool.first_factors & {"EMAIL_OTP", "SMS_OTP"})
    if not codes:
        return None
    kept = sorted(pool.first_factors - set(codes)) or ["PASSWORD"]
    sign_in = {"SignInPolicy": {"AllowedFirstAuthFactors": kept}}
    return Finding(
        f"AllowedFirstAuthFactors of the pool has {', '.join(codes)}.",
        change_pool(pool, template("EmailSignIn=off"), Policies=sign_in),
    )


@rule("E511", "Nobody can choose a new password who has forgotten theirs, though the page offers it.")
def people_can_recover(site: Site, pool: UserPoolSettings, factors: FactorSettings) -> Finding | None:
    """A forgotten password can be replaced by a code to a proved address, or number where people register with that.

    E-mail cannot be the only way where second factors are mailed, too:
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AccountRecoverySettingType.html
    """
    contact = site.config.sign_in_with.contact
    if f"verified_{contact}" in pool.recovery:
        return None
    by_mail = BOTH_WAYS if factors.mail else BOTH_WAYS[:1]
    ways = PHONE_FIRST if contact is NameKind.PHONE else by_mail
    return Finding(
        f"AccountRecoverySetting of the pool is {', '.join(pool.recovery)}.",
        change_pool(pool, template_sets("AccountRecoverySetting"), AccountRecoverySetting={"RecoveryMechanisms": ways}),
    )


@rule("W512", "Whoever takes over a telephone number, which a call to the provider may do, takes over the account.")
def text_messages_recover_last(site: Site, pool: UserPoolSettings) -> Finding | None:
    """A new password is mailed before it is sent to a telephone, unless people register with that.

    Unless AccountRecoverySetting says otherwise, Cognito takes the telephone first.
    """
    if site.config.sign_in_with.contact is NameKind.PHONE:
        return None
    if "verified_phone_number" not in pool.recovery or pool.recovery[0] == "verified_email":
        return None
    return Finding(
        f"AccountRecoverySetting of the pool is {' before '.join(pool.recovery)}.",
        change_pool(
            pool, template_sets("AccountRecoverySetting"), AccountRecoverySetting={"RecoveryMechanisms": BOTH_WAYS}
        ),
    )


@rule("E513", "Nobody whose second factor is mailed can choose a new password: Cognito mails no second code.")
def mailed_factors_leave_a_way_back(pool: UserPoolSettings, factors: FactorSettings) -> Finding | None:
    """Where codes are mailed as second factor, a new password can be had in another way than by mail."""
    if factors.mode == "OFF" or not factors.mail or set(pool.recovery) - {"verified_email", "admin_only"}:
        return None
    return Finding(
        f"EmailMfaConfiguration of the pool is set, and AccountRecoverySetting is {', '.join(pool.recovery)} alone.",
        change_pool(
            pool, template("EmailMfa=off, or TextMessages=on"), AccountRecoverySetting={"RecoveryMechanisms": BOTH_WAYS}
        ),
    )


@rule("E514", "The choice of how to sign in, and passkeys, are shown to nobody.")
def chosen_flow_has_choices(site: Site, pool: UserPoolSettings) -> Finding | None:
    """COGNITO_AUTH_FLOW is USER_AUTH only where the pool lets people choose."""
    if site.config.auth_flow != "USER_AUTH" or pool.first_factors - {"PASSWORD"}:
        return None
    return Finding(
        "COGNITO_AUTH_FLOW is USER_AUTH, and AllowedFirstAuthFactors of the pool is PASSWORD alone.",
        setting("COGNITO_AUTH_FLOW", "USER_PASSWORD_AUTH"),
    )
