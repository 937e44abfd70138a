"""Gives people in a pool a second factor, faster than they could themselves, and shows its codes."""

from __future__ import annotations

import time

import pyotp

from tests.local_pool import LocalPool, Person

PREFERRED = {"Enabled": True, "PreferredMfa": True}
ON = {"Enabled": True, "PreferredMfa": False}


class AuthenticatorApp:
    """An authenticator app with one account in it. Cognito takes each code once, so each call shows another one."""

    def __init__(self, secret: str) -> None:
        self._totp = pyotp.TOTP(secret.replace(" ", ""))
        self._shown = 0

    def first_code(self) -> str:
        """Return the code that sets the app up; setting up does not use it up."""
        return str(self._totp.now())

    def code(self) -> str:
        """Return a code nobody has used, at most twice within half a minute."""
        self._shown += 1
        return str(self._totp.at(time.time() + 30 * (self._shown - 1)))

    def wrong_code(self) -> str:
        """Return a code that the app shows neither now nor a minute earlier or later."""
        near = {str(self._totp.at(time.time() + 30 * step)) for step in range(-3, 4)}
        return next(code for code in (f"{number:06}" for number in range(10)) if code not in near)


def access_token(pool: LocalPool, person: Person) -> str:
    """Return a token with which `person`, who has no second factor yet, acts on the own account."""
    return programs_tokens(pool, person)["AccessToken"]


def programs_tokens(pool: LocalPool, person: Person) -> dict[str, str]:
    """Return the tokens of `person`, who has no second factor yet, as a program gets them at Cognito itself."""
    config = pool.config
    secret_hash = config.secret_hash(person.email)
    parameters = {"USERNAME": person.email, "PASSWORD": person.password}
    answer = pool.root.admin_initiate_auth(
        UserPoolId=pool.id,
        ClientId=config.client_id,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters=parameters | ({"SECRET_HASH": secret_hash} if secret_hash else {}),
    )
    tokens: dict[str, str] = answer["AuthenticationResult"]
    return tokens


def with_app(pool: LocalPool, person: Person, *, preferred: bool = True) -> AuthenticatorApp:
    """Set up an authenticator app for `person` and have its code asked for."""
    token = access_token(pool, person)
    app = AuthenticatorApp(pool.root.associate_software_token(AccessToken=token)["SecretCode"])
    pool.root.verify_software_token(AccessToken=token, UserCode=app.first_code())
    pool.admin("set_user_mfa_preference", person, SoftwareTokenMfaSettings=PREFERRED if preferred else ON)
    return app


def with_mail(pool: LocalPool, person: Person) -> None:
    """Have `person` asked for a mailed code."""
    pool.admin("set_user_mfa_preference", person, EmailMfaSettings=PREFERRED)


def with_text_message(pool: LocalPool, person: Person, number: str) -> None:
    """Give `person` the telephone `number` and have them asked for a code sent there."""
    # Said to be verified, or it would wait for a code.
    attributes = {"phone_number": number, "phone_number_verified": "true"}
    listed = [{"Name": name, "Value": value} for name, value in attributes.items()]
    pool.admin("update_user_attributes", person, UserAttributes=listed)
    pool.admin("set_user_mfa_preference", person, SMSMfaSettings=PREFERRED)
