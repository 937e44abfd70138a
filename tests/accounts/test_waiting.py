"""How many threads wait for strangers, and that refusals which could tell do wait."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connections
from django.http import HttpRequest
from django.test import RequestFactory
from pytest_django import Settings

from accounts import awaited, error_responses, limits, waiting
from accounts.awaited import Awaited
from accounts.models import User
from accounts.waiting import Busy, Places
from tests import fault_proxy
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy
from tests.local_pool import PASSWORD, LocalPool, Person, new_email

REQUEST = RequestFactory().get("/")


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """Strangers hold every place there is."""
    monkeypatch.setattr(Places, "taken", waiting.most())


@pytest.mark.parametrize(("threads", "places"), [(1, 1), (2, 1), (3, 2), (16, 10), (24, 16)])
def test_two_thirds_of_the_threads_may_wait_and_at_least_one(settings: Settings, threads: int, places: int) -> None:
    settings.WEB_THREADS = threads
    assert waiting.most() == places


def test_places_are_given_back_whatever_happens() -> None:
    for _ in range(waiting.most() + 1):
        with pytest.raises(KeyError), waiting.place(REQUEST, "ada"):
            raise KeyError
    assert Places.taken == 0


def test_places_are_counted_by_one_thread_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    holds: list[int] = []

    class Lock:
        def __enter__(self) -> None:
            holds.append(Places.taken)

        def __exit__(self, *_: object) -> None:
            holds.append(Places.taken)

    monkeypatch.setattr(Places, "lock", Lock())
    with waiting.place(REQUEST, "ada"):
        assert holds == [0, 1]
    assert holds == [0, 1, 1, 0]


def test_whoever_has_a_place_takes_no_other(settings: Settings) -> None:
    settings.WEB_THREADS = 1
    with waiting.place(REQUEST, "ada"), waiting.place(REQUEST, "ada"):
        assert Places.taken == 1


def test_who_finds_no_place_is_told_at_once(full: None) -> None:
    with pytest.raises(Busy), waiting.place(REQUEST, "ada"):
        pytest.fail("one more waits")


def test_a_busy_site_asks_nobody_counts_nothing_and_says_when_to_come_back(
    client: CheckedClient, person: Person, cognito: FaultProxy, full: None
) -> None:
    data = {"username": person.email, "password": "Wrong-1a"}
    answers = [client.post("/login/", data) for _ in range(limits.LOGIN_BY_NAME.most + 1)]
    assert {(response.status_code, response["Retry-After"]) for response in answers} == {(503, "2")}
    assert "yours wasn’t begun".encode() in answers[0].content
    assert cognito.calls["InitiateAuth"] == 0
    Places.taken = 0
    assert client.post("/login/", data).status_code == 200


def test_a_known_browser_needs_no_place(browser_of: SignIn, person: Person, full: None) -> None:
    Places.taken = 0
    known = browser_of(person)
    known.post("/logout/")
    Places.taken = waiting.most()
    assert known.post("/login/", {"username": person.email, "password": person.password}).status_code == 302
    assert known.post("/login/", {"username": new_email(), "password": "Wrong-1a"}).status_code == 302  # signed in


def test_a_known_browser_takes_a_place_where_it_waits_for_its_own_tries(
    browser_of: SignIn, person: Person, full: None
) -> None:
    Places.taken = 0
    known = browser_of(person)
    known.post("/logout/")
    Places.taken = waiting.most()
    request = RequestFactory().post("/")
    request.COOKIES = {name: morsel.value for name, morsel in known.cookies.items()}
    for _ in range(limits.LOGIN_BY_NAME.most + limits.LOGIN_BY_NAME.known):
        limits.begin(request, limits.LOGIN, person.email)
    with pytest.raises(Busy):
        limits.begin(request, limits.LOGIN, person.email)


def test_other_pages_do_not_wait(signed_in: CheckedClient, full: None) -> None:
    assert signed_in.get("/account/").status_code == 200
    assert signed_in.post("/account/profile/", {"attribute": "name", "name": "Countess"}).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_fifteen_right_sign_ins_at_once_all_pass(
    pool: LocalPool, person: Person, cognito: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two seconds are enough for people; a machine that runs many tests at once may take longer.
    monkeypatch.setattr(limits, "LONGEST_WAIT", 30)
    monkeypatch.setattr(limits, "LONGEST_TRY", 60)
    started = threading.Barrier(15)

    def enter(_: int) -> int:
        try:
            started.wait(20)
            data = {"username": person.email, "password": person.password}
            return int(CheckedClient().post("/login/", data).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(15) as threads:
        assert list(threads.map(enter, range(15))) == [302] * 15


# Every answer that could tell whether there is such an account, and how to get it.
LEVELLED: dict[str, tuple[str, dict[str, str], str]] = {
    "login": ("/login/", {"username": "{name}", "password": "Wrong-1a"}, "InitiateAuth"),
    "register": (
        "/register/",
        {"email": "{name}", "name": "Ada", "password1": PASSWORD, "password2": PASSWORD},
        "SignUp",
    ),
    "verify": ("/verify-code/", {"username": "{name}", "code": "123456"}, "ConfirmSignUp"),
    "resend": ("/verify-code/resend/", {"username": "{name}"}, "ResendConfirmationCode"),
    "forgot": ("/password/forgot/", {"username": "{name}"}, "ForgotPassword"),
    "reset": (
        "/password/reset/",
        {"username": "{name}", "code": "123456", "new_password1": PASSWORD, "new_password2": PASSWORD},
        "ConfirmForgotPassword",
    ),
    "resend reset": ("/password/reset/resend/", {"username": "{name}"}, "ForgotPassword"),
}


def send(client: CheckedClient, flow: str, name: str, **extra: Any) -> Any:
    path, fields, _ = LEVELLED[flow]
    return client.post(path, {key: value.format(name=name) for key, value in fields.items()}, **extra)


@pytest.fixture
def levels(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When answers that were held back began."""
    found: list[float] = []
    monkeypatch.setattr("accounts.views.base.wait_for_floor", found.append)
    return found


@pytest.mark.parametrize("flow", LEVELLED)
def test_a_refusal_that_could_tell_is_held_back(
    pool: LocalPool, cognito: FaultProxy, levels: list[float], flow: str
) -> None:
    refusal = "UsernameExistsException" if flow == "register" else "NotAuthorizedException"
    cognito.fail(LEVELLED[flow][2], fault_proxy.aws_error(refusal))
    send(CheckedClient(), flow, new_email())
    assert len(levels) == 1


def await_code() -> None:
    """Let the only person wait for the code of a new address."""
    awaited.begin(User.objects.get(), awaited.EMAIL, Awaited(value=new_email(), sent_at=1.0))


@pytest.mark.parametrize(
    ("path", "wrong"),
    [("/account/confirm/", {"password": "Wrong-1a"}), ("/account/profile/verify/", {"code": "123456"})],
)
def test_a_refused_proof_is_held_back(
    long_signed_in: CheckedClient, levels: list[float], path: str, wrong: dict[str, str]
) -> None:
    await_code()
    assert long_signed_in.post(path, wrong).status_code == 200
    assert len(levels) == 1


def test_a_refusal_that_tells_strangers_nothing_is_not_held_back(signed_in: CheckedClient, levels: list[float]) -> None:
    wrong = {"old_password": "Wrong-1a", "new_password1": "New-horse-22", "new_password2": "New-horse-22"}
    assert signed_in.post("/account/password/", wrong).status_code == 200
    assert levels == []


@pytest.mark.parametrize("flow", LEVELLED)
def test_whoever_is_held_back_has_a_place_and_cognito_is_not_asked_without(
    pool: LocalPool, cognito: FaultProxy, full: None, flow: str
) -> None:
    assert send(CheckedClient(), flow, new_email()).status_code == 503
    assert cognito.calls[LEVELLED[flow][2]] == 0


def test_a_right_sign_in_is_not_held_back(client: CheckedClient, person: Person, levels: list[float]) -> None:
    client.post("/login/", {"username": person.email, "password": person.password})
    assert levels == []


@pytest.mark.parametrize("flow", LEVELLED)
def test_an_outage_is_no_try(pool: LocalPool, cognito: FaultProxy, levels: list[float], flow: str) -> None:
    name = new_email()
    cognito.fail(LEVELLED[flow][2], fault_proxy.server_error())
    assert {send(CheckedClient(), flow, name).status_code for _ in range(25)} == {503}
    assert levels == []
    cognito.forget()
    assert send(CheckedClient(), flow, name).status_code in (200, 302)


# Acts of somebody signed in: where, what, the call of Cognito, and how many there may be.
ACTS: dict[str, tuple[str, dict[str, str], str, int]] = {
    "password": (
        "/account/password/",
        {"old_password": "Wrong-1a", "new_password1": "New-horse-22", "new_password2": "New-horse-22"},
        "ChangePassword",
        limits.PASSWORD_BY_USER.most,
    ),
    "totp": ("/account/security/totp/", {"code": "123456"}, "VerifySoftwareToken", limits.FACTOR_BY_USER.most),
    "factors": (
        "/account/security/two-step/email/on/",
        {},
        "SetUserMFAPreference",
        limits.FACTOR_BY_USER.most,
    ),
    "passkey options": (
        "/account/security/passkeys/options/",
        {},
        "StartWebAuthnRegistration",
        limits.FACTOR_BY_USER.most,
    ),
    "passkey": (
        "/account/security/passkeys/add/",
        {"credential": '{"id": "x"}'},
        "CompleteWebAuthnRegistration",
        limits.FACTOR_BY_USER.most,
    ),
    "proofs": (
        "/account/confirm/options/",
        {"next": ""},
        "InitiateAuth",
        limits.OPTIONS_BY_NAME.most + limits.OPTIONS_BY_NAME.known,
    ),
    "attribute": (
        "/account/profile/verify/",
        {"code": "123456"},
        "VerifyUserAttribute",
        limits.ATTRIBUTE_GUESSES_BY_CODE.most,
    ),
    "attribute code": (
        "/account/profile/verify/resend/",
        {"attribute": "email"},
        "GetUserAttributeVerificationCode",
        limits.ATTRIBUTE_CODES_BY_USER.most,
    ),
    "profile": (
        "/account/profile/",
        {"attribute": "name", "name": "x"},
        "UpdateUserAttributes",
        limits.PROFILE_BY_USER.most,
    ),
}

REFUSALS = {"proofs": "NotAuthorizedException", "attribute code": "CodeDeliveryFailureException"}


def profile(fields: dict[str, str], number: int) -> dict[str, str]:
    """Return `fields`, a different name each time, so that there is something to change."""
    return fields | ({"name": f"Ada {number}"} if "name" in fields else {})


@pytest.mark.parametrize("act", ACTS)
def test_what_somebody_signed_in_does_ends_before_cognito(
    signed_in: CheckedClient, person: Person, cognito: FaultProxy, act: str
) -> None:
    path, fields, operation, most = ACTS[act]
    await_code()
    signed_in.get(path)
    cognito.fail(operation, fault_proxy.aws_error(REFUSALS.get(act, "InvalidParameterException")))
    before = cognito.calls[operation]
    for number in range(most):
        assert signed_in.post(path, profile(fields, number)).status_code != 429
    assert signed_in.post(path, profile(fields, most)).status_code == 429
    assert cognito.calls[operation] - before <= most


@pytest.mark.parametrize("act", ACTS)
def test_an_outage_costs_somebody_signed_in_nothing(
    signed_in: CheckedClient, person: Person, cognito: FaultProxy, act: str
) -> None:
    path, fields, operation, most = ACTS[act]
    await_code()
    signed_in.get(path)
    cognito.fail(operation, fault_proxy.server_error())
    answers = {signed_in.post(path, profile(fields, number)).status_code for number in range(most + 2)}
    assert answers == {503}


def test_the_busy_page_says_when_to_come_back() -> None:
    assert error_responses.busy(REQUEST)["Retry-After"] == str(waiting.RETRY_AFTER)


def taken_by(user: User) -> int:
    """Return how many places of strangers are taken while `user` waits."""
    with waiting.place(request_of(user), ""):
        return Places.taken


def request_of(user: User | AnonymousUser) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = user
    return request


@pytest.mark.parametrize(("threads", "places"), [(1, 1), (6, 1), (12, 2), (24, 4)])
def test_a_sixth_of_the_threads_is_for_people_who_are_signed_in(settings: Settings, threads: int, places: int) -> None:
    settings.WEB_THREADS = threads
    assert waiting.most_people() == places


def test_strangers_do_not_take_the_places_of_people_who_are_signed_in(full: None) -> None:
    with waiting.place(request_of(User(pk=1)), "user 1"):
        assert Places.people == {1}
    assert Places.people == set()
    assert Places.taken == waiting.most()


def test_one_person_takes_one_of_their_places(full: None) -> None:
    Places.people.add(1)
    try:
        with pytest.raises(Busy), waiting.place(request_of(User(pk=1)), "user 1"):
            pytest.fail("a second thread waits for one person")
    finally:
        Places.people.clear()


def test_people_who_find_none_of_their_places_have_one_of_strangers(settings: Settings) -> None:
    settings.WEB_THREADS = 6
    with waiting.place(request_of(User(pk=1)), ""), ThreadPoolExecutor(1) as another:
        assert another.submit(taken_by, User(pk=2)).result() == 1
    assert (Places.taken, Places.people) == (0, set())


def test_strangers_have_none_of_the_places_of_people(full: None) -> None:
    with pytest.raises(Busy), waiting.place(request_of(AnonymousUser()), ""):
        pytest.fail("one more waits")


def test_a_code_is_typed_and_asked_for_while_strangers_hold_every_place(
    signed_in: CheckedClient, cognito: FaultProxy, full: None
) -> None:
    del signed_in.cookies["known"]
    await_code()
    assert signed_in.post("/account/profile/verify/", {"code": "123456"}).status_code == 200
    assert signed_in.post("/account/profile/verify/resend/", {"attribute": "email"}).status_code == 302
    assert cognito.calls["VerifyUserAttribute"] == 1
