"""The page for each challenge that Cognito puts between a name and an authorization code.

The challenges are those of the API, and the same functions judge them; what is thrown away are the tokens at their end.
A passkey and a custom challenge need a script, which these pages have not.
https://docs.aws.amazon.com/cognito/latest/developerguide/managed-login-endpoints.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from ministack.services import cognito as ministack

from devcloud.cognito import challenges, choice, hosted_markup, mfa, second_step, single_sign_on, software_tokens
from devcloud.cognito.attempt import Attempt
from devcloud.cognito.authorization import OWN_DIRECTORY, Authorization, Visit
from devcloud.cognito.errors import CognitoError
from devcloud.cognito.gate import Response
from devcloud.cognito.records import Answer

_ATTRIBUTE = "userAttributes."
_SETUP_CODE = "setup_code"
_CODES = {
    mfa.TOTP: ("SOFTWARE_TOKEN_MFA_CODE", "Code of your authenticator app"),
    mfa.SMS: ("SMS_MFA_CODE", "Code of the text message"),
    choice.EMAIL_OTP: ("EMAIL_OTP_CODE", "Code of the e-mail"),
    choice.SMS_OTP: ("SMS_OTP_CODE", "Code of the text message"),
}
_WAYS = {
    choice.PASSWORD: "Sign in",
    choice.EMAIL_OTP: "E-mail me a code",
    choice.SMS_OTP: "Text me a code",
    mfa.TOTP: "Authenticator app",
    mfa.SMS: "Text message",
}
_ANSWERS = frozenset({"ANSWER", "PASSWORD", "NEW_PASSWORD", *(name for name, _label in _CODES.values())})


def go_on(visit: Visit, asked: Authorization, username: str, answer: Answer) -> Response:
    """Return what follows an answer of the API: the code for the application, or the page of the next challenge."""
    if "AuthenticationResult" in answer:
        claims = ministack._token_claims(answer["AuthenticationResult"]["AccessToken"])
        return single_sign_on.let_in(asked, asked.user_pool["_users"][claims["username"]], OWN_DIRECTORY)
    state = {
        "username": username,
        "challenge": answer["ChallengeName"],
        "session": answer["Session"],
        "details": json.dumps(_details(answer)),
    }
    if state["challenge"] == mfa.SETUP:
        begun = software_tokens.associate_software_token({"Session": state["session"]})
        state |= {"session": begun["Session"], "details": json.dumps({"secret": begun["SecretCode"]})}
    return _page(visit, asked, state)


def answer_challenge(visit: Visit, asked: Authorization) -> Response:
    """Judge what was typed into the page of a challenge."""
    state = {name: visit.fields.get(name, "") for name in ("username", "challenge", "session", "details")}
    typed = {name: value for name, value in visit.fields.items() if name in _ANSWERS or name.startswith(_ATTRIBUTE)}
    try:
        if state["challenge"] == mfa.SETUP:
            code = visit.fields.get(_SETUP_CODE, "")
            verified = software_tokens.verify_software_token({"Session": state["session"], "UserCode": code})
            state["session"] = verified["Session"]
        answer = challenges.respond_to_auth_challenge(
            {
                "ClientId": asked.app_client["ClientId"],
                "ChallengeName": state["challenge"],
                "Session": state["session"],
                "ChallengeResponses": {"USERNAME": state["username"], **typed},
            }
        )
    except CognitoError as error:
        return _again(visit, asked, state, error.message)
    return go_on(visit, asked, state["username"], answer)


def _again(visit: Visit, asked: Authorization, state: dict[str, str], message: str) -> Response:
    if state["challenge"] == choice.SELECT:
        # A choice is good for one try; the next begins with a new one.
        attempt = Attempt(asked.user_pool, asked.app_client, {"USERNAME": state["username"]}, {})
        try:
            answer = choice.initiate(attempt)
        except CognitoError as error:
            message = error.message
        else:
            state |= {"session": answer["Session"], "details": json.dumps(_details(answer))}
    return _page(visit, asked, state, message)


def _details(answer: Answer) -> dict[str, Any]:
    """Return what the page of a challenge has to show of it."""
    parameters = answer.get("ChallengeParameters") or {}
    return {
        "sent_to": parameters.get("CODE_DELIVERY_DESTINATION", ""),
        "required": json.loads(parameters.get("requiredAttributes") or "[]"),
        "offered": answer.get("AvailableChallenges") or json.loads(parameters.get("MFAS_CAN_CHOOSE") or "[]"),
    }


def _page(visit: Visit, asked: Authorization, state: Mapping[str, str], message: str = "") -> Response:
    csrf = hosted_markup.csrf_token(visit.headers)
    try:
        details = json.loads(state["details"])
    except ValueError:
        details = {}
    fields = _FIELDS.get(state["challenge"], _code)(state["challenge"], details if isinstance(details, dict) else {})
    content = hosted_markup.alert(message) + hosted_markup.form("/login", {**asked.query, **state}, csrf, fields)
    content += hosted_markup.link(asked.link("/login"), "Begin again")
    return hosted_markup.page("Sign in", content, csrf=csrf)


def _code(challenge: str, details: Mapping[str, Any]) -> str:
    if challenge not in _CODES:
        return "<p>This can only be answered in the application.</p>"
    name, label = _CODES[challenge]
    sent_to = str(details.get("sent_to") or "")
    label += f", sent to {sent_to}" if sent_to else ""
    return hosted_markup.code(name, label) + hosted_markup.buttons(["Sign in"])


def _ways(_challenge: str, details: Mapping[str, Any]) -> str:
    offered = [name for name in _WAYS if name in (details.get("offered") or [])]
    if not offered:
        return "<p>You can only sign in with a passkey, which takes the application.</p>"
    first = hosted_markup.password("PASSWORD", "Password", needed=False) if choice.PASSWORD in offered else ""
    return first + hosted_markup.buttons([_WAYS[name] for name in offered], name="ANSWER", values=offered)


def _new_password(_challenge: str, details: Mapping[str, Any]) -> str:
    required = [str(name) for name in details.get("required") or []]
    fields = [hosted_markup.field(name, name.removeprefix(_ATTRIBUTE), type="text") for name in required]
    fields.insert(0, hosted_markup.password("NEW_PASSWORD", "New password", new=True))
    return "".join(fields) + hosted_markup.buttons(["Set password"])


def _setup(_challenge: str, details: Mapping[str, Any]) -> str:
    secret = escape(str(details.get("secret") or ""))
    told = f"<p>This pool wants a second step. Give your authenticator app this key: <code>{secret}</code></p>"
    return told + hosted_markup.code(_SETUP_CODE, "Code that it shows now") + hosted_markup.buttons(["Sign in"])


_FIELDS: Mapping[str, Callable[[str, Mapping[str, Any]], str]] = {
    choice.SELECT: _ways,
    mfa.SELECT: _ways,
    mfa.SETUP: _setup,
    second_step.NEW_PASSWORD: _new_password,
}
