"""The name somebody typed, kept in their session for an hour and filled in wherever it is asked for next.

It is no more than what was typed: nobody knows whether there is such an account. Signing in forgets it.
"""

from collections.abc import Mapping

from django.http import HttpRequest

from accounts import limits
from accounts.sessions.pending import PendingChallenge, PendingName

LONGEST = 128  # characters of a name, as the forms take it
LONGEST_DETAILS = 2048  # characters of everything else that is kept of a form


def keep(request: HttpRequest, name: str) -> None:
    """Keep ``name``, which this site is about to ask for, in place of another one; with "" none is kept."""
    if name:
        PendingName(name=name).park(request)
    else:
        PendingName.drop(request)


def keep_typed(request: HttpRequest, name: str, details: Mapping[str, str] | None = None) -> None:
    """Keep the ``name`` of a form that led nowhere, and the ``details`` that it has besides.

    What is too long for a name is not kept. A stranger without a session gets one for it, so that is counted by
    address; past the limit the form is filled and nothing is kept.
    """
    found = PendingName.find(request)
    if not name or len(name) > LONGEST or (found and found.name == name and details is None):
        return
    if request.session.session_key is None:
        try:
            with limits.attempt(request, limits.KEEPING, ""):
                pass
        except limits.LimitExceeded:
            return
    small = details if details and sum(map(len, details.values())) <= LONGEST_DETAILS else {}
    PendingName(name=name, details=small).park(request)


def waiting(request: HttpRequest) -> str:
    """Return the name to fill in at the sign-in page, "" for none. It goes on waiting.

    Whoever leaves a step that began after it was kept is perhaps somebody else, and begins with an empty form.
    """
    found, under_way = PendingName.find(request), PendingChallenge.find(request)
    return found.name if found and not (under_way and under_way.at >= found.at) else ""


def known(request: HttpRequest) -> str:
    """Return the name to fill in on other pages: the one that waits, else that of a sign-in under way; "" for none."""
    under_way = PendingChallenge.find(request)
    return waiting(request) or (under_way.typed if under_way else "")


def details(request: HttpRequest) -> Mapping[str, str]:
    """Return what else was typed of a new account, {} for nothing."""
    found = PendingName.find(request)
    return found.details if found else {}
