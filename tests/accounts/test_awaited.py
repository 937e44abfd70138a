"""What waits for its code is kept with the person, for a day, and can be read by the site alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts import awaited, conf
from accounts.awaited import EMAIL, NUMBER, Awaited
from accounts.models import AwaitedCode, User

DAY = timedelta(hours=24)
SECOND = timedelta(seconds=1)
NEW = Awaited(value="countess@example.com", sent_at=1000.0)

pytestmark = pytest.mark.django_db


def later(by: timedelta) -> time_machine.travel:
    return time_machine.travel(timezone.now() + by, tick=False)


def test_it_waits_for_a_day_and_no_longer(ada: User) -> None:
    awaited.begin(ada, EMAIL, NEW)
    with later(DAY - SECOND):
        assert awaited.of(ada) == {EMAIL: NEW}
        assert not awaited.over().exists()
    with later(DAY + SECOND):
        assert awaited.of(ada) == {}
        assert awaited.over().count() == 1


def test_another_code_does_not_make_it_wait_longer(ada: User) -> None:
    awaited.begin(ada, EMAIL, NEW)
    with later(DAY - SECOND):
        awaited.go_on(ada, EMAIL, replace(NEW, sent_at=2000.0))
        assert awaited.of(ada) == {EMAIL: replace(NEW, sent_at=2000.0)}
    with later(DAY + SECOND):
        assert awaited.of(ada) == {}


def test_what_is_asked_for_anew_waits_from_then_on(ada: User) -> None:
    awaited.begin(ada, EMAIL, NEW)
    with later(DAY - SECOND):
        awaited.begin(ada, EMAIL, replace(NEW, value="other@example.com"))
    with later(DAY + SECOND):
        assert awaited.of(ada)[EMAIL].value == "other@example.com"


def test_going_on_with_what_was_given_up_makes_nothing(ada: User) -> None:
    awaited.go_on(ada, EMAIL, NEW)
    assert not AwaitedCode.objects.exists()


def test_the_other_one_and_other_people_keep_theirs(ada: User) -> None:
    bob = User.objects.create(issuer="x", sub="sub-of-bob", username="bob")
    for user, attribute in ((ada, EMAIL), (ada, NUMBER), (bob, EMAIL)):
        awaited.begin(user, attribute, replace(NEW, value=f"{user.username} {attribute}"))
    awaited.go_on(ada, EMAIL, replace(NEW, taken=True))
    awaited.end(ada, EMAIL)
    assert {name: each.value for name, each in awaited.of(ada).items()} == {NUMBER: "ada phone_number"}
    assert awaited.of(bob) == {EMAIL: replace(NEW, value="bob email")}


@pytest.mark.parametrize(
    "record", ["", "nonsense", {}, {"value": "x"}, {"sent_at": 1.0}], ids=["empty", "forged", "bare", "half", "other"]
)
def test_a_record_that_cannot_be_read_is_none(ada: User, record: str | dict[str, object]) -> None:
    stored = conf.token_cipher().encrypt(record) if isinstance(record, dict) else record
    AwaitedCode.objects.create(user=ada, attribute=EMAIL, record=stored, at=timezone.now())
    assert awaited.of(ada) == {}


def test_a_record_of_a_newer_version_is_read_as_far_as_it_is_known(ada: User) -> None:
    stored = conf.token_cipher().encrypt({"value": NEW.value, "sent_at": NEW.sent_at, "of_tomorrow": 1})
    AwaitedCode.objects.create(user=ada, attribute=EMAIL, record=stored, at=timezone.now())
    assert awaited.of(ada) == {EMAIL: NEW}


def test_an_attribute_that_no_code_proves_waits_for_none(ada: User) -> None:
    awaited.begin(ada, "name", NEW)
    assert awaited.of(ada) == {}


def test_neither_the_database_nor_a_report_of_a_mistake_shows_the_value(ada: User) -> None:
    awaited.begin(ada, EMAIL, NEW)
    assert NEW.value not in str(AwaitedCode.objects.values_list().get())
    assert NEW.value not in repr(NEW)
