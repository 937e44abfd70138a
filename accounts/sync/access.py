"""Who may come in: shut out with their sessions, or let in again after another look."""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts import activity, conf, users
from accounts.cognito.errors import Unavailable, UserNotFound
from accounts.context import Context
from accounts.models import Activity, User
from accounts.sessions import revocation


def shut_out(people: Sequence[User], kind: Activity.Kind = Activity.Kind.SHUT_OUT) -> list[str]:
    """Shut ``people`` out and delete their sessions; return the refresh tokens, for :func:`revoke`, one a session.

    To be called in a transaction: nobody is shut out and keeps a session, which would live again with the person.
    """
    if not people:
        return []
    keys = [user.pk for user in people]
    # The browsers they signed in with are strangers' from now on.
    User.objects.filter(pk__in=keys).update(is_active=False, known_browsers_since=timezone.now())
    for user in people:
        activity.record(kind, user, context=Context())
    return revocation.delete_sessions(keys)


@sensitive_variables("refresh_tokens", "tokens")
def revoke(refresh_tokens: Iterable[str]) -> int:
    """Revoke the tokens of sessions that are deleted by now; return how many sessions that were.

    In this thread, since a command may take long, and what waits for the end of a process is bounded.
    """
    tokens = list(refresh_tokens)
    revocation.attempt([token for token in tokens if token])
    return len(tokens)


def let_in(user: User) -> bool:
    """Let ``user`` in again if Cognito still says so at this moment; return whether.

    An administrator may have shut them out since they were listed, or deleted them. The row is locked while Cognito is
    asked, on purpose: administrators ask Cognito first and write here after, so whoever of the two is last here is
    right. AdminGetUser, because ListUsers may show what was. Where Cognito does not answer, it waits for the next run.
    """
    with transaction.atomic():
        row = User.objects.select_for_update().filter(pk=user.pk).first()
        if row is None:
            return False
        try:
            person = conf.directory().get(row.username)
        except (UserNotFound, Unavailable):
            return False
        if person.sub != row.sub or not person.enabled:
            return False
        users.update(row, person)
        activity.record(Activity.Kind.LET_IN, row, context=Context())
    return True


def gone(user: User) -> list[str]:
    """Keep of ``user`` that they are gone from Cognito, without rights; return what :func:`shut_out` does."""
    fields = users.granted([]) | {"cognito_status": "GONE", "cognito_seen_at": timezone.now()}
    User.objects.filter(pk=user.pk).update(**fields)
    user.groups.clear()
    return shut_out([user], Activity.Kind.ACCOUNT_DELETED)
