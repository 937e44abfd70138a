"""The record of what happened: it grows, nothing in it changes, and it forgets who left and not what was done."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.migrations import RunPython
from django.db.migrations.executor import MigrationExecutor

from accounts import activity, after_answer
from accounts.audit import AppendOnly
from accounts.context import Context
from accounts.models import Activity, User

pytestmark = pytest.mark.django_db

Kind, Outcome, Role = Activity.Kind, Activity.Outcome, Activity.Role
DESK = Context("203.0.113.9", "Mozilla/5.0 Firefox/150.0", "0123456789abcdef0123456789abcdef")
HOME = Context("192.0.2.7", "Mozilla/5.0 Chrome/150.0", "fedcba9876543210fedcba9876543210")


@pytest.fixture
def ada() -> User:
    return User.objects.create(issuer="x", sub="sub-of-ada", username="ada", email="ada@example.com", name="Ada King")


@pytest.fixture
def root() -> User:
    return User.objects.create(issuer="x", sub="sub-of-root", username="root", email="root@example.com")


@pytest.fixture
def row(ada: User, root: User) -> Activity:
    """Something an administrator did with Ada's account."""
    return activity.write(Kind.SHUT_OUT, ada, by=root, context=DESK)


# Nothing is changed.


@pytest.mark.parametrize(
    "change",
    [
        lambda row: Activity.objects.filter(pk=row.pk).update(kind=Kind.LET_IN),
        lambda row: Activity.objects.filter(pk=row.pk).delete(),
        lambda row: Activity.objects.bulk_update([row], ["kind"]),
        lambda row: Activity.objects.update_or_create(pk=row.pk, defaults={"kind": Kind.LET_IN}),
        lambda row: Activity.objects.bulk_create(
            [row], update_conflicts=True, unique_fields=["id"], update_fields=["kind"]
        ),
        lambda row: row.user.activity.all().delete(),
        lambda row: row.user.activity.update(kind=Kind.LET_IN),
        lambda row: row.user.activity.clear(),
        lambda row: row.by.acts.all().delete(),
        lambda row: row.save(),
        lambda row: row.save(update_fields=["kind"]),
        lambda row: row.delete(),
    ],
    ids=range(12),
)
def test_a_row_is_neither_changed_nor_deleted(row: Activity, change: Callable[[Activity], Any]) -> None:
    row.kind = Kind.LET_IN
    with pytest.raises(AppendOnly):
        change(row)
    kept = Activity.objects.get(pk=row.pk)
    assert (kept.kind, kept.user, kept.by) == (Kind.SHUT_OUT, row.user, row.by)


# Who, with whom, what, whence, and what came of it.


def test_an_act_of_staff_says_who_whence_and_by_which_request(ada: User, root: User, row: Activity) -> None:
    kept = Activity.objects.get()
    assert (kept.user, kept.by, kept.role, kept.outcome) == (ada, root, Role.STAFF, Outcome.DONE)
    assert (kept.ip_address, kept.user_agent, kept.request_id) == (DESK.ip_address, DESK.user_agent, DESK.request_id)


@pytest.mark.parametrize(
    ("by", "context", "role"),
    [
        (None, HOME, Role.PERSON),
        ("self", HOME, Role.PERSON),
        ("root", DESK, Role.STAFF),
        ("root", Context(), Role.STAFF),
        (None, Context(), Role.COMMAND),
    ],
)
def test_the_role_follows_from_who_acts_and_whence(
    ada: User, root: User, by: str | None, context: Context, role: Activity.Role
) -> None:
    who = {None: None, "self": ada, "root": root}[by]
    assert activity.write(Kind.SIGNED_OUT_EVERYWHERE, ada, by=who, context=context).role == role


def test_an_act_on_a_group_names_the_group(root: User) -> None:
    activity.record(Kind.GROUP_DELETED, None, by=root, context=DESK, target="editors")
    kept = Activity.objects.get()
    assert (kept.user, kept.by, kept.target) == (None, root, "editors")


def test_a_long_name_is_cut_and_not_refused(root: User) -> None:
    activity.record(Kind.GROUP_DELETED, None, by=root, context=DESK, target="e" * 300)
    assert len(Activity.objects.get().target) == 255


def test_what_was_not_done_is_not_mailed(ada: User, root: User, mailoutbox: list[Any]) -> None:
    activity.record(Kind.PASSKEY_REMOVED, ada, by=root, context=DESK, outcome=Outcome.REFUSED)
    after_answer.flush(5)
    assert Activity.objects.get().outcome == Outcome.REFUSED
    assert mailoutbox == []
    activity.record(Kind.PASSKEY_REMOVED, ada, by=root, context=DESK)
    after_answer.flush(5)
    assert len(mailoutbox) == 1


def test_each_row_is_a_line_of_the_log_with_the_documented_fields(
    ada: User, root: User, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "accounts.activity"):
        activity.record(Kind.GROUPS_CHANGED, ada, by=root, context=DESK, outcome=Outcome.FAILED, target="editors")
    (line,) = (record.__dict__ for record in caplog.records if record.getMessage() == "groups_changed")
    expected = {
        "user": ada.pk,
        "sub": "sub-of-ada",
        "by": root.pk,
        "role": "staff",
        "outcome": "failed",
        "target": "editors",
        "factor": "",
        "ip": DESK.ip_address,
        "request_id": DESK.request_id,
    }
    assert {name: line[name] for name in expected} == expected
    assert ada.email not in str(line)


# What the person sees.


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.FAILED])
def test_what_others_tried_in_vain_is_not_the_persons_to_see(
    ada: User, root: User, row: Activity, outcome: Activity.Outcome
) -> None:
    activity.record(Kind.ACCOUNT_DELETED, ada, by=root, context=DESK, outcome=outcome)
    activity.record(Kind.ACCOUNT_DELETED, ada, context=Context(), outcome=outcome)
    assert [entry["label"] for entry in map(activity.entry, Activity.objects.of_person(ada))] == [
        "Switched off the account"
    ]
    assert [entry["what"] for entry in activity.data(ada)] == ["shut_out"]


def test_of_an_administrator_the_person_sees_only_that_it_was_one(ada: User, root: User, row: Activity) -> None:
    shown = str((activity.entry(row), activity.data(ada)))
    assert "by support" in shown
    for secret in (DESK.ip_address, "Firefox", root.email, root.sub, DESK.request_id):
        assert str(secret) not in shown


def test_what_somebody_did_as_staff_is_not_in_their_own_activity(root: User, row: Activity) -> None:
    assert list(Activity.objects.of_person(root)) == []


# Leaving.


def test_whoever_leaves_takes_their_own_activity_along(ada: User) -> None:
    activity.record(Kind.SIGNED_IN, ada, context=HOME)
    activity.write(Kind.SIGN_IN_REFUSED, ada, context=HOME, outcome=Outcome.REFUSED, role=Role.UNKNOWN)
    activity.write(Kind.ENDED_ELSEWHERE, ada, context=HOME, role=Role.POOL)
    ada.delete()
    assert not Activity.objects.exists()


def test_what_administrators_did_with_somebody_outlives_them_without_a_name(
    ada: User, root: User, row: Activity
) -> None:
    activity.record(Kind.ACCOUNT_DELETED, ada, by=root, context=DESK)
    ada.delete()
    assert {(kept.user, kept.user_sub, kept.by) for kept in Activity.objects.all()} == {(None, "sub-of-ada", root)}
    assert Activity.objects.count() == 2
    everything = str(list(Activity.objects.values()))
    assert "ada@example.com" not in everything
    assert "King" not in everything


def test_a_deletion_by_the_person_stays_and_says_only_that(ada: User) -> None:
    activity.write(Kind.ACCOUNT_DELETED, ada, context=HOME)
    ada.delete()
    kept = Activity.objects.get()
    assert (kept.kind, kept.user_sub, kept.ip_address, kept.user_agent) == (
        Kind.ACCOUNT_DELETED,
        "sub-of-ada",
        None,
        "",
    )


def test_an_administrator_who_leaves_does_not_take_along_what_they_did(ada: User, root: User, row: Activity) -> None:
    activity.record(Kind.GROUP_DELETED, None, by=root, context=DESK, target="editors")
    root.delete()
    kept = {(row.kind, row.by, row.by_sub, row.ip_address) for row in Activity.objects.all()}
    assert kept == {(Kind.SHUT_OUT, None, "sub-of-root", None), (Kind.GROUP_DELETED, None, "sub-of-root", None)}
    assert Activity.objects.filter(user=ada).count() == 1


def test_of_others_nothing_is_forgotten(ada: User, root: User, row: Activity) -> None:
    activity.record(Kind.SIGNED_IN, root, context=DESK)
    ada.delete()
    kept = Activity.objects.get(user=root)
    assert (kept.ip_address, kept.user_sub) == (DESK.ip_address, "")


def test_people_deleted_at_once_are_forgotten_one_by_one(ada: User, root: User, row: Activity) -> None:
    activity.record(Kind.SIGNED_IN, ada, context=HOME)
    User.objects.all().delete()
    assert {(kept.user_sub, kept.by_sub) for kept in Activity.objects.all()} == {("sub-of-ada", "sub-of-root")}


def test_the_history_of_the_admin_forgets_what_somebody_was_called(ada: User, root: User) -> None:
    LogEntry.objects.create(
        user=root,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(ada.pk),
        object_repr=str(ada),
        action_flag=2,
        change_message="Ada King is disabled. 2 devices were signed out.",
    )
    ada.delete()
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_repr, entry.change_message) == (root, "sub-of-ada", "")


def test_somebody_whose_row_is_gone_can_still_be_written_of(ada: User, root: User) -> None:
    ada.delete()
    activity.record(Kind.ACCOUNT_DELETED, ada, by=root, context=DESK)
    kept = Activity.objects.get()
    assert (kept.user, kept.user_sub, kept.by) == (None, "sub-of-ada", root)


# Rows from before.


def test_rows_from_before_are_told_apart_as_far_as_their_kind_tells(ada: User) -> None:
    kinds = {
        "shut_out": (Role.STAFF, Outcome.DONE),
        "sign_in_refused": (Role.UNKNOWN, Outcome.REFUSED),
        "ended_elsewhere": (Role.POOL, Outcome.DONE),
        "signed_in": (Role.PERSON, Outcome.DONE),
    }
    Activity.objects.bulk_create(Activity(user=ada, kind=kind) for kind in kinds)
    loader = MigrationExecutor(connection).loader
    step = loader.get_migration("accounts", "0008_audit").operations[-1]
    assert isinstance(step, RunPython)
    step.code(loader.project_state([("accounts", "0008_audit")]).apps, connection.schema_editor())
    assert {row.kind: (row.role, row.outcome) for row in Activity.objects.all()} == kinds
