"""The one door: however somebody proved who they are, they come in here."""

import time

from django.contrib.auth import authenticate, login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_variables

from accounts import (
    activity,
    challenges,
    choosing,
    kept_name,
    known_browser,
    language,
    last_used,
    limits,
    passkey_offer,
    passkeys,
    return_address,
)
from accounts.backends import ChallengeRequired, ShutOut, refusal_of, shut_out
from accounts.cognito.challenges import ChallengeName
from accounts.cognito.errors import Refused
from accounts.cognito.results import Challenge, Tokens
from accounts.context import Context
from accounts.models import CameBy, User
from accounts.sessions import revocation
from accounts.sessions.engine import AUTHENTICATED_AT, WENT_TO_DOMAIN, session_of
from accounts.sessions.pending import (
    PendingAct,
    PendingChallenge,
    PendingProviders,
    PendingReset,
    PendingStep,
)
from accounts.sessions.refresh import SessionOver

# What somebody had begun on their own account and goes on with after proving that it is still them.
KEPT: tuple[type[PendingStep], ...] = (PendingAct,)
# Seconds by which clocks may differ, and a sign-in may take, before its proof counts as an earlier one.
EARLIER = 60


def to_login(request: HttpRequest, name: str, next_url: str = "") -> HttpResponse:
    """Send somebody to the sign-in page with ``name`` filled in, on the way to ``next_url``."""
    kept_name.keep(request, name)
    return HttpResponseRedirect(return_address.login_url(next_url))


@sensitive_variables("password")
def sign_in(
    request: HttpRequest, username: str, password: str, next_url: str = "", came_by: CameBy = CameBy.PASSWORD
) -> HttpResponse:
    """Return the answer to a user name and password: the way on, or the page of the next step.

    ``came_by`` is how they come in: they may just have registered. Raises NotAuthorized or UserNotFound, as Cognito
    said it, when they are refused, and whatever else the backend lets through.
    """
    try:
        user = authenticate(request, username=username, password=password)
    except ChallengeRequired as required:
        return proceed(request, required.challenge, typed=username, next_url=next_url, came_by=came_by)
    except Refused:
        # Of these Django tells nobody: the backend lets them through.
        activity.sign_in_refused(request, username)
        raise
    if user is None:
        raise refusal_of(request)
    user.came_by = came_by
    return enter(request, user, next_url)


@sensitive_variables("result", "nonce")
def proceed(
    request: HttpRequest,
    result: Tokens | Challenge,
    *,
    typed: str,
    came_by: str,
    second_step: bool = False,
    next_url: str = "",
    nonce: str | None = None,
    answered: str = "",
) -> HttpResponse:
    """Return the answer to what Cognito said: a question leads to its page, tokens lead in.

    ``typed`` is the name as the person wrote it, for starting again; ``came_by`` how they come in, and ``second_step``
    whether they have passed one, which every further question passes along; ``nonce`` is what went along with the
    redirect that won the tokens, None where Cognito was asked directly; ``answered`` is the question whose answer won
    them, "" for none. Raises ShutOut for somebody who may not
    come in here, TokenError for tokens that must not be trusted.
    """
    if isinstance(result, Challenge):
        # A stranger who sets up an app now would make it the second step of the mailbox's owner.
        if result.name == ChallengeName.MFA_SETUP and shut_out(request, {typed}):
            raise ShutOut
        # A new key, because somebody may have planted this browser's cookie: with the old one they would see the
        # question in their own, and could choose the new password or read the key of the new app.
        request.session.cycle_key()
        asked = challenges.supported(result.name)
        if asked and asked.code_sent:
            limits.code_was_sent()
        pending = PendingChallenge.of(result, typed=typed, next_url=next_url, came_by=came_by, second_step=second_step)
        choosing.begun(request, pending).park(request)
        return redirect("challenge")
    user = authenticate(
        request, cognito_tokens=result, typed=typed, came_by=came_by, second_step=second_step, nonce=nonce
    )
    if user is None:
        raise refusal_of(request)
    return enter(request, user, next_url, answered)


def enter(request: HttpRequest, user: User, next_url: str, answered: str = "") -> HttpResponse:
    """Sign ``user`` in, on a session that has nothing of an earlier one, and send them on.

    Raises SessionOver where everything of theirs was ended meanwhile, as by a new password.
    """
    with revocation.revoked_on_failure(user.cognito_tokens):
        earlier = session_of(request).refresh_token() if request.user.is_authenticated else ""
        own = request.user.pk == user.pk
        reset = PendingReset.find(request)
        kept = {step.key(): request.session[step.key()] for step in KEPT if own and step.key() in request.session}
        # Other tabs may be with a provider still, and come back each with a state of its own.
        of_browser = (PendingProviders.key(), WENT_TO_DOMAIN)
        kept |= {key: request.session[key] for key in of_browser if key in request.session}
        # Django's login() keeps what an anonymous session holds, and keeps the key when the same person comes again.
        request.session.flush()
        revocation.revoke([earlier])
        login(request, user)
        request.session.update(kept)
        store_sign_in(request, user)
        known = known_browser.knows(request, user)
        activity.signed_in(request, user, again=own, known_browser=known, answered=answered)
        if answered == ChallengeName.WEB_AUTHN:
            passkeys.used(request, user)
        renewed = reset is not None and (reset.done or reset.unsure) and is_name_of(user, reset.username)
        if renewed:
            # The reset ended the sessions of people who had the name at their last sign-in, or none where its outcome
            # was open. Now we know whose it is.
            revocation.end_everything(user, but=request.session)
    response = passkey_offer.way_on(request, user, next_url, answered)
    if not own:
        language.remember(response, user.locale)
        last_used.remember(response, user.came_by, answered)
    if renewed or not known_browser.is_fresh(request, user):
        known_browser.remember(request, response, user)
    return response


def is_name_of(user: User, name: str) -> bool:
    """Whether ``user``, whose sign-in has just brought everything up to date, signs in as ``name``."""
    return name.casefold() in {known.casefold() for known in user.names}


def store_sign_in(request: HttpRequest, user: User) -> None:
    """Store the new session: the tokens, how the person came in, by how many steps, and where from.

    At once, so that nothing tells of a sign-in that could not be stored. Raises SessionOver where all sessions of
    ``user`` were ended since they were read: whoever did it did not find this one.
    """
    session = session_of(request)
    if 0 < user.authenticated_at < time.time() - EARLIER:
        session[AUTHENTICATED_AT] = user.authenticated_at
    if user.cognito_tokens is not None:
        session.keep_tokens(user.cognito_tokens)
    context = Context.of(request)
    session.set_columns(
        ip_address=context.ip_address,
        user_agent=context.user_agent,
        came_by=user.came_by,
        second_step=user.second_step,
    )
    session.save()
    # Read after the row is there: whoever ends the sessions later finds it.
    if not User.objects.filter(pk=user.pk, tokens_valid_from=user.tokens_valid_from).exists():
        raise SessionOver
