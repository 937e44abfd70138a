"""Who acts on whom, for the tests of the acts: people of the pool that this site knows, and staff with rights."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.core import mail

from accounts import conf, users
from accounts.cognito.results import Tokens
from accounts.context import Context
from accounts.models import Activity, User
from accounts.sessions.engine import SessionStore
from tests.background import finish
from tests.checked_client import CheckedClient
from tests.local_pool import LocalPool, Person, new_email

DESK = Context("192.0.2.7", "Mozilla/5.0 (desk)", "request-1")


def known(pool: LocalPool, person: Person) -> User:
    """Return the user of somebody whom this site knows as Cognito does, second factors and groups included."""
    directory = conf.directory()
    return users.keep(directory.get(person.email), directory.groups_of(person.email))


def group(pool: LocalPool, name: str, *permissions: str) -> str:
    """Make a group of the pool whose members have ``permissions`` here, and return its name."""
    with suppress(pool.root.exceptions.GroupExistsException):
        pool.root.create_group(UserPoolId=pool.id, GroupName=name)
    mirrored, _ = Group.objects.get_or_create(name=name)
    mirrored.permissions.set(Permission.objects.filter(content_type__app_label="accounts", codename__in=permissions))
    return name


def member(pool: LocalPool, *groups: str) -> User:
    """Return a new person in ``groups``, whom this site knows."""
    return known(pool, pool.person(groups=groups, email=new_email("member")))


def superuser(pool: LocalPool) -> User:
    """Return a new superuser, whom this site knows."""
    return member(pool, pool.env["COGNITO_SUPERUSER_GROUP"])


def staff_who_may(pool: LocalPool, *permissions: str) -> User:
    """Return a new person on staff who has ``permissions`` (codenames) and no other."""
    own = group(pool, f"desk-{new_email('x').partition('@')[0]}", *permissions)
    return member(pool, pool.env["COGNITO_STAFF_GROUP"], own)


def again(user: User) -> User:
    """Return ``user`` as the database has them."""
    return User.objects.get(pk=user.pk)


def happened(user: User) -> list[tuple[str, str, int | None]]:
    """Return kind, outcome and who did it, of all that is recorded about ``user``, oldest first."""
    rows = Activity.objects.filter(user=user).order_by("pk")
    return [(row.kind, row.outcome, row.by_id) for row in rows]


def mailed(to: str) -> list[str]:
    """Return the mails of this site to somebody, as text."""
    finish()
    return [str(message.body) for message in mail.outbox if message.to == [to]]


def state(pool: LocalPool, user: User) -> dict[str, Any]:
    """Return how Cognito describes somebody, in AWS's words."""
    answer: dict[str, Any] = pool.root.admin_get_user(UserPoolId=pool.id, Username=user.username)
    return answer


def tokens_of(client: CheckedClient) -> Tokens:
    """Return the tokens that the session of a browser holds."""
    held = SessionStore(client.session_cookie).read_tokens()
    assert held
    assert held.tokens
    return held.tokens
