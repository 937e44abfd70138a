"""What a try costs: charged before, given back when it was none, waited for while undecided."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import Settings

from accounts import counters, limits
from accounts.cognito.errors import (
    InputRejected,
    Misconfigured,
    NotAuthorized,
    Refused,
    Throttled,
    TokenError,
    Unreachable,
    WrongCode,
)
from accounts.limits import Budget, Limit, LimitExceeded
from accounts.models import Count
from accounts.sessions import double_submit, refresh
from accounts.waiting import Busy

pytestmark = pytest.mark.django_db

ADDRESS, NAME, CODES = Limit("a", 20, 300), Limit("n", 3, 300), Limit("c", 2, 300)
GUESSES = Budget((ADDRESS,), (NAME,), sending=(CODES,), guessing=True)
PASSWORDS = Budget((ADDRESS,), (NAME,), guessing=True)
ACTS = Budget((ADDRESS,), (NAME,))


@pytest.fixture(autouse=True)
def _counted_in_the_database(settings: Settings) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


def request(address: str = "192.0.2.1") -> HttpRequest:
    return RequestFactory().post("/", REMOTE_ADDR=address)


def nothing() -> None:
    """Succeed."""


def failing(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


def tries(number: int, act: Callable[[], object], budget: Budget = GUESSES, name: str = "ada", **kwargs: str) -> int:
    """Return how many of `number` tries to `act` are let through, whatever comes of them."""
    through = 0
    for _ in range(number):
        try:
            with limits.attempt(request(**kwargs), budget, name):
                through += 1
                act()
        except LimitExceeded:
            continue
        except Exception:  # noqa: BLE001, S112 -- what the act came to
            continue
    return through


WRONG = failing(WrongCode("ConfirmSignUp", "CodeMismatchException"))
NO_TRIES = [
    Unreachable("InitiateAuth"),
    Throttled("InitiateAuth", "TooManyRequestsException"),
    Misconfigured("InitiateAuth", "ResourceNotFoundException"),
    TokenError(),
    InputRejected("InitiateAuth", "ParamValidationError"),
    LimitExceeded(5),
    Busy(),
    OperationalError("the database is away"),
    KeyError("a mistake of ours"),
]


def test_only_so_many_wrong_guesses_are_let_through() -> None:
    assert tries(10, WRONG) == 3


def test_another_name_has_a_budget_of_its_own_and_letter_case_buys_none() -> None:
    assert tries(2, WRONG, name="Ada@Example.com") + tries(10, WRONG, name="ADA@EXAMPLE.COM") == 3
    assert tries(10, WRONG, name="bob") == 3


def test_right_guesses_cost_nothing() -> None:
    assert tries(10, nothing) == 10


def test_a_right_guess_gives_back_no_wrong_one() -> None:
    assert tries(2, WRONG) == 2
    assert tries(5, nothing) == 5
    assert tries(10, WRONG) == 1


def test_acts_count_whether_they_succeed_or_are_refused() -> None:
    assert tries(2, nothing, ACTS) + tries(10, WRONG, ACTS) == 3


@pytest.mark.parametrize("budget", [GUESSES, ACTS], ids=["guesses", "acts"])
@pytest.mark.parametrize("error", NO_TRIES, ids=lambda error: f"{type(error).__name__}")
def test_what_was_no_try_costs_nothing(budget: Budget, error: Exception) -> None:
    assert tries(10, failing(error), budget) == 10
    assert tries(10, WRONG, budget) == 3
    # Nor did it cost the address anything.
    assert tries(20, WRONG, Budget((ADDRESS,))) == 17


def test_a_refusal_says_when_to_come_back_and_the_log_which_limit_it_was(caplog: pytest.LogCaptureFixture) -> None:
    tries(3, WRONG)
    assert [record for record in caplog.records if record.message == "limit reached"] == []
    with pytest.raises(LimitExceeded) as caught, limits.attempt(request(), GUESSES, "ada"):
        pytest.fail("a fourth try was let through")
    assert 0 < caught.value.retry_after <= 300
    assert [vars(record)["limit"] for record in caplog.records if record.message == "limit reached"] == ["n"]


def test_an_address_that_tried_too_often_uses_up_no_name() -> None:
    assert tries(25, WRONG, Budget((ADDRESS,))) == 20
    assert tries(10, WRONG, ACTS, name="bob") == 0
    assert tries(10, WRONG, ACTS, name="bob", address="192.0.2.2") == 3


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
    ],
)
def test_addresses_count_by_ipv4_address_and_by_ipv6_network(one: str, other: str, same: bool) -> None:
    assert tries(25, WRONG, Budget((ADDRESS,)), address=one) == 20
    assert tries(1, WRONG, Budget((ADDRESS,)), address=other) == (0 if same else 1)


def test_codes_count_only_where_one_was_sent_and_then_also_after_a_success() -> None:
    assert tries(10, nothing) == 10
    assert tries(10, limits.code_was_sent) == 2


def test_a_code_counts_for_the_act_that_sent_it_and_for_none_that_has_ended() -> None:
    def send_after_another() -> None:
        with limits.attempt(request(), PASSWORDS, "ada"):
            pass
        limits.code_was_sent()

    assert tries(10, send_after_another) == 2


def test_a_code_that_was_sent_counts_after_an_outage_too() -> None:
    def send_and_fail() -> None:
        limits.code_was_sent()
        raise Unreachable("InitiateAuth")

    assert tries(10, send_and_fail) == 2


def test_what_was_typed_does_not_stand_in_the_store() -> None:
    tries(1, WRONG, name="canary@example.com")
    stored = list(Count.objects.values_list("key", flat=True))
    assert any(":n:" in key for key in stored)
    assert "canary" not in str(stored)


def test_a_charge_that_cannot_be_given_back_hides_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(counters.DatabaseStore, "refund", lambda *_: failing(OperationalError())())
    with pytest.raises(Unreachable), limits.attempt(request(), GUESSES, "ada"):
        raise Unreachable("InitiateAuth")
    assert "charge not given back" in caplog.text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("outcome", ["right", "wrong"])
def test_whoever_comes_while_others_are_undecided_waits_for_them(monkeypatch: pytest.MonkeyPatch, outcome: str) -> None:
    # As long as a machine may take that does much else.
    monkeypatch.setattr(limits, "LONGEST_WAIT", 30)
    monkeypatch.setattr(limits, "LONGEST_TRY", 60)
    all_in = threading.Barrier(3 + 1)
    decided = threading.Event()
    asked: list[int] = []

    def one(number: int) -> str:
        try:
            with limits.attempt(request(), PASSWORDS, "ada"):
                asked.append(number)
                if len(asked) <= 3:
                    all_in.wait(60)
                    decided.wait(60)
                if outcome == "wrong":
                    raise NotAuthorized("InitiateAuth")
        except LimitExceeded:
            return "limited"
        except Refused:
            return "refused"
        finally:
            connections.close_all()
        return "in"

    with ThreadPoolExecutor(9) as threads:
        answers = [threads.submit(one, number) for number in range(8)]
        all_in.wait(60)
        threads.submit(decided.set)
        found = sorted(answer.result(60) for answer in answers)
    assert found == (["in"] * 8 if outcome == "right" else ["limited"] * 5 + ["refused"] * 3)


def test_nobody_waits_for_tries_that_are_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.limits.time.sleep", lambda _: pytest.fail("waited"))
    assert tries(6, WRONG, PASSWORDS) == 3


def test_nobody_waits_for_a_thread_that_was_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LONGEST_WAIT", 0.0)
    for _ in range(3):
        limits.begin(request(), PASSWORDS, "ada")
    assert tries(1, nothing, PASSWORDS) == 0
    Count.objects.filter(key__contains="-running").update(expires_at=1)
    monkeypatch.setattr("accounts.limits.time.sleep", lambda _: pytest.fail("waited"))
    assert tries(1, nothing, PASSWORDS) == 0


def test_whoever_waits_looks_often() -> None:
    assert [waiting for waiting in (limits, double_submit, refresh) if waiting.POLL * 10 > waiting.LONGEST_WAIT] == []


BUDGETS = {name: budget for name, budget in vars(limits).items() if isinstance(budget, Budget)}
OF_SOMEBODY_SIGNED_IN = {
    "PASSWORD",
    "FACTOR",
    "PROFILE",
    "INVITATION",
    "ATTRIBUTE_CODE",
    "ATTRIBUTE_CODES",
    "ATTRIBUTE_TARGET",
    "ATTRIBUTE_GUESSES",
    "DIRECTORY",
    "FIRST_TIME",
    "FILES",
    "UPLOADS",
}


@pytest.mark.parametrize(
    ("counted", "names"),
    [
        ("by_address", BUDGETS.keys() - OF_SOMEBODY_SIGNED_IN),
        ("by_name", BUDGETS.keys() - {"REPEAT", "KEEPING", "FEDERATION"}),
        ("sending", {"LOGIN", "OPTIONS", "CHALLENGE"}),
        ("guessing", {"LOGIN", "CHALLENGE"}),
    ],
)
def test_each_act_is_counted_as_strangers_may_do_it(counted: str, names: set[str]) -> None:
    assert {name for name, budget in BUDGETS.items() if getattr(budget, counted)} == names


def test_every_limit_is_charged() -> None:
    charged = {limit for budget in BUDGETS.values() for limit in (*budget.by_address, *budget.by_name, *budget.sending)}
    assert {name for name, limit in vars(limits).items() if isinstance(limit, Limit) and limit not in charged} == set()


# What takes POST and has no budget, and why.
UNLIMITED = {
    "logout": "ends what one has; no call that counts",
    "admin_logout": "the same",
    "cancel_attribute_change": "forgets a row of one's own; no call that counts",
    "set_language": "writes a cookie and calls nobody",
    "passkey_offer": "a form only leads on",
    "login_options": "leads on to the sign-in page",
    "end_session": "ends what one has",
    "end_other_sessions": "ends what one has",
    "sign_out_everywhere": "ends what one has, and must work at any time",
    "admin_login": "leads on to the sign-in page",
}


def views(patterns: list[Any]) -> Iterator[Any]:
    """Yield the views behind `patterns` but those of Django's admin, which are for people who are in."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver) and pattern.app_name != "admin":
            yield from views(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            yield pattern.callback


METHODS = ("post", "put", "patch", "delete")


def takes_post(view: Any) -> bool:
    """Whether `view` does anything but answer 405 to a form, or to what a program sends that wants a change."""
    kind = getattr(view, "view_class", None)
    if kind is not None:
        return any(hasattr(kind, method) for method in METHODS)
    try:
        return any(view(getattr(RequestFactory(), method)("/")).status_code != 405 for method in METHODS)
    except Exception:  # noqa: BLE001 -- it took the form, and missed the session
        return True


def test_every_page_that_takes_a_form_says_what_it_may_cost() -> None:
    found = [view for view in views(get_resolver().url_patterns) if takes_post(view)]
    budgets = [getattr(getattr(view, "view_class", view), "budget", None) for view in found]
    without = {view.__name__ for view, budget in zip(found, budgets, strict=True) if not isinstance(budget, Budget)}
    assert len(found) > 20
    assert without == UNLIMITED.keys()
