"""The list of people in the administration with a thousand and with a million people, and searches among the million.

What is measured is how long an answer takes, since what may grow with the number of people is the work of PostgreSQL,
another process.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from django.db import connection

from accounts.models import User
from benchmarks import report
from benchmarks.measuring import Comparison, Way, compare
from benchmarks.project import Project, session_of, sign_in

PEOPLE = "/admin/accounts/user/"
# A filter keeps a search from looking in the pool, too, which is a matter of Cognito's.
AMONG = f"{PEOPLE}?staff=no&q="
FEW, MANY = 1_000, 1_000_000
# Who is searched for: one of the few, and one of the many.
AMONG_FEW, AMONG_MANY = 1_500, 500_000
LIST_GOAL, SEARCH_GOAL = 1.10, 1.3
# What is different about each of them; the rest is that of whoever looks at them.
DIFFERENT = {
    "id": "n + 1000",
    "sub": "'00000000-0000-4000-8000-' || lpad(n::text, 12, '0')",
    "username": "'10000000-0000-4000-8000-' || lpad(n::text, 12, '0')",
    "email": "'user' || lpad(n::text, 7, '0') || '@example.com'",
    "name": "'Person ' || md5('n' || n)",
    "is_staff": "false",
    "is_superuser": "false",
    # The oldest, so that whoever reads from the newest reads them all.
    "cognito_status": "CASE WHEN n <= 300 THEN 'UNCONFIRMED' ELSE 'CONFIRMED' END",
}


def lines() -> Iterator[report.Line]:
    """Measure, where there is a PostgreSQL."""
    if connection.vendor != "postgresql":
        yield report.told("admin list and search at 1 000 000 people", "-", "no PostgreSQL to measure on")
        return
    project = Project()
    session = session_of(sign_in(project))
    User.objects.update(is_staff=True, is_superuser=True)
    populate()
    looking = partial(Looking, project, session)
    many, few = looking(PEOPLE), looking(PEOPLE, "few")
    yield line("admin list: 1 000 000 people", many, few, LIST_GOAL)
    few_terms = searches(AMONG_FEW)
    for name, term in searches(AMONG_MANY).items():
        found, among_few = looking(AMONG + term), looking(AMONG + few_terms[name], "few")
        yield line(f"admin search: {name}", found, among_few, SEARCH_GOAL)
    yield line("admin search: a beginning all share, 50 shown", looking(f"{AMONG}user"), many, SEARCH_GOAL)
    yield line(
        "admin filter: the oldest 300 of 1 000 000", looking(f"{PEOPLE}?status=not_confirmed"), many, SEARCH_GOAL
    )


class Looking:
    """Somebody at the desk who looks at one page, with the people of ``schema``."""

    def __init__(self, project: Project, session: str, path: str, schema: str = "public") -> None:
        self.project, self.session, self.path, self.schema = project, session, path, schema

    def __call__(self) -> None:
        """Look at it. Raises RuntimeError where it is another page."""
        if (status := self.project.get(self.path, self.session).status) != 200:
            raise RuntimeError(f"{self.path} answers {status}")

    @contextmanager
    def among(self) -> Iterator[None]:
        """Have the people of the schema in force."""
        run(f"SET search_path TO {self.schema}, public")
        with self.project.in_force():
            yield

    @property
    def way(self) -> Way:
        """The way to measure it."""
        return Way(self, self.among, time.perf_counter)


def line(name: str, ours: Looking, reference: Looking, goal: float) -> report.Line:
    """Return the line that compares two pages."""
    found: Comparison = compare(ours.way, reference.way, pairs=16, size=4, goal=goal)
    return report.at_most(name, ms(found.ours), f"{named(reference)}: {ms(found.reference)}", found.ratio, goal)


def named(page: Looking) -> str:
    """Return what to call a reference."""
    return "1 000 people" if page.schema == "few" else "the list"


def ms(microseconds: float) -> str:
    """Return a time in milliseconds."""
    return f"{microseconds / 1000:.1f} ms"


def searches(pk: int) -> dict[str, str]:
    """Return what is searched for, each finding the person with ``pk`` and nobody else."""
    user = User.objects.get(pk=pk)
    return {
        "beginning of an address": user.email[:11],
        "beginning of a name": user.name[:20],
        "whole subject": user.sub,
    }


def populate() -> None:
    """Make a million people, and a thousand in a schema of their own."""
    run("SET synchronous_commit = off")
    with without_indexes("accounts_user"):
        run(seeding("public", MANY))
    run("CREATE SCHEMA few")
    for table in ("accounts_user", "accounts_user_groups"):
        run(f"CREATE TABLE few.{table} (LIKE public.{table} INCLUDING ALL)")
    run("INSERT INTO few.accounts_user SELECT * FROM public.accounts_user WHERE id < 1000")
    run(seeding("few", FEW))
    run("ANALYZE")


def seeding(schema: str, people: int) -> str:
    """Return the statement that makes ``people`` in ``schema``."""
    columns = [field.column for field in User._meta.concrete_fields]
    values = [DIFFERENT.get(str(column), f'one."{column}"') for column in columns]
    names = ", ".join(f'"{column}"' for column in columns)
    return (
        f"INSERT INTO {schema}.accounts_user ({names}) SELECT {', '.join(values)} "  # noqa: S608 -- made of constants
        f"FROM generate_series(1, {people}) n, (SELECT * FROM public.accounts_user ORDER BY id LIMIT 1) one"
    )


@contextmanager
def without_indexes(table: str) -> Iterator[None]:
    """Make the indexes of ``table`` after the block, which is many times faster than to keep them up with each row."""
    found = run(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND schemaname = 'public' "
        "AND indexname NOT IN (SELECT conname FROM pg_constraint)",
        table,
    )
    for name, _definition in found:
        run(f'DROP INDEX "{name}"')
    yield
    run("SET maintenance_work_mem = '256MB'")
    for _name, definition in found:
        run(definition)


def run(statement: str, *parameters: str) -> list[tuple[str, str]]:
    """Run a statement and return its rows, if it has any."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return list(cursor.fetchall()) if cursor.description else []
