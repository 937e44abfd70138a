"""Somebody's passkeys: what Cognito says of them with what this site keeps, and whether they stand for both steps.

https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import browser, conf, pool
from accounts.cognito.errors import Misconfigured
from accounts.cognito.results import Passkey, PoolDescription
from accounts.context import Context
from accounts.kept_passkeys import LONGEST_LABEL, KeptPasskey, digest
from accounts.models import User

MOST = 20  # passkeys that Cognito keeps for one person
REMOVED = "removed_passkey"  # the entry of the session


@dataclass(frozen=True, slots=True)
class OwnPasskey:
    """One passkey of a person. ``used_at`` is None for one that was not used yet, as far as it ``is_kept`` here.

    ``used_with`` is the browser that it was used with last, in words, "" where that is not known.
    """

    id: str
    label: str
    created_at: datetime
    used_at: datetime | None = None
    used_with: str = ""
    is_kept: bool = False


def passkeys_of(user: User, token: str) -> tuple[OwnPasskey, ...]:
    """Return the passkeys of ``user``, whose access token is ``token``; what is kept of others of theirs goes.

    Raises Misconfigured where the pool has no passkeys, besides what UserAccount.list_passkeys() raises.
    """
    # Read first: whatever is kept by now is at Cognito already, unless it is there no longer.
    kept = {row.digest: row for row in KeptPasskey.objects.filter(user=user)}
    found = conf.user_account().list_passkeys(token)
    gone = kept.keys() - {digest(passkey.id) for passkey in found}
    if gone:
        KeptPasskey.objects.filter(user=user, digest__in=gone).delete()
    return tuple(own(passkey, place, kept.get(digest(passkey.id))) for place, passkey in enumerate(found, 1))


def own(passkey: Passkey, place: int, kept: KeptPasskey | None) -> OwnPasskey:
    """Return ``passkey``, the one in that ``place``, with what is ``kept`` of it."""
    label = (kept.label if kept else "") or passkey.name[:LONGEST_LABEL] or numbered(place)
    if kept is None:
        return OwnPasskey(passkey.id, label, passkey.created_at)
    used_with = browser.name(kept.used_with) if kept.used_with else ""
    return OwnPasskey(passkey.id, label, passkey.created_at, kept.used_at, used_with, is_kept=True)


def numbered(number: int) -> str:
    """Return what a passkey is called that has no other name."""
    return _("Passkey %(number)d") % {"number": number}


def keep_all(user: User, found: Sequence[Passkey]) -> tuple[str, ...]:
    """Keep something of each of the passkeys ``found`` of ``user``, and return the labels of all that are kept.

    What is kept and was not found has been removed by an act that was never told so.
    """
    kept = {row.digest: row for row in KeptPasskey.objects.filter(user=user).order_by("pk")}
    there = [own(passkey, place, kept.pop(digest(passkey.id), None)) for place, passkey in enumerate(found, 1)]
    for passkey in there:
        rename(user, passkey, passkey.label)
    gone = [row.label or numbered(place) for place, row in enumerate(kept.values(), len(there) + 1)]
    return (*(passkey.label for passkey in there), *gone)


def keep(user: User, passkey_id: str, context: Context) -> str:
    """Keep a passkey that ``user`` has just added, and return its first label: browser and system, else a number."""
    taken = set(KeptPasskey.objects.filter(user=user).values_list("label", flat=True))
    label = browser.name(context.user_agent)[:LONGEST_LABEL] if all(browser.families(context.user_agent)) else ""
    number = len(taken) + 1
    while not label or label in taken:
        label, number = numbered(number), number + 1
    made = {"label": label, "created_at": timezone.now(), "used_at": None, "used_with": ""}
    KeptPasskey.objects.update_or_create(user=user, digest=digest(passkey_id), defaults=made)
    return label


def rename(user: User, passkey: OwnPasskey, label: str) -> None:
    """Call ``passkey`` by another label."""
    made = {"label": label, "created_at": passkey.created_at}
    KeptPasskey.objects.update_or_create(
        user=user, digest=digest(passkey.id), defaults={"label": label}, create_defaults=made
    )


def forget(user: User, *passkey_ids: str) -> None:
    """Forget what is kept of passkeys that are removed."""
    KeptPasskey.objects.filter(user=user, digest__in=[digest(passkey_id) for passkey_id in passkey_ids]).delete()


def forget_all(user: User) -> None:
    """Forget what is kept of every passkey of ``user``."""
    KeptPasskey.objects.filter(user=user).delete()


def note_removed(request: HttpRequest, passkey_id: str) -> None:
    """Have the next page of security ask the browser to forget a passkey that was just removed."""
    request.session[REMOVED] = passkey_id


def take_removed(request: HttpRequest) -> str:
    """Return the id of the passkey that the browser is to be asked to forget, once; "" for none."""
    return str(request.session.pop(REMOVED, ""))


def used(request: HttpRequest, user: User) -> None:
    """Note that ``user`` has signed in with the passkey whose answer Cognito has accepted in the form of ``request``.

    Web Authentication, Level 3, section 5.1.7, has the JSON form of it.
    """
    credential = parsed_credential(request.POST.get("credential", ""))
    if credential is None:
        return
    now = {"used_at": timezone.now(), "used_with": Context.of(request).user_agent}
    KeptPasskey.objects.update_or_create(user=user, digest=digest(credential["id"]), defaults=now)


def parsed_credential(text: str) -> dict[str, Any] | None:
    """Return the credential in ``text``, in the JSON form of WebAuthn, section 5.1.7; None for anything else."""
    try:
        credential = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return credential if isinstance(credential, dict) and isinstance(credential.get("id"), str) else None


def count(token: str, described: PoolDescription) -> int:
    """Return how many passkeys the person has; 0 where the pool has none."""
    if not described.passkeys:
        return 0
    try:
        return len(conf.user_account().list_passkeys(token))
    except Misconfigured:
        return 0


def as_both_steps(token: str, *, second_step: bool) -> bool | None:
    """Return what Cognito is to be told: whether the person's passkeys stand for both steps, None for nothing.

    They do where the pool counts them so, the person has one, and there is a ``second_step`` to stand for.
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_WebAuthnMfaSettingsType.html
    """
    described = pool.description()
    if not described.passkeys_satisfy_mfa:
        return None
    return second_step and count(token, described) > 0
