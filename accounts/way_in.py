"""Signing in without the password: every name is offered the same ways and answered the same way.

Cognito answers by the state of the account: it refuses some names, offers others the password alone, and asks a name
it does not know something at random. So the ways on the page are the pool's. A way that Cognito does not take for
this name leads to a page like any other, behind which no question waits and whose answers are all wrong
(docs/adr/0021).
"""

import json
import secrets
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts import challenges, client_address, conf, entrance, limits, pool
from accounts.challenges import SUPPORTED, ways_in
from accounts.cognito.challenges import ChallengeName
from accounts.cognito.errors import NotAuthorized, Refused, WrongCode
from accounts.cognito.results import Challenge
from accounts.forms.challenges import ChallengeForm, Choices
from accounts.forms.fields import Sentence
from accounts.models import CameBy
from accounts.sessions.pending import PendingChallenge

TRIES = 3  # answers by a code, fewer than Cognito takes: it would end the step for names that have one alone
CODE_ENDED = _("Those codes didn’t work. Sign in with your password, or ask for a new code.")


@dataclass(frozen=True, slots=True)
class Button:
    """A way in beside the password, as the sign-in page offers it: each leads to a page of its own."""

    name: str  # as accounts/last_used.py remembers it, and as its page is told
    way: ChallengeName
    page: str
    icon: str
    label: Sentence


BUTTONS = (
    Button("passkey", ChallengeName.WEB_AUTHN, "login_passkey", "passkey", _("Sign in with a passkey")),
    Button("email", ChallengeName.EMAIL_OTP, "login_code", "mail", _("Email me a code")),
    Button("text", ChallengeName.SMS_OTP, "login_code", "message", _("Text me a code")),
)


def buttons() -> list[Button]:
    """Return the ways in beside the password that the pool and the client both allow."""
    offered = pool.description().first_factors
    return [button for button in BUTTONS if button.way in offered]


def ways() -> Choices:
    """Return the ways to sign in that the pool has, the password among them."""
    return ways_in(tuple(pool.description().first_factors))


def ask(request: HttpRequest, way: str, *, typed: str, next_url: str) -> HttpResponse:
    """Go on to the page of ``way`` for the name ``typed``; Cognito's question is behind it where this name has one.

    The password asks Cognito nothing before it is there.
    """
    # A new key, because somebody may have planted this browser's cookie and would be shown the same question.
    request.session.cycle_key()
    asked = Challenge(way, typed) if way == ChallengeName.PASSWORD else question(request, way, typed)
    pending = PendingChallenge.of(asked, typed=typed, next_url=next_url, came_by=CameBy.CHOICE)
    replace(pending, unproven=True).park(request)
    return redirect("challenge")


def question(request: HttpRequest, way: str, typed: str) -> Challenge:
    """Return Cognito's question for a code or a passkey, or one that looks like it where this name has none."""
    if SUPPORTED[ChallengeName(way)].code_sent:
        limits.code_was_sent()
    try:
        asked = conf.authentication().with_choice(typed, client_address.context(request), preferred=way)
    except Refused:
        asked = None
    if isinstance(asked, Challenge) and asked.name == way:
        return asked
    options = json.dumps(made_up_passkey_options(request))
    return Challenge(way, typed, parameters={"CREDENTIAL_REQUEST_OPTIONS": options})


def answer(request: HttpRequest, pending: PendingChallenge, form: ChallengeForm) -> HttpResponse:
    """Send the answer to the way that was chosen; return the way on. Raises Refused."""
    if pending.name == ChallengeName.PASSWORD:
        return entrance.sign_in(request, pending.typed, form.cleaned_data["password"], pending.next_url)
    if not pending.session:
        sent = SUPPORTED[ChallengeName(pending.name)].code_sent
        raise WrongCode("RespondToAuthChallenge") if sent else NotAuthorized("RespondToAuthChallenge")
    context = client_address.context(request)
    result = conf.authentication().answer(pending.challenge, form.responses(), context)
    second_step = challenges.proves_second_step(pending)
    return entrance.proceed(
        request,
        result,
        typed=pending.typed,
        next_url=pending.next_url,
        came_by=pending.came_by,
        second_step=second_step,
        answered=pending.name,
    )


def made_up_passkey_options(request: HttpRequest) -> dict[str, Any]:
    """Return options for a passkey that look like Cognito's."""
    described = pool.description()
    return {
        "challenge": secrets.token_urlsafe(32),
        "rpId": described.relying_party or request.get_host().partition(":")[0],
        "userVerification": described.user_verification,
    }
