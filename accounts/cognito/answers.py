"""From boto3's dictionaries to the values of :mod:`accounts.cognito.results`: one function for each kind of answer.

No gateway imports another: what two of them have to read in the same way stands here.
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from accounts.cognito.challenges import ChallengeName
from accounts.cognito.errors import Unreachable
from accounts.cognito.factors import Factor
from accounts.cognito.results import (
    Attribute,
    AuthEvent,
    Challenge,
    CodeDelivery,
    Group,
    GroupsPage,
    Outcome,
    Passkey,
    PasswordPolicy,
    PeoplePage,
    Person,
    PoolDescription,
    Profile,
    Registration,
    Status,
    Tokens,
)

# WebAuthnConfiguration's FactorConfiguration where a passkey may stand for both factors.
BOTH_FACTORS = "MULTI_FACTOR_WITH_USER_VERIFICATION"
# Attributes people fill in themselves; the rest of the standard ones are flags or kept by Cognito.
NOT_FOR_FORMS = {"sub", "email_verified", "phone_number_verified", "updated_at", "identities"}


def outcome(answer: Mapping[str, Any], username: str, *, operation: str) -> Outcome:
    """Return the tokens or the challenge that ``operation`` answered; ``username`` is the name the person typed.

    Raises Unreachable for an answer with neither, whatever its HTTP status: an answer without an error may be empty.
    """
    if has_tokens(answer):
        return tokens(answer["AuthenticationResult"])
    name = answer.get("ChallengeName")
    if not name:
        raise Unreachable(operation, "EmptyAnswer")
    parameters = answer.get("ChallengeParameters") or {}
    return Challenge(
        name=name,
        # Cognito expects this name in the answer, and in its hash, even if the person typed an e-mail address.
        username=parameters.get("USER_ID_FOR_SRP") or username,
        session=answer.get("Session") or "",
        parameters=parameters,
        available=tuple(answer.get("AvailableChallenges") or ()),
    )


def refreshed(answer: Mapping[str, Any], *, operation: str) -> Tokens:
    """Return the tokens that ``operation`` answered. Raises Unreachable for an answer without."""
    if not has_tokens(answer):
        raise Unreachable(operation, "EmptyAnswer")
    return tokens(answer["AuthenticationResult"])


def has_tokens(answer: Mapping[str, Any]) -> bool:
    """Whether ``answer`` holds both an access token and an ID token."""
    result = answer.get("AuthenticationResult") or {}
    return bool(result.get("AccessToken") and result.get("IdToken"))


def tokens(result: Mapping[str, Any]) -> Tokens:
    """Return the tokens of an AuthenticationResult."""
    return Tokens(
        id_token=result["IdToken"],
        access_token=result["AccessToken"],
        refresh_token=result.get("RefreshToken") or "",
        expires_in=shorter_life(result["IdToken"], int(result.get("ExpiresIn") or 300)),
    )


def shorter_life(id_token: str, seconds: int) -> int:
    """Return ``seconds``, the life of an access token, or that of the ``id_token`` won with it, whichever is less.

    A client's two kinds of tokens may live for different times, and Cognito tells that of the access token alone. Both
    are renewed together, so both are good until the first of them ends. Only the difference of two claims is read,
    before they are verified: a token that is not genuine is refused later.
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html
    """
    try:
        payload = id_token.split(".")[1]
        claims = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        life = int(claims["exp"]) - int(claims["iat"])
    except (IndexError, KeyError, OverflowError, RecursionError, TypeError, ValueError):
        return seconds
    return life if 0 < life < seconds else seconds


def registration(answer: Mapping[str, Any]) -> Registration:
    """Return the outcome of SignUp. Raises Unreachable for an answer that names no account."""
    if not answer.get("UserSub"):
        raise Unreachable("SignUp", "EmptyAnswer")
    return Registration(confirmed=bool(answer.get("UserConfirmed")), session=answer.get("Session") or "")


def delivery(details: Mapping[str, Any] | None) -> CodeDelivery:
    """Return where a code went, from CodeDeliveryDetails; a delivery without details is an empty one."""
    known = details or {}
    return CodeDelivery(destination=known.get("Destination", ""), attribute=known.get("AttributeName", ""))


def deliveries(answer: Mapping[str, Any]) -> tuple[CodeDelivery, ...]:
    """Return where the codes went that UpdateUserAttributes sent."""
    return tuple(delivery(details) for details in answer.get("CodeDeliveryDetailsList") or ())


def profile(answer: Mapping[str, Any]) -> Profile:
    """Return the person in an answer of GetUser. Raises Unreachable for an answer that names nobody."""
    if not answer.get("Username"):
        raise Unreachable("GetUser", "EmptyAnswer")
    return Profile(
        username=answer["Username"],
        attributes=attributes(answer.get("UserAttributes")),
        factors=Factor.all_named(answer.get("UserMFASettingList") or ()),
        preferred_factor=Factor.named(answer.get("PreferredMfaSetting") or ""),
    )


def attributes(entries: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """Return a list of AttributeType as a dictionary; an attribute without a value is empty."""
    return {entry["Name"]: entry.get("Value", "") for entry in entries or ()}


def person(entry: Mapping[str, Any], *, operation: str) -> Person:
    """Return the person in ``entry``, a UserType or an answer of AdminGetUser, which calls the attributes otherwise.

    Raises Unreachable for an answer of ``operation`` that names nobody.
    """
    if not entry.get("Username"):
        raise Unreachable(operation, "EmptyAnswer")
    described = attributes(entry.get("UserAttributes") or entry.get("Attributes"))
    return Person(
        username=entry["Username"],
        sub=described.get("sub", ""),
        status=Status.named(entry.get("UserStatus", "")),
        enabled=bool(entry.get("Enabled", True)),
        created_at=entry.get("UserCreateDate"),
        changed_at=entry.get("UserLastModifiedDate"),
        attributes=described,
        factors=Factor.all_named(entry.get("UserMFASettingList") or ()),
        preferred_factor=Factor.named(entry["PreferredMfaSetting"]) if entry.get("PreferredMfaSetting") else None,
        tells_factors=operation == "AdminGetUser",
    )


def listed(answer: Mapping[str, Any], member: str, *, operation: str) -> Sequence[Mapping[str, Any]]:
    """Return the list called ``member`` in an answer of ``operation``.

    Raises Unreachable for an answer that has none, which is no empty list: people lose what they are not listed with.
    """
    found: Sequence[Mapping[str, Any]] | None = answer.get(member)
    if found is None:
        raise Unreachable(operation, "EmptyAnswer")
    return found


def people(answer: Mapping[str, Any]) -> PeoplePage:
    """Return the page of people that ListUsers answered."""
    found = tuple(person(entry, operation="ListUsers") for entry in listed(answer, "Users", operation="ListUsers"))
    return PeoplePage(found, answer.get("PaginationToken") or "")


def members(answer: Mapping[str, Any]) -> PeoplePage:
    """Return the page of people that ListUsersInGroup answered, which calls its token otherwise than ListUsers."""
    operation = "ListUsersInGroup"
    found = tuple(person(entry, operation=operation) for entry in listed(answer, "Users", operation=operation))
    return PeoplePage(found, answer.get("NextToken") or "")


def group(entry: Mapping[str, Any], *, operation: str) -> Group:
    """Return the group in ``entry``, a GroupType. Raises Unreachable for an answer of ``operation`` that names none."""
    if not entry.get("GroupName"):
        raise Unreachable(operation, "EmptyAnswer")
    return Group(
        name=entry["GroupName"],
        description=entry.get("Description") or "",
        precedence=entry.get("Precedence"),
        role_arn=entry.get("RoleArn") or "",
        created_at=entry.get("CreationDate"),
        changed_at=entry.get("LastModifiedDate"),
    )


def groups(answer: Mapping[str, Any]) -> GroupsPage:
    """Return the page of groups that ListGroups answered."""
    found = tuple(group(entry, operation="ListGroups") for entry in listed(answer, "Groups", operation="ListGroups"))
    return GroupsPage(found, answer.get("NextToken") or "")


def auth_event(entry: Mapping[str, Any]) -> AuthEvent:
    """Return one of the events that AdminListUserAuthEvents answered."""
    whence = entry.get("EventContextData") or {}
    return AuthEvent(
        at=entry["CreationDate"],
        kind=entry.get("EventType", ""),
        outcome=entry.get("EventResponse", ""),
        risk=(entry.get("EventRisk") or {}).get("RiskLevel", ""),
        ip_address=whence.get("IpAddress", ""),
        device=whence.get("DeviceName", ""),
        city=whence.get("City", ""),
        country=whence.get("Country", ""),
    )


def passkeys(answer: Mapping[str, Any]) -> tuple[Passkey, ...]:
    """Return the passkeys in an answer of ListWebAuthnCredentials. Raises Unreachable for an answer without a list."""
    return tuple(
        Passkey(
            id=entry["CredentialId"],
            name=entry.get("FriendlyCredentialName", ""),
            created_at=entry["CreatedAt"],
            attachment=entry.get("AuthenticatorAttachment", ""),
        )
        for entry in listed(answer, "Credentials", operation="ListWebAuthnCredentials")
    )


def pool_description(pool: Mapping[str, Any], client: Mapping[str, Any], mfa: Mapping[str, Any]) -> PoolDescription:
    """Return what DescribeUserPool, DescribeUserPoolClient and GetUserPoolMfaConfig say of a pool."""
    policies, passkeys = pool.get("Policies", {}), mfa.get("WebAuthnConfiguration", {})
    updates = pool.get("UserAttributeUpdateSettings") or {}
    # A person may choose how to sign in where the pool and the client both allow it.
    may_choose = "ALLOW_USER_AUTH" in client.get("ExplicitAuthFlows", ())
    first_factors = policies.get("SignInPolicy", {}).get("AllowedFirstAuthFactors", ()) if may_choose else ()
    return PoolDescription(
        password_policy=password_policy(policies.get("PasswordPolicy", {})),
        attributes=writable_attributes(pool, client.get("WriteAttributes") or None),
        mfa_factors=mfa_factors(mfa),
        requires_second_step=mfa.get("MfaConfiguration") == "ON",
        relying_party=passkeys.get("RelyingPartyId", ""),
        user_verification=user_verification(passkeys),
        first_factors=frozenset(first_factors) | {ChallengeName.PASSWORD},
        auto_verified=frozenset(pool.get("AutoVerifiedAttributes") or ()),
        proved_first=frozenset(updates.get("AttributesRequireVerificationBeforeUpdate") or ()),
        passkeys_satisfy_mfa=passkeys.get("FactorConfiguration") == BOTH_FACTORS,
        recovers_by=recovers_by(pool.get("AccountRecoverySetting") or {}),
        writes_own_mails=bool({"CustomMessage", "CustomEmailSender"} & (pool.get("LambdaConfig") or {}).keys()),
        invited_only=bool((pool.get("AdminCreateUserConfig") or {}).get("AllowAdminCreateUserOnly")),
        # https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html
        challenge_minutes=client.get("AuthSessionValidity") or 3,
    )


def recovers_by(setting: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the attributes that a forgotten password is recovered by, in their order; none where only staff may.

    Without a setting a number comes before an address.
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AccountRecoverySettingType.html
    """
    ways = sorted(setting.get("RecoveryMechanisms") or (), key=lambda way: way.get("Priority", 0))
    names = [way.get("Name", "") for way in ways] or ["verified_phone_number", "verified_email"]
    return tuple(name.removeprefix("verified_") for name in names if name.startswith("verified_"))


def user_verification(passkeys: Mapping[str, Any]) -> str:
    """Return what the pool's options for a passkey say of user verification; a key that is both steps requires it.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_WebAuthnConfigurationType.html
    """
    return (
        "required"
        if passkeys.get("FactorConfiguration") == BOTH_FACTORS
        else passkeys.get("UserVerification", "preferred")
    )


def mfa_factors(mfa: Mapping[str, Any]) -> frozenset[Factor]:
    """Return the second factors in an answer of GetUserPoolMfaConfig; none where MFA is off."""
    if mfa.get("MfaConfiguration") == "OFF":
        return frozenset()
    factors = {
        Factor.TOTP: mfa.get("SoftwareTokenMfaConfiguration", {}).get("Enabled", False),
        Factor.SMS: "SmsMfaConfiguration" in mfa,
        Factor.EMAIL: "EmailMfaConfiguration" in mfa,
    }
    return frozenset(factor for factor, on in factors.items() if on)


def password_policy(policy: Mapping[str, Any]) -> PasswordPolicy:
    """Return the policy in an answer of DescribeUserPool; what it leaves out is not required."""
    return PasswordPolicy(
        minimum_length=policy.get("MinimumLength", 8),
        require_lowercase=policy.get("RequireLowercase", False),
        require_uppercase=policy.get("RequireUppercase", False),
        require_numbers=policy.get("RequireNumbers", False),
        require_symbols=policy.get("RequireSymbols", False),
        # AWS's own number where a policy does not say, or says 0, which stands for it.
        temporary_days=policy.get("TemporaryPasswordValidityDays") or 7,
    )


def writable_attributes(pool: Mapping[str, Any], writable: list[str] | None) -> tuple[Attribute, ...]:
    """Return the attributes of the pool's schema a person may fill in, in the schema's order.

    ``writable`` are the client's WriteAttributes; None means that the client may write every one.
    """
    return tuple(
        Attribute(
            name=entry["Name"],
            required=entry.get("Required", False),
            mutable=entry.get("Mutable", True),
            maximum_length=int(entry.get("StringAttributeConstraints", {}).get("MaxLength") or 2048),
        )
        for entry in pool.get("SchemaAttributes", ())
        if entry["Name"] not in NOT_FOR_FORMS
        and not entry["Name"].startswith("dev:")
        and (writable is None or entry["Name"] in writable or entry.get("Required"))
    )
