"""Proof that it is still the person, for views that change what protects an account."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils import timezone

from accounts.sessions.engine import session_of


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person proved who they are within FRESH_SIGN_IN_AGE: each proof begins a new session."""
    times = session_of(request).times()
    return times is not None and (timezone.now() - times.created_at).total_seconds() < settings.FRESH_SIGN_IN_AGE


def confirm_first(next_url: str) -> HttpResponse:
    """Send the person to prove who they are, and back to ``next_url``."""
    return HttpResponseRedirect(f"{resolve_url('confirm_access')}?{urlencode({'next': next_url})}")


def fresh_sign_in_required(
    page: str = "",
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Decorate a view that changes what protects an account: whoever has not just signed in proves who they are first.

    They come back to the same address, or to the one called ``page`` where this one takes only POST.
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if is_fresh(request):
                return view(request, *args, **kwargs)
            return confirm_first(resolve_url(page) if page else request.get_full_path())

        return guarded

    return decorate
