"""The pages of the domain for people without an account or without its password.

/signup, /confirm, /forgotPassword and /confirmForgotPassword, which MiniStack has not.
https://docs.aws.amazon.com/cognito/latest/developerguide/managed-login-endpoints.html
"""

from __future__ import annotations

from devcloud.cognito import (
    attributes,
    challenge_sessions,
    hosted_challenges,
    hosted_markup,
    recovery,
    second_step,
    sign_up,
)
from devcloud.cognito.attempt import Attempt
from devcloud.cognito.authorization import Authorization, Visit, redirect
from devcloud.cognito.errors import CognitoError
from devcloud.cognito.gate import Response
from devcloud.cognito.records import find_user

_ATTRIBUTE = "attribute."
_TYPED_PASSWORD = "HOSTED_CONFIRM"  # noqa: S105 -- a kind of session
_LABELS = {"email": "E-mail address", "phone_number": "Phone number"}


def username_label(asked: Authorization) -> str:
    """Return what people of this pool are asked to call themselves."""
    names = asked.user_pool.get("UsernameAttributes") or []
    return " or ".join(_LABELS[name] for name in names) or "Username"


def signup_page(visit: Visit, asked: Authorization, message: str = "") -> Response:
    """Return the form that makes an account."""
    own = asked.user_pool.get("UsernameAttributes") or []
    names = [name for name in attributes.missing(asked.user_pool, {}) if name not in own]
    typed = visit.fields
    fields = [
        hosted_markup.field(
            "username", username_label(asked), value=typed.get("username", ""), autocomplete="username"
        ),
        *(
            hosted_markup.field(_ATTRIBUTE + name, _LABELS.get(name, name), value=typed.get(_ATTRIBUTE + name, ""))
            for name in names
        ),
        hosted_markup.password("password", "Password", new=True),
        hosted_markup.buttons(["Sign up"]),
    ]
    return _page(visit, asked, "/signup", "Sign up", "".join(fields), message)


def signup(visit: Visit, asked: Authorization) -> Response:
    """Make the account, and ask for the code that was sent."""
    name, password = visit.fields.get("username", ""), visit.fields.get("password", "")
    typed = {key.removeprefix(_ATTRIBUTE): value for key, value in visit.fields.items() if key.startswith(_ATTRIBUTE)}
    request = {
        "ClientId": asked.app_client["ClientId"],
        "Username": name,
        # Without one SignUp makes an account that has none, which these pages do not offer.
        "Password": password or " ",
        "UserAttributes": [{"Name": key, "Value": value} for key, value in typed.items()],
    }
    try:
        made = sign_up.sign_up(request)
    except CognitoError as error:
        return signup_page(visit, asked, error.message)
    user = asked.user_pool["_users"][_username_of(asked, made["UserSub"])]
    if made["UserConfirmed"]:
        return _in(visit, asked, user["Username"])
    session = challenge_sessions.begin(asked.user_pool, asked.app_client, user["Username"], _TYPED_PASSWORD)
    return confirm_page(visit, asked, name, session=session)


def confirm_page(visit: Visit, asked: Authorization, name: str, message: str = "", session: str = "") -> Response:
    """Return the form for the code that confirms an account; ``session`` is of somebody who has typed the password."""
    fields = hosted_markup.code("code", "Code that we sent you") + hosted_markup.buttons(["Confirm account"])
    again = hosted_markup.form(
        "/confirm",
        {**asked.query, "username": name, "session": session, "resend": "yes"},
        hosted_markup.csrf_token(visit.headers),
        hosted_markup.buttons(["Send a new code"]),
    )
    hidden = {"username": name, "session": session}
    return _page(visit, asked, "/confirm", "Confirm your account", fields, message, hidden=hidden, after=again)


def confirm(visit: Visit, asked: Authorization) -> Response:
    """Confirm the account; whoever has just typed its password is in, everybody else signs in next."""
    name, session = visit.fields.get("username", ""), visit.fields.get("session", "")
    request = {"ClientId": asked.app_client["ClientId"], "Username": name}
    try:
        if visit.fields.get("resend"):
            sign_up.resend_confirmation_code(request)
            return confirm_page(visit, asked, name, "We sent a new code.", session)
        sign_up.confirm_sign_up(request | {"ConfirmationCode": visit.fields.get("code", "")})
    except CognitoError as error:
        return confirm_page(visit, asked, name, error.message, session)
    user = find_user(asked.user_pool, name)
    try:
        username = user["Username"] if user else name
        challenge_sessions.redeem(session, asked.app_client, username, _TYPED_PASSWORD)
    except CognitoError:
        return redirect(asked.link("/login"))
    return _in(visit, asked, username)


def forgot_page(visit: Visit, asked: Authorization, message: str = "") -> Response:
    """Return the form that asks for a code to choose a new password with."""
    known = visit.fields.get("username", "")
    fields = hosted_markup.field("username", username_label(asked), value=known, autocomplete="username")
    fields += hosted_markup.buttons(["Send me a code"])
    return _page(visit, asked, "/forgotPassword", "Forgot your password?", fields, message)


def forgot(visit: Visit, asked: Authorization) -> Response:
    """Send the code, and ask for it and the new password; for an unknown name it looks the same where the client hides.

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html
    """
    name = visit.fields.get("username", "")
    try:
        recovery.forgot_password({"ClientId": asked.app_client["ClientId"], "Username": name})
    except CognitoError as error:
        return forgot_page(visit, asked, error.message)
    return reset_page(visit, asked, name)


def reset_page(visit: Visit, asked: Authorization, name: str, message: str = "") -> Response:
    """Return the form for the code and a new password."""
    fields = [
        hosted_markup.code("code", "Code that we sent you"),
        hosted_markup.password("password", "New password", new=True),
        hosted_markup.buttons(["Change password"]),
    ]
    title, path = "Choose a new password", "/confirmForgotPassword"
    return _page(visit, asked, path, title, "".join(fields), message, hidden={"username": name})


def reset(visit: Visit, asked: Authorization) -> Response:
    """Change the password, and go to the sign-in page."""
    name = visit.fields.get("username", "")
    request = {
        "ClientId": asked.app_client["ClientId"],
        "Username": name,
        "ConfirmationCode": visit.fields.get("code", ""),
        "Password": visit.fields.get("password", ""),
    }
    try:
        recovery.confirm_forgot_password(request)
    except CognitoError as error:
        return reset_page(visit, asked, name, error.message)
    return redirect(asked.link("/login"))


def _in(visit: Visit, asked: Authorization, username: str) -> Response:
    attempt = Attempt(asked.user_pool, asked.app_client, {"USERNAME": username}, {})
    try:
        answer = second_step.after_password(attempt, asked.user_pool["_users"][username])
    except CognitoError as error:
        return hosted_markup.page("Sign in", hosted_markup.alert(error.message))
    return hosted_challenges.go_on(visit, asked, username, answer)


def _username_of(asked: Authorization, sub: str) -> str:
    user = find_user(asked.user_pool, sub)
    return user["Username"] if user else sub


def _page(
    visit: Visit,
    asked: Authorization,
    path: str,
    title: str,
    fields: str,
    message: str,
    *,
    hidden: dict[str, str] | None = None,
    after: str = "",
) -> Response:
    csrf = hosted_markup.csrf_token(visit.headers)
    content = hosted_markup.alert(message)
    content += hosted_markup.form(path, {**asked.query, **(hidden or {})}, csrf, fields) + after
    content += hosted_markup.link(asked.link("/login"), "Sign in")
    return hosted_markup.page(title, content, csrf=csrf)
