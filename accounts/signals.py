"""What happens to accounts, told to projects that build on this one (docs/calling-other-services.md).

Each is sent once, after Cognito has done it and the database has kept it, by whichever door it came: a page, the API,
an administrator, a command. No receiver can undo it or keep it from being answered: what one raises is logged. No
signal carries a password, code or token. https://docs.djangoproject.com/en/5.2/topics/signals/
"""

from collections.abc import Mapping
from functools import partial

from django.db import transaction
from django.dispatch import Signal

from accounts.audit import Kind
from accounts.context import Context
from accounts.models import User

registered, confirmed, deleted = Signal(), Signal(), Signal()
signed_in, refused, signed_out = Signal(), Signal(), Signal()
password_changed, factor_changed = Signal(), Signal()

# By which signal it is told that something was recorded. Refusals, and what happens to people who have no row yet, are
# told where they happen.
OF_KIND: Mapping[Kind, Signal] = {
    Kind.INVITED: registered,
    Kind.CONFIRMED: confirmed,
    Kind.FIRST_SIGN_IN: signed_in,
    Kind.SIGNED_IN: signed_in,
    Kind.SIGNED_OUT: signed_out,
    Kind.SESSION_ENDED: signed_out,
    Kind.SIGNED_OUT_EVERYWHERE: signed_out,
    Kind.ENDED_ELSEWHERE: signed_out,
    Kind.SHUT_OUT: signed_out,
    Kind.PASSWORD_CHANGED: password_changed,
    Kind.PASSWORD_RESET: password_changed,
    Kind.FACTOR_ADDED: factor_changed,
    Kind.FACTOR_ON: factor_changed,
    Kind.FACTOR_OFF: factor_changed,
    Kind.PASSKEY_ADDED: factor_changed,
    Kind.PASSKEY_REMOVED: factor_changed,
    Kind.ACCOUNT_DELETED: deleted,
}


def tell(
    signal: Signal,
    user: User | None,
    kind: str,
    *,
    username: str = "",
    by: User | None = None,
    context: Context | None = None,
    factor: str = "",
) -> None:
    """Send ``signal`` to its receivers once the transaction that is open, if one is, has been kept.

    ``user`` is None for somebody who has no row here; ``username`` is theirs then, where it is known. What a receiver
    raises is logged by Django (``django.dispatch``).
    https://docs.djangoproject.com/en/5.2/topics/db/transactions/#django.db.transaction.on_commit
    """
    told = {
        "user": user,
        "username": username or (user.username if user else ""),
        "kind": str(kind),
        "by": by if by != user else None,
        "context": context or Context(),
        "factor": factor,
    }
    transaction.on_commit(partial(signal.send_robust, User, **told), robust=True)


def tell_recorded(kind: Kind, user: User | None, *, by: User | None, context: Context, factor: str) -> None:
    """Send the signal of ``kind``, which has just been done and written down, if it has one."""
    if kind in OF_KIND:
        tell(OF_KIND[kind], user, kind, by=by, context=context, factor=factor)
