"""The name somebody typed, kept in their session for an hour and filled in wherever it is asked for next.

It is no more than what was typed: nobody knows whether there is such an account. Signing in forgets it, and so does
whoever says to be somebody else ("Not you?").
"""

from collections.abc import Mapping

from django.http import HttpRequest

from accounts import limits
from accounts.sessions.pending import PendingChallenge, PendingName

LONGEST = 128  # characters of a name, as the forms take it
LONGEST_DETAILS = 2048  # characters of everything else that is kept of a form
SOMEBODY_ELSE = "other"  # in the address of the sign-in page: whoever comes is not whose name is known


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
    if not name or len(name) > LONGEST or (name == known(request) and details is None):
        return
    if request.session.session_key is None:
        try:
            with limits.attempt(request, limits.KEEPING, ""):
                pass
        except limits.LimitExceeded:
            return
    small = details if details and sum(map(len, details.values())) <= LONGEST_DETAILS else {}
    PendingName(name=name, details=small).park(request)


def begun(request: HttpRequest) -> PendingChallenge | None:
    """Return the sign-in that is under way or took too long, for its name and way on alone; None for none."""
    return PendingChallenge.find(request, PendingName.AGE)


def known(request: HttpRequest) -> str:
    """Return the name to fill in: the one kept, or that of a sign-in begun since; "" for none. It goes on waiting."""
    found, sign_in = PendingName.find(request), begun(request)
    if sign_in and not (found and found.at > sign_in.at):
        return sign_in.typed
    return found.name if found else ""


def forget(request: HttpRequest) -> None:
    """Fill in no name from now on: somebody else is there. A sign-in under way can still be answered."""
    if known(request):
        PendingName(name="").park(request)


def details(request: HttpRequest) -> Mapping[str, str]:
    """Return what else was typed of a new account, {} for nothing."""
    found = PendingName.find(request)
    return found.details if found else {}
