"""What a signed-in person may do to their own account: every call carries their access token."""

from collections.abc import Mapping
from typing import Any

from accounts.cognito import answers
from accounts.cognito.client import Gateway
from accounts.cognito.errors import (
    AccessTokenRefused,
    AccountGone,
    FactorNotSetUp,
    NotAuthorized,
    NotConfirmed,
    PasswordResetRequired,
    Unreachable,
    UserNotFound,
)
from accounts.cognito.factors import Factor
from accounts.cognito.results import CodeDelivery, Passkey, Profile


class UserAccount(Gateway):
    """The operations that act for whoever an access token belongs to; the token is passed in and never kept.

    All raise AccessTokenRefused for a token that no longer works and AccountGone for a person who is no longer there,
    besides what each names.
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/
    """

    def _call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Return the answer to ``operation``; a refusal of the person's own token is told from any other one.

        An administrator who demands a new password, or takes back a confirmation, refuses every token as well.
        Raises AccessTokenRefused, AccountGone, besides what Gateway's raises.
        """
        if parameters.get("AccessToken") is None:
            return super()._call(operation, **parameters)
        try:
            return super()._call(operation, **parameters)
        except (NotAuthorized, NotConfirmed, PasswordResetRequired) as refused:
            raise AccessTokenRefused(refused.operation, refused.code, refused.request_id) from refused
        except UserNotFound as refused:
            raise AccountGone(refused.operation, refused.code, refused.request_id) from refused

    def get_user(self, access_token: str) -> Profile:
        """Return the person's name, attributes and factors."""
        return answers.profile(self._call("GetUser", AccessToken=access_token))

    def update_attributes(self, access_token: str, attributes: Mapping[str, str]) -> tuple[CodeDelivery, ...]:
        """Write ``attributes``; return the codes sent to addresses that have to be confirmed first.

        Raises AliasTaken, InputRejected, CodeNotDelivered.
        """
        answer = self._call(
            "UpdateUserAttributes",
            AccessToken=access_token,
            UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
        )
        return answers.deliveries(answer)

    def delete_attributes(self, access_token: str, names: list[str]) -> None:
        """Remove the attributes called ``names``."""
        self._call("DeleteUserAttributes", AccessToken=access_token, UserAttributeNames=names)

    def send_attribute_code(self, access_token: str, attribute: str) -> CodeDelivery:
        """Send a code that proves ``attribute`` (email or phone_number). Raises TooManyAttempts, CodeNotDelivered."""
        answer = self._call("GetUserAttributeVerificationCode", AccessToken=access_token, AttributeName=attribute)
        return answers.delivery(answer.get("CodeDeliveryDetails"))

    def verify_attribute(self, access_token: str, attribute: str, code: str) -> None:
        """Prove ``attribute`` by its code. Raises WrongCode, ExpiredCode, AliasTaken, TooManyAttempts."""
        self._call("VerifyUserAttribute", AccessToken=access_token, AttributeName=attribute, Code=code)

    def change_password(self, access_token: str, old_password: str, new_password: str) -> None:
        """Change the password. Raises NotAuthorized for a wrong old one, PasswordRejected, TooManyAttempts."""
        self._call(
            "ChangePassword",
            AccessToken=access_token,
            PreviousPassword=old_password,
            ProposedPassword=new_password,
        )

    def associate_software_token(self, access_token: str | None = None, session: str | None = None) -> tuple[str, str]:
        """Return a new secret for an authenticator app (base 32), and the session that goes on.

        During a sign-in ``session`` is the challenge's; for somebody signed in, the access token stands instead.
        """
        answer = self._call("AssociateSoftwareToken", AccessToken=access_token, Session=session)
        if not answer.get("SecretCode"):
            raise Unreachable("AssociateSoftwareToken", "EmptyAnswer")
        return answer["SecretCode"], answer.get("Session") or ""

    def verify_software_token(
        self, code: str, *, access_token: str | None = None, session: str | None = None, device_name: str = ""
    ) -> str:
        """Prove that the app shows the right codes; return the session that goes on.

        Raises FactorNotSetUp or WrongCode for a wrong code: Cognito may say so with an error, or in a good answer.
        """
        answer = self._call(
            "VerifySoftwareToken",
            AccessToken=access_token,
            Session=session,
            UserCode=code,
            FriendlyDeviceName=device_name or None,
        )
        if answer.get("Status") != "SUCCESS":
            raise FactorNotSetUp("VerifySoftwareToken", str(answer.get("Status", "EmptyAnswer")))
        return answer.get("Session") or ""

    def set_mfa_preference(
        self, access_token: str, factors: Mapping[Factor, tuple[bool, bool]], *, passkeys: bool | None = None
    ) -> None:
        """Switch ``factors``: whether each is on, and whether it is preferred. Others stay as they are.

        ``passkeys`` says whether a passkey stands for both steps of this person; None leaves that as it is.
        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_WebAuthnMfaSettingsType.html

        Raises InputRejected for one the pool or the person cannot use.
        """
        self._call(
            "SetUserMFAPreference",
            AccessToken=access_token,
            **{
                factor.setting: {"Enabled": enabled, "PreferredMfa": enabled and preferred}
                for factor, (enabled, preferred) in factors.items()
            },
            WebAuthnMfaSettings=None if passkeys is None else {"Enabled": passkeys},
        )

    def start_passkey_registration(self, access_token: str) -> dict[str, Any]:
        """Return the options for ``navigator.credentials.create``. Raises Misconfigured where passkeys are off."""
        answer = self._call("StartWebAuthnRegistration", AccessToken=access_token)
        options = answer.get("CredentialCreationOptions")
        if not isinstance(options, dict):
            raise Unreachable("StartWebAuthnRegistration", "EmptyAnswer")
        return options

    def complete_passkey_registration(self, access_token: str, credential: Mapping[str, Any]) -> None:
        """Add the passkey the browser made. Raises PasskeyRefused, TooManyPasskeys, InputRejected."""
        self._call("CompleteWebAuthnRegistration", AccessToken=access_token, Credential=dict(credential))

    def list_passkeys(self, access_token: str) -> tuple[Passkey, ...]:
        """Return the person's passkeys, at most the twenty Cognito keeps."""
        return answers.passkeys(self._call("ListWebAuthnCredentials", AccessToken=access_token, MaxResults=20))

    def delete_passkey(self, access_token: str, passkey_id: str) -> None:
        """Forget a passkey."""
        self._call("DeleteWebAuthnCredential", AccessToken=access_token, CredentialId=passkey_id)

    def global_sign_out(self, access_token: str) -> None:
        """End every refresh token of the person."""
        self._call("GlobalSignOut", AccessToken=access_token)

    def delete_user(self, access_token: str) -> None:
        """Delete the account for good."""
        self._call("DeleteUser", AccessToken=access_token)
