"""The pages of the pool's domain: which function answers at which address, signing in, and signing out.

MiniStack's own let people in without their second factor, take the code 123456 from everybody as often as it is typed,
remember nobody and forget what the application asked. They are not used at all.
https://docs.aws.amazon.com/cognito/latest/developerguide/managed-login-endpoints.html
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, TypeAlias
from urllib.parse import parse_qs

import ministack.app as ministack_app
from ministack.core.concurrency import run_reentrant
from ministack.services import cognito as ministack

from devcloud.cognito import (
    authorization,
    choice,
    clients,
    federation,
    hosted_accounts,
    hosted_challenges,
    hosted_markup,
    passwords,
    second_step,
    single_sign_on,
    token_endpoint,
)
from devcloud.cognito.attempt import Attempt
from devcloud.cognito.authorization import OWN_DIRECTORY, Authorization, Refused, SentBack, Visit, redirect
from devcloud.cognito.errors import CognitoError
from devcloud.cognito.gate import Response, lock
from devcloud.patching import replace

_Page: TypeAlias = Callable[[Visit], Response]
_Step: TypeAlias = Callable[[Visit, Authorization], Response]
_stock_get: Callable[..., Awaitable[Response | None]] = ministack_app._handle_cognito_get_request
_stock_post: Callable[..., Awaitable[Response | None]] = ministack_app._handle_cognito_body_request


def authorize(visit: Visit) -> Response:
    """Answer GET /oauth2/authorize: people the domain knows pass; others go to a provider, or to the sign-in page.

    https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html. With ``prompt=login`` nobody
    passes, with ``prompt=none`` nobody is asked. ``max_age`` is left alone: AWS does not name it there.
    """
    asked = authorization.read(visit.fields)
    provider = _provider(asked)
    if "none" in asked.prompt and len(asked.prompt) > 1:
        raise asked.refusal("invalid_request")
    session = single_sign_on.current(asked.user_pool, visit.headers)
    if session and not asked.prompt & {"login", "select_account"} and provider in {"", session.provider}:
        return redirect(authorization.grant(asked, session.user, session.signed_in_at))
    if "none" in asked.prompt:
        raise asked.refusal("login_required")
    if not provider and not asked.takes_passwords and len(asked.providers) == 1:
        provider = asked.providers[0]
    if provider not in {"", OWN_DIRECTORY}:
        return federation.begin(asked, provider, visit.headers)
    return redirect(asked.link("/login"))


def _provider(asked: Authorization) -> str:
    """Return the provider that the request names, an empty text for none; raises SentBack for one that is not on."""
    name = asked.query.get("identity_provider", "")
    on = [*asked.providers, *([OWN_DIRECTORY] if asked.takes_passwords else [])]
    if not on or (name and name not in on):
        raise asked.refusal("invalid_request", "The identity provider is not enabled for this app client.")
    return name


def login_page(visit: Visit, asked: Authorization, message: str = "") -> Response:
    """Return the sign-in page: name and password, or the name alone where people choose how; and the providers."""
    csrf = hosted_markup.csrf_token(visit.headers)
    content = hosted_markup.alert(message)
    if asked.takes_passwords:
        name = visit.fields.get("username") or asked.query.get("login_hint", "")
        label = hosted_accounts.username_label(asked)
        fields = hosted_markup.field("username", label, value=name, autocomplete="username")
        fields += "" if _chooses(asked) else hosted_markup.password("password", "Password")
        button = "Next" if _chooses(asked) else "Sign in"
        content += hosted_markup.form("/login", asked.query, csrf, fields + hosted_markup.buttons([button]))
        content += hosted_markup.link(asked.link("/forgotPassword"), "Forgot your password?")
        content += hosted_markup.link(asked.link("/signup"), "Sign up")
    for provider in asked.providers:
        address = asked.link("/oauth2/authorize", identity_provider=provider)
        content += hosted_markup.link(address, f"Continue with {provider}")
    return hosted_markup.page("Sign in", content, csrf=csrf)


def sign_in(visit: Visit, asked: Authorization) -> Response:
    """Take a name and a password, or what a challenge asked for."""
    if visit.fields.get("challenge"):
        return hosted_challenges.answer_challenge(visit, asked)
    name = visit.fields.get("username", "")
    attempt = Attempt(asked.user_pool, asked.app_client, {"USERNAME": name}, {})
    try:
        if _chooses(asked) and "password" not in visit.fields:
            return hosted_challenges.go_on(visit, asked, name, choice.initiate(attempt))
        hiding = {**asked.app_client, "PreventUserExistenceErrors": "ENABLED"}
        user = passwords.check(asked.user_pool, hiding, name, visit.fields.get("password", ""), {})
        return hosted_challenges.go_on(visit, asked, name, second_step.after_password(attempt, user))
    except CognitoError as error:
        if error.code == "UserNotConfirmedException":
            return hosted_accounts.confirm_page(visit, asked, name, error.message)
        return login_page(visit, asked, error.message)


def _chooses(asked: Authorization) -> bool:
    return "ALLOW_USER_AUTH" in clients.flows(asked.app_client)


def logout(visit: Visit) -> Response:
    """Answer GET /logout: the domain forgets the browser, which goes to logout_uri, or to sign in for redirect_uri.

    https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html. Raises Refused for an address that
    is not registered for what it is used as.
    """
    _id, user_pool, app_client = ministack._find_pool_by_client_id(visit.fields.get("client_id", ""))
    if user_pool is None or app_client is None:
        raise Refused("invalid_request", "There is no such app client.")
    logout_uri = visit.fields.get("logout_uri", "")
    if not logout_uri:
        address = authorization.read(visit.fields).link("/login")
    elif logout_uri in (app_client.get("LogoutURLs") or []):
        address = logout_uri
    else:
        raise Refused("invalid_request", "This logout_uri is not among the sign-out URLs of the app client.")
    return redirect(address, single_sign_on.end(user_pool, visit.headers))


def _shown(step: _Step, visit: Visit) -> Response:
    return step(visit, authorization.read(visit.fields))


def _sent(step: _Step, visit: Visit) -> Response:
    hosted_markup.refuse_forged(visit.headers, visit.fields)
    asked = authorization.read(visit.fields)
    if not asked.takes_passwords:
        raise asked.refusal("invalid_request", "The identity provider is not enabled for this app client.")
    with lock:
        return step(visit, asked)


def _confirmation(visit: Visit, asked: Authorization) -> Response:
    return hosted_accounts.confirm_page(visit, asked, visit.fields.get("username", ""))


def _reset(visit: Visit, asked: Authorization) -> Response:
    return hosted_accounts.reset_page(visit, asked, visit.fields.get("username", ""))


_GET: Mapping[str, _Page] = {
    "/oauth2/authorize": authorize,
    "/oauth2/idpresponse": federation.come_back,
    "/logout": logout,
    "/login": partial(_shown, login_page),
    "/signup": partial(_shown, hosted_accounts.signup_page),
    "/confirm": partial(_shown, _confirmation),
    "/forgotPassword": partial(_shown, hosted_accounts.forgot_page),
    "/confirmForgotPassword": partial(_shown, _reset),
}
_POST: Mapping[str, _Page] = {
    "/login": partial(_sent, sign_in),
    "/signup": partial(_sent, hosted_accounts.signup),
    "/confirm": partial(_sent, hosted_accounts.confirm),
    "/forgotPassword": partial(_sent, hosted_accounts.forgot),
    "/confirmForgotPassword": partial(_sent, hosted_accounts.reset),
}


def _answer(page: _Page, visit: Visit) -> Response:
    try:
        return page(visit)
    except SentBack as back:
        return redirect(back.location)
    except Refused as refused:
        text = hosted_markup.alert(f"{refused.error}: {refused.description}")
        return hosted_markup.page("This cannot be done", text, status=400)


async def _run(page: _Page, headers: Mapping[str, str], fields: Mapping[str, list[str]]) -> Response:
    visit = Visit(headers, {name: values[0] for name, values in fields.items() if values})
    response: Response = await run_reentrant(_answer, page, visit, thread_name="devcloud-hosted-pages")
    return response


async def _get(method: str, path: str, headers: dict[str, str], query: dict[str, Any]) -> Response | None:
    if method == "GET" and path in _GET:
        return await _run(_GET[path], headers, query)
    return await _stock_get(method, path, headers, query)


async def _post(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Response | None:
    if method == "POST" and path == "/oauth2/revoke":
        return token_endpoint.revoke(headers, body)
    if method == "POST" and path in _POST:
        return await _run(_POST[path], headers, parse_qs(body.decode(errors="replace")))
    return await _stock_post(method, path, headers, body, query)


def _no_page(*_arguments: Any) -> Response:
    return hosted_markup.page("Nothing is served here", "", status=404)


def install() -> None:
    """Serve these pages, and none of MiniStack's."""
    replace(ministack_app, "_handle_cognito_get_request", _get)
    replace(ministack_app, "_handle_cognito_body_request", _post)
    for name in ("handle_login_submit", "handle_oauth2_authorize", "handle_logout"):
        replace(ministack, name, _no_page)
    for name in ("_oauth2_idp_response", "_saml2_idp_response"):
        replace(ministack, name, _no_page)
