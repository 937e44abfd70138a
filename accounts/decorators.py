"""Proof that it is still the person, for views that change what protects an account.

A view that takes a POST says which fields it needs, and what it is about to do, in a whole sentence::

    @fresh_sign_in_required("security", act=_("You’re about to … Confirm it’s you, and we’ll do the rest."),
                            fields=("factor",))
    def turn_off(request): ...

Whoever has not just proved who they are is asked to. The act is kept on the server meanwhile, encrypted, for 15
minutes, and done right after the proof: the view is called with the same fields, and its answer is what people get. So
it must read nothing but ``request.POST`` and its arguments, and a form that it shows again needs an ``action`` of its
own. A view that first looks at what was typed calls :func:`prove_first` itself, once it knows that it is right.
A view that is called by scripts gets no ``fields``, and is not done after the proof: the person lands on ``page``.
"""

import math
import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils import timezone

from accounts import limits
from accounts.forms.fields import Sentence
from accounts.sessions.engine import AUTHENTICATED_AT, session_of
from accounts.sessions.pending import PendingAct

LONGEST = 2048  # characters of a field that is kept; no form that is kept takes as many


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person proved who they are within FRESH_SIGN_IN_AGE: each proof begins a new session.

    A session can begin without one: the pool's domain remembers people, and lets them in again without asking.
    """
    times = session_of(request).times()
    if times is None:
        return False
    proved_at = min(times.created_at.timestamp(), float(request.session.get(AUTHENTICATED_AT, math.inf)))
    return bool(timezone.now().timestamp() - proved_at < settings.FRESH_SIGN_IN_AGE)


def charged_to(request: HttpRequest) -> str:
    """Return whom an act is charged to that takes a proof.

    What is sent without one is counted apart: whoever has nothing but a session of somebody's would else use up the
    tries that the person needs to shut them out.
    """
    return limits.person(request) if is_fresh(request) else f"{limits.person(request)} unproved"


def confirm_first(next_url: str) -> HttpResponse:
    """Send the person to prove who they are, and back to ``next_url``."""
    return HttpResponseRedirect(f"{resolve_url('confirm_access')}?{urlencode({'next': next_url})}")


def way_on(act: PendingAct) -> str:
    """Return the address that does ``act``, or shows the page that was asked for."""
    return f"{resolve_url('finish_act')}?{urlencode({'act': act.ticket})}" if act.ticket else act.path


def prove_first(request: HttpRequest, act: Sentence, *, page: str, fields: tuple[str, ...]) -> HttpResponse:
    """Keep what ``request`` was to do and send the person to prove who they are; it is done right after.

    ``act`` says what they are about to do, ``page`` is the address of the page they came from, and ``fields`` name what
    is kept of the form: never a password or a code, and nothing that is longer than any form takes.
    """
    posted = {name: request.POST.get(name, "") for name in fields}
    kept = PendingAct(
        words=str(act),
        path=request.path,
        page=page,
        ticket=secrets.token_urlsafe(16),
        values={name: value for name, value in posted.items() if len(value) <= LONGEST},
    )
    kept.park(request)
    return confirm_first(way_on(kept))


def open_after_proof(request: HttpRequest, act: Sentence, path: str, page: str = "") -> HttpResponse:
    """Send the person to prove who they are, and to the page at ``path`` after that; ``act`` says what it is for.

    Whoever gives it up goes to ``page``, by default to the overview.
    """
    PendingAct(words=str(act), path=path, page=page or resolve_url(settings.LOGIN_REDIRECT_URL)).park(request)
    return confirm_first(path)


def fresh_sign_in_required(
    page: str = "", *, act: Sentence = "", fields: tuple[str, ...] | None = None
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Decorate a view that changes what protects an account: whoever has not just signed in proves who they are first.

    A form is then done at once, where ``fields`` name what it consists of. Whoever asked for a page, or sent a form
    without ``fields``, comes back to the same address, or to the page called ``page`` where this one takes only POST.
    ``act`` is the sentence that says what they are about to do.
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if is_fresh(request):
                return view(request, *args, **kwargs)
            back = resolve_url(page) if page else request.get_full_path()
            if request.method == "POST" and fields is not None:
                return prove_first(request, act, page=back, fields=fields)
            # A page that takes no proof itself is where they came from.
            return open_after_proof(request, act, back, back if page else "")

        return guarded

    return decorate
