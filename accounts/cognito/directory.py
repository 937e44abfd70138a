"""What an AWS key may do in the pool: read how it is set up, and act on people."""

from collections.abc import Mapping
from typing import Any

from accounts.cognito.client import Gateway
from accounts.cognito.results import Attribute, PasswordPolicy, PoolDescription

# WebAuthnConfiguration's FactorConfiguration where a passkey may stand for both factors.
BOTH_FACTORS = "MULTI_FACTOR_WITH_USER_VERIFICATION"
# Attributes people fill in themselves; the rest of the standard ones are flags or kept by Cognito.
NOT_FOR_FORMS = {"sub", "email_verified", "phone_number_verified", "updated_at", "identities"}


class Directory(Gateway):
    """The operations that AWS signs and IAM allows. The client must be a signed one.

    All raise Misconfigured where the key lacks the permission.
    """

    def describe(self) -> PoolDescription:
        """Return the pool's password policy, factors and the attributes this app client may write.

        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DescribeUserPool.html
        """
        pool_id = self._config.user_pool_id
        pool = self._call("DescribeUserPool", UserPoolId=pool_id)["UserPool"]
        client = self._call("DescribeUserPoolClient", UserPoolId=pool_id, ClientId=self._config.client_id)[
            "UserPoolClient"
        ]
        mfa = self._call("GetUserPoolMfaConfig", UserPoolId=pool_id)
        passkeys = mfa.get("WebAuthnConfiguration", {})
        factors = {
            "SOFTWARE_TOKEN_MFA": mfa.get("SoftwareTokenMfaConfiguration", {}).get("Enabled", False),
            "SMS_MFA": "SmsMfaConfiguration" in mfa,
            "EMAIL_OTP": "EmailMfaConfiguration" in mfa,
        }
        # Choice-based sign-in takes the pool's leave and the client's.
        may_choose = "ALLOW_USER_AUTH" in client.get("ExplicitAuthFlows", ())
        first_factors = pool.get("Policies", {}).get("SignInPolicy", {}).get("AllowedFirstAuthFactors", ())
        return PoolDescription(
            password_policy=password_policy(pool.get("Policies", {}).get("PasswordPolicy", {})),
            attributes=writable_attributes(pool, client.get("WriteAttributes") or None),
            mfa_factors=frozenset(name for name, on in factors.items() if on and mfa.get("MfaConfiguration") != "OFF"),
            mfa_required=mfa.get("MfaConfiguration") == "ON",
            relying_party=passkeys.get("RelyingPartyId", ""),
            user_verification=user_verification(passkeys),
            first_factors=frozenset(first_factors if may_choose else ()) | {"PASSWORD"},
            passkeys_satisfy_mfa=mfa.get("WebAuthnConfiguration", {}).get("FactorConfiguration") == BOTH_FACTORS,
        )

    def add_to_group(self, username: str, group: str) -> None:
        """Put ``username`` into ``group``; being in it already is no error. Raises UserNotFound, Misconfigured."""
        self._call("AdminAddUserToGroup", UserPoolId=self._config.user_pool_id, Username=username, GroupName=group)


def user_verification(passkeys: Mapping[str, Any]) -> str:
    """Return what the pool's options for a passkey say of user verification; a key that is both steps requires it.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_WebAuthnConfigurationType.html
    """
    if passkeys.get("FactorConfiguration") == "MULTI_FACTOR_WITH_USER_VERIFICATION":
        return "required"
    return str(passkeys.get("UserVerification", "preferred"))


def password_policy(policy: Mapping[str, Any]) -> PasswordPolicy:
    """Return the policy in an answer of DescribeUserPool; what it leaves out is not required."""
    return PasswordPolicy(
        minimum_length=policy.get("MinimumLength", 8),
        require_lowercase=policy.get("RequireLowercase", False),
        require_uppercase=policy.get("RequireUppercase", False),
        require_numbers=policy.get("RequireNumbers", False),
        require_symbols=policy.get("RequireSymbols", False),
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
