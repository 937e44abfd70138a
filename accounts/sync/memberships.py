"""Who is in which group: ListGroups, then the members of each, which is far fewer calls than asking for each person.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsersInGroup.html
"""

from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from datetime import datetime

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import activity, conf, rights, users
from accounts.cognito.errors import GroupNotFound, Unreachable, UserNotFound
from accounts.cognito.results import PeoplePage
from accounts.context import Context
from accounts.models import Activity, User
from accounts.sync import rows
from accounts.sync.marks import Marks
from accounts.sync.report import Difference, Drift
from accounts.sync.run import Run

# The rows that say who is in which Django group.
Link = User.groups.through
ROWS_AT_ONCE = 500
WRITTEN = {"cognito_groups", "is_staff", "is_superuser", "cognito_seen_at"}


def align_privileged(run: Run) -> None:
    """Take away and give the rights of staff and superusers, ahead of what takes long. Raises Unavailable, Busy."""
    for name in privileged().intersection(group_names(run)):
        align_group(run, name)


def align(run: Run) -> None:
    """Make the groups of everybody known here those they have at Cognito; rights follow. Raises Unavailable, Busy.

    The groups of outside providers are left out: the provider decides who is in them, and they grant nothing.
    """
    listed_at = timezone.now()
    names = [name for name in group_names(run) if not rights.is_of_provider(name)]
    if not run.dry_run:
        Group.objects.bulk_create([Group(name=name) for name in names], ignore_conflicts=True)
    for name in names:
        align_group(run, name)
    here = set(Group.objects.filter(user__issuer=run.issuer).values_list("name", flat=True)) | privileged()
    for name in here.difference(names):
        remove(run, name, Marks(), listed_at)


def privileged() -> set[str]:
    """Return the names of the groups that make staff and superusers."""
    return {conf.config().staff_group, conf.config().superuser_group} - {""}


def group_names(run: Run) -> Iterator[str]:
    """Yield the names of the pool's groups. Raises Unreachable where their list has no end."""
    token = ""
    while True:
        page = run.ask(lambda: conf.groups().page(token=token))  # noqa: B023 -- called within this turn
        yield from (group.name for group in page.groups)
        if not page.next_token:
            return
        if page.next_token == token:
            raise Unreachable("ListGroups", "SamePageAgain")
        token = page.next_token


def align_group(run: Run, name: str) -> None:
    """Put into the group called ``name`` whoever is in it at Cognito, and take everybody else out."""
    began_at, members = timezone.now(), Marks()
    for page, asked_at in pages(run, name):
        add(run, name, [person.sub for person in page.people], members, asked_at)
    remove(run, name, members, began_at)


def pages(run: Run, name: str) -> Iterator[tuple[PeoplePage, datetime]]:
    """Yield the members of a group, and when Cognito was asked; nobody for a group that is not there any more."""
    token = ""
    while True:
        asked_at = timezone.now()
        try:
            page = run.ask(lambda: conf.groups().members(name, token=token))  # noqa: B023 -- called within this turn
        except GroupNotFound:
            return
        yield page, asked_at
        if not page.next_token:
            return
        if page.next_token == token:
            raise Unreachable("ListUsersInGroup", "SamePageAgain")
        token = page.next_token


def add(run: Run, name: str, subs: Collection[str], members: Marks, asked_at: datetime) -> None:
    """Put into ``name`` those of ``subs`` who are not in it, and mark all in ``members``.

    Left out is whoever the site itself has seen since ``asked_at``. Whoever has no row yet gets their groups at the
    first sign-in or in the next run.
    """
    with transaction.atomic():
        known = list(User.objects.select_for_update().filter(issuer=run.issuer, sub__in=subs).order_by("pk"))
        linked = linked_to(name, known)
        for user in known:
            members.add(user.pk)
        lacking = [user for user in known if user.pk not in linked or name not in user.cognito_groups]
        regroup(run, [user for user in lacking if not seen_since(user, asked_at)], name, inside=True)


def remove(run: Run, name: str, members: Marks, began_at: datetime) -> None:
    """Take out of ``name`` everybody but ``members``, who were listed from ``began_at`` on."""
    flagged = Q(is_staff=True) | Q(is_superuser=True) if name in privileged() else Q()
    inside = Q(pk__in=Link.objects.filter(group__name=name).values("user_id")) | flagged
    last = 0
    ours = User.objects.filter(inside, issuer=run.issuer).order_by("pk").values_list("pk", flat=True)
    while found := list(ours.filter(pk__gt=last)[:ROWS_AT_ONCE]):
        last = found[-1]
        take_out(run, name, [key for key in found if key not in members], began_at)


def take_out(run: Run, name: str, keys: Sequence[int], asked_at: datetime) -> None:
    """Take the people with these primary keys out of ``name``, in which Cognito did not have them at ``asked_at``.

    Whoever the site has seen since then may have been put in meanwhile, so Cognito is asked again about them alone.
    """
    if not keys:
        return
    with transaction.atomic():
        locked = list(User.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
        regroup(run, [user for user in locked if not seen_since(user, asked_at)], name, inside=False)
    for user in locked:
        if seen_since(user, asked_at):
            asked_again_at = timezone.now()
            if not is_member(run, user, name):
                take_out(run, name, [user.pk], asked_again_at)


def is_member(run: Run, user: User, name: str) -> bool:
    """Whether Cognito has ``user`` in ``name`` at this moment; whoever is gone from there is in no group."""
    try:
        return name in run.ask(lambda: conf.directory().groups_of(user.username))
    except UserNotFound:
        return False


def seen_since(user: User, moment: datetime) -> bool:
    """Whether something newer than what was listed at ``moment`` may stand in the row."""
    return user.cognito_seen_at is not None and user.cognito_seen_at > moment


def linked_to(name: str, people: Iterable[User]) -> Set[int]:
    """Return the primary keys of those of ``people`` who are in the Django group called ``name``."""
    return set(Link.objects.filter(group__name=name, user__in=list(people)).values_list("user_id", flat=True))


def regroup(run: Run, people: list[User], name: str, *, inside: bool) -> None:
    """Write that ``people`` are in ``name``, or not, with the rights that follow, and report who that changed."""
    linked, changed = linked_to(name, people), dict[int, dict[str, object]]()
    for user in people:
        wanted = users.granted({*user.cognito_groups, name} if inside else {*user.cognito_groups} - {name})
        differing = {field for field, value in wanted.items() if getattr(user, field) != value}
        if differing or (user.pk in linked) != inside:
            run.report.found([Difference(Drift.GROUPS, user.sub, (name,))])
            changed[user.pk] = wanted | {"cognito_seen_at": timezone.now()}
        if differing & {"is_staff", "is_superuser"} and not run.dry_run:
            activity.record(Activity.Kind.GROUPS_CHANGED, user, context=Context())
    if run.dry_run or not changed:
        return
    rows.update(changed, WRITTEN)
    if inside:
        group, _ = Group.objects.get_or_create(name=name)
        Link.objects.bulk_create([Link(user_id=key, group=group) for key in changed], ignore_conflicts=True)
    else:
        Link.objects.filter(group__name=name, user__in=list(changed)).delete()
