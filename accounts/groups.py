"""Acts on groups: at Cognito first, in the database after, so that whatever fails half-way can be done again.

Cognito's groups are mirrored as Django groups of the same name, which hold permissions (docs/adr/0032). Who is in one
is an act on people: accounts/administration.py.
"""

import logging
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from django.contrib.auth.models import Group as DjangoGroup
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import activity, conf, rights
from accounts.audit import Kind, Outcome
from accounts.cognito.errors import (
    CognitoError,
    GroupExists,
    GroupNotFound,
    InputRejected,
    Misconfigured,
    Refused,
    Throttled,
    TooManyAttempts,
    Unavailable,
    UserNotFound,
)
from accounts.cognito.results import Group
from accounts.context import Context
from accounts.models import User

logger = logging.getLogger(__name__)

# Of a group that is renamed each member is moved by a call of its own, while somebody waits for the page.
MOST_MOVED = 200
ROWS_AT_ONCE = 500


class GroupRefused(Exception):
    """The group stays as it was, or as ``reason`` says, which is a sentence for whoever tried."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Member:
    """Somebody in a group as Cognito has it; ``user`` is None for somebody this site has never seen."""

    name: str
    email: str
    user: User | None


@contextmanager
def attempt(kind: Kind, name: str, *, by: User | None, context: Context) -> Iterator[None]:
    """Record the act inside the block as one on the group ``name``, done or not; what Cognito refuses is GroupRefused.

    ``by`` is who acts, None for a command.
    """
    outcome = Outcome.REFUSED
    try:
        yield
        outcome = Outcome.DONE
    except CognitoError as error:
        outcome = Outcome.REFUSED if isinstance(error, Refused) else Outcome.FAILED
        logger.warning("group not changed", extra={"error": str(error)})
        raise GroupRefused(reason_of(error)) from error
    finally:
        activity.record(kind, None, by=by, context=context, outcome=outcome, target=name)


def reason_of(error: CognitoError) -> str:
    """Return in words why Cognito did not do what was asked."""
    match error:
        case GroupExists():
            return _("There is a group of this name already.")
        case GroupNotFound():
            return _("This group no longer exists in Cognito.")
        case TooManyAttempts():
            return _("The pool has as many groups as Cognito allows.")
        case InputRejected():
            return _("Cognito does not take this. Try another name.")
        case Throttled():
            return _("Too many requests. Try again in a minute.")
        case Unavailable():
            return _("Cognito didn’t answer. Look whether it was done, and try again in a minute.")
        case Misconfigured():
            return _("This site is not allowed to do that in the pool. The log says what is missing.")
    return _("Cognito refused.")


def is_needed(name: str) -> bool:
    """Whether the settings name the group: who is staff, superuser or a newcomer follows from it."""
    config = conf.config()
    return bool(name) and name in {config.staff_group, config.superuser_group, config.default_group}


def mirror() -> Mapping[str, Group]:
    """Return Cognito's groups by name, and make the Django groups that are missing, without permissions.

    Raises CognitoError; nothing is made then. Django groups that Cognito lacks are left alone.
    """
    found = {group.name: group for group in conf.groups().every() if not rights.is_of_provider(group.name)}
    known = set(DjangoGroup.objects.filter(name__in=found).values_list("name", flat=True))
    missing = [DjangoGroup(name=name) for name in found.keys() - known]
    DjangoGroup.objects.bulk_create(missing, ignore_conflicts=True)
    return found


def described(name: str) -> Group | None:
    """Return what Cognito says of the group ``name``, None where it has none of it. Raises CognitoError."""
    try:
        return conf.groups().get(name)
    except GroupNotFound:
        return None


def members(name: str, token: str = "") -> tuple[list[Member], str]:
    """Return a page of who is in the group, in Cognito's order, and the token of the next page, "" for none.

    Raises CognitoError.
    """
    page = conf.groups().members(name, token=token)
    subs = [person.sub for person in page.people]
    here = {user.sub: user for user in User.objects.filter(issuer=conf.config().issuer, sub__in=subs)}
    found = [Member(person.called, person.email, here.get(person.sub)) for person in page.people]
    return found, page.next_token


def create(name: str, *, description: str, precedence: int | None, by: User | None, context: Context) -> DjangoGroup:
    """Make the group at Cognito and here, and return it as it is here; one that is here alone keeps its permissions.

    Raises GroupRefused.
    """
    with attempt(Kind.GROUP_CREATED, name, by=by, context=context):
        if rights.is_of_provider(name):
            raise GroupRefused(_("Names that begin like this are Cognito’s own."))
        conf.groups().create(name, description=description, precedence=precedence)
        return DjangoGroup.objects.get_or_create(name=name)[0]


def describe(
    group: DjangoGroup, *, description: str, precedence: int | None, by: User | None, context: Context
) -> None:
    """Change what Cognito keeps of the group. Raises GroupRefused."""
    with attempt(Kind.GROUP_CHANGED, group.name, by=by, context=context):
        conf.groups().update(group.name, description=description, precedence=precedence)


def delete(group: DjangoGroup, *, by: User | None, context: Context) -> None:
    """Delete the group at Cognito and here, with the permissions it gave. Raises GroupRefused.

    One that is gone at Cognito already is deleted here: the second try after a failure is no failure.
    """
    with attempt(Kind.GROUP_DELETED, group.name, by=by, context=context):
        if is_needed(group.name):
            raise GroupRefused(_("The settings of this site name this group. It cannot be deleted here."))
        with suppress(GroupNotFound):
            conf.groups().delete(group.name)
        delete_here(group)


def rename(group: DjangoGroup, name: str, *, by: User | None, context: Context) -> None:
    """Make a group called ``name`` of the members, the description and the permissions of ``group``.

    Cognito cannot rename one: another is made, the members are put into it, the row here changes its name, and the old
    one is deleted last. Until then everybody is still in it, so that a try that failed is repeated by another one.
    Raises GroupRefused.
    """
    old = group.name
    with attempt(Kind.GROUP_CHANGED, old, by=by, context=context):
        refuse_name(group, name)
        at_cognito = described(old)
        if at_cognito is not None:
            move(at_cognito, name)
        elif described(name) is not None:
            # Its members would be given the permissions of a group that they are not in.
            raise GroupExists
        rename_here(group, name)
    if at_cognito is not None:
        give_up(old, name)


def give_up(old: str, name: str) -> None:
    """Delete at Cognito the group ``old``, which is called ``name`` now. Raises GroupRefused where it stays."""
    try:
        with suppress(GroupNotFound):
            conf.groups().delete(old)
    except CognitoError as error:
        logger.warning("group not deleted", extra={"error": str(error)})
        words = _("It is now called %(name)s. Cognito still has %(old)s, too: delete that one.")
        raise GroupRefused(words % {"name": name, "old": old}) from error


def refuse_name(group: DjangoGroup, name: str) -> None:
    """Raise GroupRefused where ``group`` must keep its name, or where ``name`` would give its members other rights."""
    if is_needed(group.name):
        raise GroupRefused(_("The settings of this site name this group. It cannot be renamed here."))
    taken = DjangoGroup.objects.exclude(pk=group.pk).filter(name=name, permissions__isnull=False).exists()
    if taken or name == group.name:
        raise GroupRefused(_("There is a group of this name already."))
    if is_needed(name) or rights.is_of_provider(name):
        raise GroupRefused(_("This name has a meaning of its own. Choose another."))


def move(old: Group, name: str) -> None:
    """Make ``name`` at Cognito as ``old`` is, with its members. Raises CognitoError, GroupRefused.

    A group called ``name`` that has nobody in it but members of ``old`` is what a try left over that failed.
    """
    people = all_members(old.name)
    try:
        conf.groups().create(
            name, description=old.description, precedence=old.precedence, role_arn=old.role_arn or None
        )
    except GroupExists:
        if not all_members(name) <= people:
            raise
    moved: set[str] = set()
    # Somebody may be put into the old one while the others are moved.
    while left := (people | all_members(old.name)) - moved:
        for username in left:
            put(username, name)
        moved |= left


def put(username: str, name: str) -> None:
    """Put somebody into the group ``name`` who may have been deleted meanwhile. Raises CognitoError."""
    with suppress(UserNotFound):
        conf.directory().add_to_group(username, name)


def all_members(name: str) -> set[str]:
    """Return the user names of everybody in the group. Raises CognitoError, and GroupRefused for too many."""
    found: set[str] = set()
    token, before = "", None
    while token != before:
        page = conf.groups().members(name, token=token)
        found |= {person.username for person in page.people}
        if len(found) > MOST_MOVED:
            reason = _(
                "It has more than %(most)d members, and each would have to be moved. Make another group instead."
            )
            raise GroupRefused(reason % {"most": MOST_MOVED})
        before, token = token, page.next_token
        if not token:
            break
    return found


def rename_here(group: DjangoGroup, name: str) -> None:
    """Give the row another name. One of that name which a sign-in has just made, without permissions, gives way."""
    old = group.name
    with transaction.atomic():
        DjangoGroup.objects.exclude(pk=group.pk).filter(name=name).delete()
        group.name = name
        group.save(update_fields=["name"])
        replace_among_members(group, old, {name})


def delete_here(group: DjangoGroup) -> None:
    """Delete the row, and forget that anybody was in it: put into another of its name, they get what that gives."""
    with transaction.atomic():
        replace_among_members(group, group.name, set())
        group.delete()


def replace_among_members(group: DjangoGroup, old: str, new: Set[str]) -> None:
    """Note of the members of ``group`` that they are in ``new`` at Cognito in place of ``old``.

    To be called in a transaction, in which what others write of them comes before or after, and is not overwritten.
    """
    members = User.objects.select_for_update(of=("self",)).filter(groups=group).order_by("pk")
    for user in members:
        if old in user.cognito_groups:
            user.cognito_groups = sorted({*user.cognito_groups, *new} - {old})
            user.cognito_seen_at = timezone.now()
    User.objects.bulk_update(members, ["cognito_groups", "cognito_seen_at"], batch_size=ROWS_AT_ONCE)
