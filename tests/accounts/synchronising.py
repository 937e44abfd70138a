"""Running `sync_users`, and what it said."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

from django.core.management import call_command

from accounts.models import Activity, User
from tests.local_pool import LocalPool, Person


def sync(*options: str) -> dict[str, Any]:
    """Run the command; return the totals."""
    return said(*options)[-1]


def said(*options: str) -> list[dict[str, Any]]:
    """Run the command; return what it said, by line."""
    out = StringIO()
    call_command("sync_users", "--json", *options, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def in_words(*options: str) -> list[str]:
    """Run the command as people do; return what it said, by line."""
    out = StringIO()
    call_command("sync_users", *options, stdout=out)
    return out.getvalue().splitlines()


def drift(totals: dict[str, Any]) -> dict[str, int]:
    """Return what differed and how often, without what did not."""
    kinds = ("missing", "changed", "disabled", "enabled", "groups", "gone")
    return {kind: totals[kind] for kind in kinds if totals[kind]}


def kept(sub: str) -> User:
    """Return the row of somebody."""
    return User.objects.get(sub=sub)


def put_into(pool: LocalPool, person: Person, group: str) -> None:
    """Put somebody into a group at Cognito."""
    pool.admin("add_user_to_group", person, GroupName=group)


def attributes(pool: LocalPool, person: Person, **values: str) -> None:
    """Change somebody's attributes at Cognito."""
    changes = [{"Name": name, "Value": value} for name, value in values.items()]
    pool.admin("update_user_attributes", person, UserAttributes=changes)


def kinds_of(person: Person) -> list[str]:
    """Return what is recorded of somebody, oldest first."""
    return list(Activity.objects.filter(user__sub=person.sub).order_by("pk").values_list("kind", flat=True))
