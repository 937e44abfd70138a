"""People with a phone number and nothing else: registering, signing in and recovering by text message."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.audit import Kind
from accounts.cognito.sign_in_names import readable
from accounts.models import Session, User
from tests.accounts.phones import by_phone, new_number, spelt_otherwise, with_number
from tests.accounts.squatting import EVES, NEW, RESET, VERIFY, new_password, opens
from tests.checked_client import CheckedClient, answer
from tests.conftest import UsePool
from tests.fault_proxy import FaultProxy
from tests.local_pool import PASSWORD, LocalPool, another
from tests.markup import Page

WRONG = "Wrong-horse-1"
COUNTRY_CODE = "Start with + and the country code, like +44 20 7946 0042."


@pytest.fixture
def phone_pool(local_pool: LocalPool, use_pool: UsePool) -> LocalPool:
    return by_phone(local_pool, use_pool)


@pytest.fixture
def number(phone_pool: LocalPool) -> str:
    """The number of somebody who has an account."""
    return with_number(phone_pool)


def register(number: str, password: str = PASSWORD, client: CheckedClient | None = None) -> Any:
    data = {"phone_number": number, "password1": password, "password2": password}
    return (client or CheckedClient()).post("/register/", data)


@pytest.mark.parametrize("typed", ["", "020 7946 0042", "+44", "ada@example.com", "+44 call me", "+" + "4" * 80])
@pytest.mark.parametrize("path", ["/register/", "/login/", "/password/forgot/"])
def test_what_is_no_number_with_a_country_code_goes_nowhere(
    client: CheckedClient, phone_pool: LocalPool, cognito: FaultProxy, typed: str, path: str
) -> None:
    data = {"phone_number": typed, "username": typed, "password": PASSWORD, "password1": PASSWORD}
    page = client.post(path, {**data, "password2": PASSWORD})
    assert page.status_code == 200
    assert not {"SignUp", "InitiateAuth", "ForgotPassword"} & {name for name, count in cognito.calls.items() if count}


def test_a_refused_number_comes_back_as_it_was_typed_with_what_to_do(
    client: CheckedClient, phone_pool: LocalPool
) -> None:
    page = client.post("/register/", {"phone_number": "020 7946 0042", "password1": PASSWORD, "password2": PASSWORD})
    assert COUNTRY_CODE in page.content.decode()
    assert 'value="020 7946 0042"' in page.content.decode()


def test_somebody_registers_confirms_and_is_let_in_by_text_message(
    client: CheckedClient, phone_pool: LocalPool
) -> None:
    number = new_number()
    page = client.page("/register/")
    field = page.field("phone_number")
    assert (field["type"], field["inputmode"], field["autocomplete"]) == ("tel", "tel", "tel")
    assert not page.all("input", name="email")
    assert "We’ll text you a code to make sure the number is yours." in page.words
    assert register(spelt_otherwise(number), client=client).url == VERIFY
    page = client.page(VERIFY)
    assert f"We texted a code to {number}." in page.words
    assert "mail" not in page.words
    code = phone_pool.code(number)
    refused = client.post(VERIFY, {"code": another(code)})
    assert "That code didn’t work." in refused.content.decode()
    assert client.post(VERIFY, {"code": code}).url == "/account/"
    page = client.page("/account/")
    assert "Phone number confirmed." in page.words
    assert f"Phone number {readable(number)} Verified" in page.words
    menu = " ".join(page.one("details").text.split())
    assert menu.startswith(f"{number[-2:]}{readable(number)} {readable(number)} Help")
    assert "Not verified" not in page.words
    user = User.objects.get(phone_number=number)
    assert (user.phone_number_verified, user.email, str(user)) == (True, "", number)


def test_a_password_with_the_number_in_it_is_refused(client: CheckedClient, phone_pool: LocalPool) -> None:
    page = register("+44 1632 960123", "Aa-01632960123", client)
    assert page.status_code == 200
    assert register("+44 1632 960123", "Aa-01632960124", client).url == VERIFY


@pytest.mark.parametrize("password", [PASSWORD, WRONG])
def test_however_the_number_is_written_it_is_the_same_account(number: str, password: str) -> None:
    for typed in (number, spelt_otherwise(number), f" {number[:3]} {number[3:8]} {number[8:]} "):
        assert opens(typed, password) is (password == PASSWORD)


def test_however_the_number_is_written_its_tries_are_counted_together(number: str) -> None:
    client = CheckedClient()
    for typed in (number, spelt_otherwise(number), f"{number[:4]} {number[4:]}", number, spelt_otherwise(number)):
        assert client.post("/login/", {"username": typed, "password": WRONG}).status_code == 200
    assert client.post("/login/", {"username": number, "password": PASSWORD}).status_code == 429
    assert client.post("/login/", {"username": spelt_otherwise(number), "password": PASSWORD}).status_code == 429


@pytest.mark.parametrize("path", ["/register/", "/password/forgot/"])
def test_however_the_number_is_written_its_codes_are_counted_together(number: str, path: str) -> None:
    client = CheckedClient()
    data = {"password1": PASSWORD, "password2": PASSWORD}
    for typed in (number, spelt_otherwise(number), number, f"{number[:4]} {number[4:]}"):
        assert client.post(path, {"phone_number": typed, "username": typed, **data}).status_code == 302
    typed = spelt_otherwise(number)
    assert client.post(path, {"phone_number": typed, "username": typed, **data}).status_code == 429


def test_one_network_has_only_so_many_numbers_texted(client: CheckedClient, phone_pool: LocalPool) -> None:
    for _ in range(20):
        assert register(new_number(), client=client).status_code == 302
    spared = new_number()
    assert register(spared, client=client).status_code == 429
    assert phone_pool.mails(spared) == []


def test_a_number_that_is_taken_gets_the_same_answer(phone_pool: LocalPool, number: str) -> None:
    def seen(typed: str) -> list[Any]:
        client = CheckedClient()
        answers = [register(typed, client=client), client.get(VERIFY), client.post(VERIFY, {"code": "000000"})]
        answers += [client.post("/verify-code/resend/"), client.get(VERIFY)]
        return [answer(each, typed, typed[1:]) for each in answers]

    assert seen(number) == seen(new_number())
    # Cognito has no words for it, and a page that says so to everybody tells nobody.
    assert phone_pool.mails(number) == []
    client = CheckedClient()
    register(number, client=client)
    assert "A number that has an account already gets no code for another one" in client.page(VERIFY).words


def test_the_owner_of_a_squatted_number_chooses_its_password(phone_pool: LocalPool) -> None:
    number = new_number()
    assert register(number, EVES).url == VERIFY
    ada = CheckedClient()
    assert register(spelt_otherwise(number), NEW, ada).url == VERIFY
    assert ada.post(VERIFY, {"code": phone_pool.code(number, after=1)}).url == RESET
    # Until Ada has chosen, nobody comes in by what Eve chose.
    assert not opens(number, EVES)
    assert ada.post(RESET, new_password(phone_pool.code(number, after=2))).url == "/login/"
    assert opens(number, NEW)
    assert not opens(number, EVES)


def test_a_forgotten_password_is_recovered_by_text_message_and_ends_sessions(
    client: CheckedClient, phone_pool: LocalPool, number: str
) -> None:
    elsewhere = CheckedClient()
    assert opens(number, PASSWORD, elsewhere)
    assert client.post("/password/forgot/", {"username": spelt_otherwise(number)}).url == RESET
    page = client.page(RESET)
    assert f"If {number} has an account, we sent a code to its phone number or email." in page.words
    assert client.post(RESET, new_password(phone_pool.code(number))).url == "/login/"
    assert elsewhere.get("/account/").status_code == 302
    assert opens(number, NEW)
    kinds = [row.kind for row in User.objects.get(phone_number=number).activity.all()]
    assert Kind.PASSWORD_RESET in kinds


def test_an_unknown_number_recovers_like_a_known_one(phone_pool: LocalPool, number: str) -> None:
    def seen(typed: str) -> list[Any]:
        client = CheckedClient()
        answers = [client.post("/password/forgot/", {"username": typed}), client.get(RESET)]
        return [answer(each, typed, typed[1:]) for each in [*answers, client.post(RESET, new_password("000000"))]]

    assert seen(number) == seen(new_number())


def test_failed_sign_ins_are_shown_to_the_owner_of_the_number(number: str) -> None:
    client = CheckedClient()
    assert opens(number, PASSWORD, client)
    CheckedClient().post("/login/", {"username": spelt_otherwise(number), "password": WRONG})
    assert str(Kind.SIGN_IN_REFUSED.label) in client.page("/account/activity/").words


def test_a_known_browser_is_not_held_by_what_strangers_do_to_the_number(number: str) -> None:
    client = CheckedClient()
    assert opens(number, PASSWORD, client)
    client.post("/logout/")
    for _ in range(5):
        CheckedClient().post("/login/", {"username": number, "password": WRONG})
    assert CheckedClient().post("/login/", {"username": number, "password": PASSWORD}).status_code == 429
    # It has tries of its own; by now Cognito has the number rest for a second.
    assert client.post("/login/", {"username": spelt_otherwise(number), "password": WRONG}).status_code == 200


def test_the_account_is_deleted_by_typing_out_the_number(phone_pool: LocalPool, number: str) -> None:
    client = CheckedClient()
    assert opens(number, PASSWORD, client)
    assert readable(number) in client.page("/account/delete/").words
    assert client.post("/account/delete/", {"confirm": "somebody"}).status_code == 200
    assert client.post("/account/delete/", {"confirm": number}).url == "/"
    assert not User.objects.filter(phone_number=number).exists()


def test_a_new_number_signs_in_once_it_is_proved(phone_pool: LocalPool, number: str) -> None:
    client, new = CheckedClient(), new_number()
    assert opens(number, PASSWORD, client)
    client.post("/account/profile/", {"attribute": "phone_number", "phone_number": spelt_otherwise(new)})
    assert (
        f"Until you enter it, you’ll keep signing in with {readable(number)}." in client.page("/account/profile/").words
    )
    assert not opens(new, PASSWORD)
    client.post("/account/profile/verify/", {"attribute": "phone_number", "code": phone_pool.code(new)})
    assert "Phone number saved. Sign in with it from now on." in client.page("/account/profile/").words
    assert User.objects.get().phone_number == new
    assert opens(new, PASSWORD)


def test_people_are_not_looked_up_by_a_number(phone_pool: LocalPool, number: str) -> None:
    """A number that changes hands leads to the account Cognito names, whoever had it here before."""
    old = User.objects.create(issuer="elsewhere", sub="old", username="old", phone_number=number)
    earlier = User.objects.create(
        issuer=phone_pool.config.issuer, sub="earlier", username="earlier", phone_number=number
    )
    client = CheckedClient()
    assert opens(number, PASSWORD, client)
    assert User.objects.filter(phone_number=number).count() == 3
    assert not Session.objects.filter(user__in=[old, earlier]).exists()


def test_a_refused_number_is_told_and_led_on_as_a_number(local_pool: LocalPool, use_pool: UsePool) -> None:
    by_phone(local_pool, use_pool)
    response = CheckedClient().post("/login/", {"username": new_number(), "password": "Wrong-horse-1"})
    words = Page.of(response.content).words
    assert "That phone number and password don’t match." in words
    assert "Confirm your phone number" in words
    assert "Confirm your email" not in words
