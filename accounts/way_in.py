"""Choosing how to sign in, before anything is proved: every name is offered the same ways and answered the same way.

Cognito answers by the state of the account: it refuses some names, offers others the password alone, and asks a name
it does not know something at random. So the ways on the page are the pool's. A choice that Cognito does not take for
this name leads to a page like any other, behind which no question waits and whose answers are all wrong
(docs/adr/0021).
"""

import json
import secrets
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts import challenges, client_address, conf, entrance, limits, pool
from accounts.challenges import SUPPORTED, ways_in
from accounts.cognito.challenges import ChallengeName
from accounts.cognito.errors import NotAuthorized, Refused, WrongCode
from accounts.cognito.results import Challenge
from accounts.forms.challenges import ChallengeForm
from accounts.models import CameBy
from accounts.sessions.pending import PendingChallenge

TRIES = 3  # answers by a code, fewer than Cognito takes: it would end the step for names that have one alone
CODE_REFUSED = _("That code didn’t work. Check it, or use another way.")
CODE_ENDED = _("Those codes didn’t work. Sign in with your password, or ask for a new code.")


def show_choice(request: HttpRequest, typed: str, next_url: str) -> HttpResponse:
    """Go on to the choice. Cognito is not asked yet, so nothing can tell."""
    # A new key, because somebody may have planted this browser's cookie and would be shown the same question.
    request.session.cycle_key()
    ways = tuple(way for way, _label in ways_in(tuple(pool.description().first_factors)))
    challenge = Challenge(ChallengeName.SELECT_CHALLENGE, typed, available=ways)
    replace(PendingChallenge.of(challenge, typed=typed, next_url=next_url, came_by=CameBy.CHOICE), unproven=True).park(
        request
    )
    return redirect("challenge")


def ask_for_answer(request: HttpRequest, pending: PendingChallenge, way: str) -> HttpResponse:
    """Go on to the page of ``way``, a code or a passkey; Cognito's question is behind it where this name has one."""
    if SUPPORTED[ChallengeName(way)].code_sent:
        limits.code_was_sent()
    try:
        asked = conf.authentication().with_choice(pending.typed, client_address.context(request), preferred=way)
    except Refused:
        asked = None
    if not isinstance(asked, Challenge) or asked.name != way:
        options = json.dumps(made_up_passkey_options(request))
        asked = Challenge(way, pending.typed, parameters={"CREDENTIAL_REQUEST_OPTIONS": options})
    following = PendingChallenge.of(asked, typed=pending.typed, next_url=pending.next_url, came_by=pending.came_by)
    replace(following, unproven=True).park(request)
    return redirect("challenge")


def answer(request: HttpRequest, pending: PendingChallenge, form: ChallengeForm) -> HttpResponse:
    """Send the answer to the way that was chosen; return the way on. Raises Refused."""
    if pending.chosen:
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
