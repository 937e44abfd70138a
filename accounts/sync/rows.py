"""Rows of people, written many at once.

Django's own bulk_create() and bulk_update() prepare every column of every row, and an expression for each value that
changes: writing would take several times as long as reading the people from Cognito (docs/adr/0035).
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import connection, transaction
from django.db.models import Field
from django.utils import timezone

from accounts.models import User


def create(issuer: str, people: Sequence[Mapping[str, object]]) -> None:
    """Write a row for each of ``people``, who are fields by name, the same for all; nothing where there is one by now.

    Whoever came in by themselves meanwhile, or was invited, has a newer one.
    """
    if not people:
        return
    columns = [field for field in User._meta.local_concrete_fields if not field.primary_key]
    blank = User(issuer=issuer, cognito_seen_at=timezone.now())
    same = {field: prepared(field, getattr(blank, field.attname)) for field in columns}
    own = [field for field in columns if field.attname in {"password", *people[0]}]
    rows: list[list[Any]] = []
    for person in people:
        values = {"password": unusable_password(), **person}
        theirs = {field: prepared(field, values[field.attname]) for field in own}
        rows.append([theirs.get(field, value) for field, value in same.items()])
    places = ", ".join(["%s"] * len(columns))
    names = ", ".join(quoted(field) for field in columns)
    # Names of ours, and no value: those go along as parameters. PostgreSQL and SQLite read it alike.
    write(f"INSERT INTO {table()} ({names}) VALUES ({places}) ON CONFLICT DO NOTHING", rows)  # noqa: S608


def update(people: Mapping[int, Mapping[str, object]], names: Collection[str]) -> None:
    """Write the fields called ``names`` of the people with these primary keys: each has a value for every one."""
    columns = [field for field in User._meta.local_concrete_fields if field.attname in names]
    rows = [[*(prepared(field, values[field.attname]) for field in columns), key] for key, values in people.items()]
    assignments = ", ".join(f"{quoted(field)} = %s" for field in columns)
    write(f"UPDATE {table()} SET {assignments} WHERE {quoted(User._meta.pk)} = %s", rows)  # noqa: S608


def write(statement: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run ``statement`` with each of ``rows``, all or none."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(statement, rows)


def prepared(field: "Field[Any, Any]", value: object) -> Any:
    """Return ``value`` as the database takes it for ``field``."""
    return field.get_db_prep_save(value, connection)


def quoted(field: "Field[Any, Any]") -> str:
    """Return the name of the field's column, for a statement."""
    return connection.ops.quote_name(str(field.column))


def table() -> str:
    """Return the name of the table of people, for a statement."""
    return connection.ops.quote_name(User._meta.db_table)


def unusable_password() -> str:
    """Return what set_unusable_password() would set; its 40 letters are drawn one by one, which takes far longer.

    https://docs.djangoproject.com/en/5.2/ref/contrib/auth/#django.contrib.auth.models.User.set_unusable_password
    """
    return UNUSABLE_PASSWORD_PREFIX + secrets.token_urlsafe(30)
