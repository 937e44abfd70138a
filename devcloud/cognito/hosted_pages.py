"""The sign-in pages of the pool's domain: second factors, random codes, the lockout, and GET /login.

MiniStack's pages let people in without their second factor, take the code 123456 from everybody as often as it is
typed, and are not found at /login. https://docs.aws.amazon.com/cognito/latest/developerguide/login-endpoint.html.
Of several second factors without a preferred one the first is asked for.
"""

from __future__ import annotations

import html
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import ministack.app as ministack_app
from ministack.services import cognito as ministack

from devcloud.cognito import (
    challenge_sessions,
    codes,
    lockout,
    messages,
    mfa,
    passwords,
    software_tokens,
    token_endpoint,
)
from devcloud.cognito.errors import CognitoError
from devcloud.cognito.gate import Response, lock
from devcloud.cognito.records import Pool, User, attributes, find_user
from devcloud.patching import replace

_CHALLENGE = "HOSTED_MFA"
_CODE_DIGITS = 8
_stock_redirect: Callable[..., Response] = ministack._issue_auth_code_redirect
_stock_submit: Callable[..., Response] = ministack.handle_login_submit
_stock_choice: Callable[[str, dict[str, str]], Response] = ministack._handle_user_auth_submit
_stock_get: Callable[..., Awaitable[Response | None]] = ministack_app._handle_cognito_get_request
_stock_post: Callable[..., Awaitable[Response | None]] = ministack_app._handle_cognito_body_request


def _redirect(client_id: str, pool_id: str, redirect_uri: str, scope: str, username: str, *rest: str) -> Response:
    """Ask for the second factor, if there is one, before the authorization code is given out."""
    _id, user_pool, app_client = ministack._find_pool_by_client_id(client_id)
    user = user_pool["_users"][username]
    names = mfa.factors(user_pool, user)
    arguments = [client_id, pool_id, redirect_uri, scope, username, *rest]
    if not names:
        if user_pool.get("MfaConfiguration") == "ON":
            return _page("", "This account needs a second factor that is set up in the application.")
        return _stock_redirect(*arguments)
    code = mfa.send(user_pool, user, names[0]) if names[0] in mfa.SENT_TO else None
    facts = {"factor": names[0], "code": code, "arguments": arguments}
    return _page(challenge_sessions.begin(user_pool, app_client, username, _CHALLENGE, **facts))


def _submit(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Response:
    form = {name: values[0] for name, values in parse_qs(body.decode(errors="replace")).items()}
    with lock:
        if "mfa_token" in form:
            return _answer_factor(form["mfa_token"], form.get("code", ""))
        return _stock_submit(method, path, headers, body, query)


def _answer_factor(token: str, code: str) -> Response:
    known = ministack._challenge_sessions.get(token) or {"client_id": "", "username": ""}
    _id, user_pool, app_client = ministack._find_pool_by_client_id(known["client_id"])
    try:
        session = challenge_sessions.look_up(token, app_client or {"ClientId": None}, _CHALLENGE)
        user = user_pool["_users"][session["username"]]
        passwords.refuse_disabled(user)
        lockout.refuse_when_locked(user)
        right = software_tokens.accepts(user, code) if session["code"] is None else codes.matches(session["code"], code)
        if not right:
            raise mfa.wrong_code(session, user)
    except CognitoError as error:
        return _page(token, error.message)
    challenge_sessions.spend(session)
    lockout.reset(user)
    return _stock_redirect(*session["arguments"])


def _page(token: str, message: str = "") -> Response:
    notice = f'<div class="error">{html.escape(message)}</div>' if message else ""
    form = f"""<form method="POST" action="/login">
<input type="hidden" name="mfa_token" value="{html.escape(token)}">
<label for="code">Enter the code of your second factor</label>
<input type="text" id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required autofocus>
<button type="submit">Sign in</button>
</form>"""
    text: str = ministack._page_shell("Sign in", "Second factor", notice + (form if token else ""))
    return 200, {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}, text.encode()


def _check_password(user_pool: Pool, username: str, password: str) -> tuple[User | None, str]:
    try:
        return passwords.check(user_pool, {"PreventUserExistenceErrors": "ENABLED"}, username, password, {}), ""
    except CognitoError as error:
        return None, error.message


def _begin_choice(user_pool: Pool, token: str, session: dict[str, Any], challenge: str) -> str:
    session["challenge"] = challenge
    if challenge == "PASSWORD":
        page: str = ministack._password_page_html(token, session["username"])
        return page
    user = find_user(user_pool, session["username"])
    if user is not None and attributes(user).get(messages.EMAIL):
        session["otp_code"] = codes.random_digits(_CODE_DIGITS)
        messages.send_sign_in_code(user_pool, user, messages.EMAIL, session["otp_code"])
    code_page: str = ministack._email_otp_page_html(token)
    return code_page


def _answer_choice(token: str, form: dict[str, str]) -> Response:
    session = ministack._pending_user_auth.get(token, {})
    if session.get("challenge") == "EMAIL_OTP":
        session["tries"] = session.get("tries", 0) + 1
        if session["tries"] > codes.WRONG_CODES:
            del ministack._pending_user_auth[token]
    return _stock_choice(token, form)


async def _get(method: str, path: str, headers: dict[str, str], query: dict[str, Any]) -> Response | None:
    if method == "GET" and path == "/login":
        path = "/oauth2/authorize"
    return await _stock_get(method, path, headers, query)


async def _post(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Response | None:
    if method == "POST" and path == "/oauth2/revoke":
        return token_endpoint.revoke(headers, body)
    return await _stock_post(method, path, headers, body, query)


def install() -> None:
    """Take over the steps of MiniStack's pages that let too much through, and add the two addresses."""
    replace(ministack, "_issue_auth_code_redirect", _redirect)
    replace(ministack, "handle_login_submit", _submit)
    replace(ministack, "_authenticate_hosted_ui_user", _check_password)
    replace(ministack, "_begin_user_auth_challenge", _begin_choice)
    replace(ministack, "_handle_user_auth_submit", _answer_choice)
    replace(ministack_app, "_handle_cognito_get_request", _get)
    replace(ministack_app, "_handle_cognito_body_request", _post)
