"""Who is in the pool, page by page, against who is known here: one SELECT a page, and only what differs is written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import conf, users
from accounts.cognito.errors import InputRejected, Unreachable
from accounts.cognito.results import PeoplePage, Person
from accounts.models import User
from accounts.sync import access, rows
from accounts.sync.report import Difference, Drift
from accounts.sync.run import Run

# What is compared. Of the second factors ListUsers says nothing, of the groups neither.
COMPARED = (
    "email",
    "email_verified",
    "phone_number",
    "phone_number_verified",
    "name",
    "username",
    "cognito_status",
    "is_active",
    "date_joined",
)
# Who may come in is switched by accounts/sync/access.py.
WRITTEN = {*COMPARED, "cognito_seen_at"} - {"is_active"}
PAGES_AT_ONCE = 20  # pages between two saves of the position; their new people are written together

# The fields of somebody who has no row yet.
Newcomer = dict[str, object]


def compare_all(run: Run) -> None:
    """Compare every person of the pool, from where ``run`` stands. Raises Unavailable, Misconfigured, Busy.

    A position that Cognito takes no longer is given up, and everybody is compared from the beginning.
    """
    position = run.position
    kept = User.objects.filter(issuer=run.issuer).values_list("sub", "pk", *COMPARED)
    new: list[Newcomer] = []
    pages = 0
    while not position.listed:
        asked_at = timezone.now()
        try:
            page = run.ask(lambda: conf.directory().list_people(token=position.page_token))
        except InputRejected:
            if not position.goes_on:
                raise
            run.begin_anew()
            continue
        follow(run, page)
        new += compare(run, kept, page.people, asked_at)
        pages += 1
        if position.listed or pages % PAGES_AT_ONCE == 0:
            if not run.dry_run:
                rows.create(run.issuer, new)
            new = []
            run.save()


def follow(run: Run, page: PeoplePage) -> None:
    """Move on to the page after ``page``. Raises Unreachable where that would be the same one for ever."""
    if page.next_token and page.next_token == run.position.page_token:
        raise Unreachable("ListUsers", "SamePageAgain")
    run.position.page_token, run.position.listed = page.next_token, not page.next_token


@dataclass(frozen=True, slots=True)
class Differing:
    """Somebody who is known here and differs: what the fields ought to be, and the names of those that are not."""

    person: Person
    wanted: Mapping[str, object]
    names: tuple[str, ...]

    @property
    def drift(self) -> Drift:
        """In which way they differ; that somebody may come in or not is what counts most."""
        if "is_active" not in self.names:
            return Drift.CHANGED
        return Drift.ENABLED if self.person.enabled else Drift.DISABLED


def compare(run: Run, kept: QuerySet[Any, Any], people: Iterable[Person], asked_at: datetime) -> list[Newcomer]:
    """Compare some people, described after ``asked_at``, with what is ``kept`` of the pool.

    Writes what differs, and returns those who are new here.
    """
    by_sub = {person.sub: person for person in people}
    if "" in by_sub:
        raise Unreachable("ListUsers", "NoSub")
    here = {sub: (pk, values) for sub, pk, *values in kept.filter(sub__in=list(by_sub))}
    new, differing = [], {}
    for sub, person in by_sub.items():
        wanted = users.fields(person)
        if sub not in here:
            # All with the same fields.
            new.append({"date_joined": asked_at, **wanted, "sub": sub})
            continue
        pk, values = here[sub]
        run.position.met.add(pk)
        # What Cognito left unsaid stays as it is.
        names = [name for name, value in zip(COMPARED, values, strict=True) if wanted.get(name, value) != value]
        if names:
            differing[pk] = Differing(person, wanted, tuple(names))
    run.met(len(by_sub))
    run.report.found(Difference(Drift.MISSING, str(person["sub"])) for person in new)
    if differing:
        write(run, differing, asked_at)
    return new


def write(run: Run, differing: Mapping[int, Differing], asked_at: datetime) -> None:
    """Write what differs of the people with these primary keys, and report it.

    Left out is what the site itself has seen after ``asked_at``, when Cognito was asked: that is newer.
    """
    with transaction.atomic():
        locked = User.objects.select_for_update().filter(pk__in=list(differing)).order_by("pk")
        stale = [user for user in locked if user.cognito_seen_at is None or user.cognito_seen_at <= asked_at]
        run.report.found(Difference(differing[user.pk].drift, user.sub, differing[user.pk].names) for user in stale)
        if run.dry_run:
            return
        seen = {"cognito_seen_at": timezone.now()}
        # What Cognito left unsaid stays as it is.
        values = {user.pk: {name: getattr(user, name) for name in WRITTEN} for user in stale}
        rows.update({key: value | dict(differing[key].wanted) | seen for key, value in values.items()}, WRITTEN)
        out = [user for user in stale if differing[user.pk].drift == Drift.DISABLED]
        ended = access.shut_out(out)
    run.report.sessions += access.revoke(ended)
    for user in stale:
        if differing[user.pk].drift == Drift.ENABLED:
            access.let_in(user)
