"""What is changed of one's own account is recorded and mailed, whatever fails after it."""

from __future__ import annotations

import json

import pytest
from django.core import mail

from accounts.models import Activity, AwaitedCode, User
from tests import fault_proxy
from tests.accounts.profiles import NUMBER, PROFILE, VERIFY, change, fact
from tests.checked_client import CheckedClient
from tests.conftest import UsePool
from tests.fault_proxy import Answer, Fault, FaultProxy
from tests.local_pool import LocalPool, Person, new_email
from tests.other_pools import another_pool
from tests.second_factors import access_token

Kind = Activity.Kind


@pytest.fixture
def new() -> str:
    """The address that Ada's account gets."""
    return new_email("countess")


@pytest.fixture
def quick(local_pool: LocalPool, use_pool: UsePool) -> LocalPool:
    """A pool that takes a new address at once, before it is proved."""
    return use_pool(another_pool(local_pool))


def in_browser(person: Person) -> CheckedClient:
    """Return a browser in which `person` is signed in."""
    client = CheckedClient()
    client.post("/login/", {"username": person.email, "password": person.password})
    return client


def then_no_profile(cognito: FaultProxy, operation: str, fault: Fault | None = None) -> None:
    """Let `operation` be done, with the answer as in `fault`, and Cognito show nobody their profile after it."""
    rewrite = (fault or Fault()).rewrite
    cognito.fail(
        operation, Fault(lambda: cognito.fail("GetUser", fault_proxy.server_error()), rewrite=rewrite), times=1
    )


def undelivered() -> Fault:
    """Return how Cognito answers when it has done what was asked for and cannot send the code."""
    body = json.dumps({"__type": "CodeDeliveryFailureException", "message": "no"}).encode()
    return Fault(rewrite=lambda _answer: Answer(400, body))


def mailed() -> list[str]:
    """Return who was mailed."""
    return sorted(address for message in mail.outbox for address in message.to)


def kinds() -> set[str]:
    """Return the kinds of what was recorded, signing in left out."""
    return {*Activity.objects.values_list("kind", flat=True)} - {Kind.FIRST_SIGN_IN, Kind.SIGNED_IN}


def test_an_address_that_was_proved_is_told_though_cognito_shows_nobody_after(
    signed_in: CheckedClient, pool: LocalPool, person: Person, new: str, cognito: FaultProxy
) -> None:
    change(signed_in, email=new)
    then_no_profile(cognito, "VerifyUserAttribute")
    assert signed_in.post(VERIFY, {"attribute": "email", "code": pool.code(new)}).url == PROFILE
    cognito.heal()
    assert f"Email changed to {new}. Sign in with it from now on." in signed_in.page(PROFILE).words
    assert kinds() == {Kind.EMAIL_ASKED, Kind.EMAIL_CONFIRMED, Kind.EMAIL_CHANGED}
    assert mailed() == sorted([person.email, new])
    assert User.objects.get().email == new
    assert not AwaitedCode.objects.exists()


def test_an_address_whose_proof_got_no_answer_is_told(
    signed_in: CheckedClient, pool: LocalPool, person: Person, new: str, cognito: FaultProxy
) -> None:
    change(signed_in, email=new)
    cognito.fail("VerifyUserAttribute", fault_proxy.closed_after())
    assert signed_in.post(VERIFY, {"attribute": "email", "code": pool.code(new)}).status_code == 503
    assert Kind.EMAIL_CHANGED in kinds()
    assert mailed() == sorted([person.email, new])


def test_a_wrong_code_changes_nothing_that_would_be_told(
    signed_in: CheckedClient, pool: LocalPool, new: str, cognito: FaultProxy
) -> None:
    change(signed_in, email=new)
    then_no_profile(cognito, "VerifyUserAttribute", fault_proxy.aws_error("CodeMismatchException"))
    signed_in.post(VERIFY, {"attribute": "email", "code": "123456"})
    assert (kinds(), mailed()) == ({Kind.EMAIL_ASKED}, [])


def test_an_address_that_a_pool_takes_at_once_is_told_though_cognito_shows_nobody_after(
    quick: LocalPool, new: str, cognito: FaultProxy
) -> None:
    person = quick.person()
    client = in_browser(person)
    then_no_profile(cognito, "UpdateUserAttributes")
    assert client.post(PROFILE, {"attribute": "email", "email": new}).url == f"{PROFILE}#email"
    assert (kinds(), mailed()) == ({Kind.EMAIL_CHANGED}, [person.email])


def test_an_address_that_still_counts_is_not_told_that_it_does_not(
    signed_in: CheckedClient, pool: LocalPool, new: str, cognito: FaultProxy
) -> None:
    then_no_profile(cognito, "UpdateUserAttributes")
    signed_in.post(PROFILE, {"attribute": "email", "email": new})
    assert (kinds(), mailed()) == ({Kind.EMAIL_ASKED}, [])


def test_where_nobody_knows_whether_the_pool_takes_an_address_at_once_the_old_one_is_told(
    quick: LocalPool, new: str, cognito: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    person = quick.person()
    client = in_browser(person)
    then_no_profile(cognito, "UpdateUserAttributes")
    client.post(PROFILE, {"attribute": "email", "email": new})
    assert (kinds(), mailed()) == ({Kind.EMAIL_CHANGED}, [person.email])


def test_an_address_that_a_pool_takes_at_once_is_told_though_no_code_gets_there(
    quick: LocalPool, new: str, cognito: FaultProxy
) -> None:
    person, earlier = quick.person(), new_email("earlier")
    client = in_browser(person)
    change(client, email=earlier)
    cognito.fail("UpdateUserAttributes", undelivered())
    page = change(client, email=new)
    assert f"We couldn’t send a code to {new}. Check it, or use another way." in page.one("div", role="alert").text
    assert fact(page, "email") == f"Email {new} Not verified Send code (email) Change email"
    assert Activity.objects.filter(kind=Kind.EMAIL_CHANGED).count() == 2
    assert mailed() == sorted([person.email, earlier])
    assert User.objects.get().email == new


def test_it_is_told_though_neither_a_code_gets_there_nor_cognito_shows_anybody_after(
    quick: LocalPool, new: str, cognito: FaultProxy
) -> None:
    person = quick.person()
    client = in_browser(person)
    then_no_profile(cognito, "UpdateUserAttributes", undelivered())
    client.post(PROFILE, {"attribute": "email", "email": new})
    assert (kinds(), mailed()) == ({Kind.EMAIL_CHANGED}, [person.email])


def test_a_name_is_recorded_though_cognito_shows_nobody_after(signed_in: CheckedClient, cognito: FaultProxy) -> None:
    then_no_profile(cognito, "UpdateUserAttributes")
    assert signed_in.post(PROFILE, {"attribute": "name", "name": "Countess"}).status_code == 302
    assert kinds() == {Kind.PROFILE_CHANGED}


def test_a_number_that_is_gone_is_told_though_cognito_shows_nobody_after(pool: LocalPool, cognito: FaultProxy) -> None:
    person = pool.person(phone_number=NUMBER, phone_number_verified="true")
    client = in_browser(person)
    then_no_profile(cognito, "DeleteUserAttributes")
    assert client.post(PROFILE, {"attribute": "phone_number", "phone_number": ""}).status_code == 302
    assert (kinds(), mailed()) == ({Kind.PHONE_CHANGED}, [person.email])


def by_program(pool: LocalPool, person: Person, **attributes: str) -> int:
    """Change `attributes` as a program of `person` does, and return the status of the answer."""
    headers = {"Authorization": f"Bearer {access_token(pool, person)}"}
    data = {"attributes": attributes}
    return CheckedClient().patch("/api/me", data, content_type="application/json", headers=headers).status_code


def test_a_program_gets_no_further_than_the_pages(quick: LocalPool, new: str, cognito: FaultProxy) -> None:
    person = quick.person()
    then_no_profile(cognito, "UpdateUserAttributes")
    assert by_program(quick, person, email=new) == 200
    assert (kinds(), mailed()) == ({Kind.EMAIL_CHANGED}, [person.email])


def test_what_is_done_before_something_else_is_refused_is_told(quick: LocalPool, new: str, cognito: FaultProxy) -> None:
    person = quick.person()
    cognito.fail("UpdateUserAttributes", Fault(), times=1)
    cognito.fail("UpdateUserAttributes", fault_proxy.aws_error("InvalidParameterException"))
    assert by_program(quick, person, email=new, name="Countess") == 422
    assert (kinds(), mailed()) == ({Kind.EMAIL_CHANGED}, [person.email])
