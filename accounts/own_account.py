"""What people do to their own account at Cognito, on the pages and by the API: each with the person's own token."""

import contextlib
import time
from collections.abc import Mapping

from django.db import transaction
from django.http import HttpRequest

from accounts import activity, awaited, conf, notices
from accounts.awaited import Awaited
from accounts.cognito.errors import AliasTaken, UserNotFound
from accounts.cognito.results import CodeDelivery
from accounts.http import AuthenticatedRequest
from accounts.models import User


def ask_for(request: AuthenticatedRequest, token: str, name: str, value: str) -> bool:
    """Have the address or number called ``name`` changed to ``value``; return whether a code has to be typed for it.

    The answer is the same where another account has it: only who reads the mail there is told. What waits for its code
    is kept with the person. Raises what UserAccount.update_attributes() does, but for AliasTaken.
    """
    deliveries = asked(request, token, name, value)
    if deliveries == ():
        awaited.end(request.user, name)
        return False
    awaited.begin(request.user, name, Awaited(value=value, sent_at=time.time(), taken=deliveries is None))
    return True


def asked(request: HttpRequest, token: str, name: str, value: str) -> tuple[CodeDelivery, ...] | None:
    """Return the codes that were sent to prove ``value``; None where another account has it."""
    try:
        return conf.user_account().update_attributes(token, {name: value})
    except AliasTaken as refused:
        activity.refused(request, refused)
        if name == awaited.EMAIL:
            notices.address_taken(value)
        return None


def write(user: User, token: str, values: Mapping[str, str]) -> None:
    """Write the attributes of ``user`` that need no proof; "" removes one, and what waits for a code in its place.

    Raises as UserAccount.update_attributes() does.
    """
    written = {name: value for name, value in values.items() if value}
    removed = [name for name, value in values.items() if not value]
    if written:
        conf.user_account().update_attributes(token, written)
    if removed:
        conf.user_account().delete_attributes(token, removed)
    for name in removed:
        awaited.end(user, name)


def refuse_in_outage(token: str) -> None:
    """Raise Unavailable while Cognito cannot be reached: for an act that begins with something else.

    Raises AccessTokenRefused for somebody who was signed out there.
    """
    with contextlib.suppress(UserNotFound):
        conf.user_account().get_user(token)


def delete(request: HttpRequest, user: User, token: str) -> None:
    """Delete the account of ``user`` at Cognito first; what is kept here goes only after that worked.

    Rows of sessions and activity go with the user's, so whoever has a session ends it afterwards. Raises Unavailable.
    """
    # The account may be gone already, by an earlier call whose answer was lost.
    with contextlib.suppress(UserNotFound):
        conf.user_account().delete_user(token)
    with transaction.atomic():
        activity.deleted(request, user)
        user.delete()
