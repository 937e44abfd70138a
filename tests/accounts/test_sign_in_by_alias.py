"""A user name, an address or a number in one field, matched as Cognito matches them."""

from __future__ import annotations

from typing import Any

import pytest

from accounts import conf, users
from accounts.forms.fields import AnyNameField
from accounts.models import Session, User
from tests.accounts.phones import TEXTING, new_number, spelt_otherwise, with_aliases, with_number
from tests.accounts.squatting import EVES, NEW, RESET, VERIFY, new_password, opens
from tests.background import finish
from tests.checked_client import CheckedClient, answer
from tests.conftest import UsePool
from tests.fault_proxy import FaultProxy
from tests.local_pool import PASSWORD, LocalPool, new_email
from tests.other_pools import another_pool, text

WAYS = {
    "username_email": ("email",),
    "username_phone": ("phone_number",),
    "username_email_phone": ("email", "phone_number"),
}


def put_before(local_pool: LocalPool, use_pool: UsePool, way: str, **changes: Any) -> LocalPool:
    """Put the site before a new pool with the aliases of `way`."""
    made = another_pool(local_pool, **with_aliases(*WAYS[way]))
    return use_pool(made, SIGN_IN_WITH=way, STAFF_GROUP="", SUPERUSER_GROUP="", **changes)


@pytest.fixture(params=WAYS)
def any_way(request: pytest.FixtureRequest, local_pool: LocalPool, use_pool: UsePool) -> tuple[str, LocalPool]:
    return request.param, put_before(local_pool, use_pool, request.param)


@pytest.fixture
def pool(local_pool: LocalPool, use_pool: UsePool) -> LocalPool:
    """A pool in which all three sign in."""
    return put_before(local_pool, use_pool, "username_email_phone")


def contact_of(way: str) -> tuple[str, str]:
    """Return the field that a newcomer has to fill in besides the user name, and what to fill in."""
    return ("phone_number", new_number()) if way == "username_phone" else ("email", new_email())


def test_a_newcomer_confirms_by_what_they_gave_and_signs_in_by_either_name(
    client: CheckedClient, any_way: tuple[str, LocalPool]
) -> None:
    way, pool = any_way
    name, (field, contact) = new_email("ada").partition("@")[0], contact_of(way)
    data = {"username": name, field: contact, "password1": PASSWORD, "password2": PASSWORD}
    assert client.post("/register/", data).url == VERIFY
    # Until it is proved, it is nobody's name.
    assert not opens(contact, PASSWORD)
    assert client.post(VERIFY, {"code": pool.code(contact)}).url == "/account/"
    for typed in (name, name.upper(), contact):
        assert opens(typed, PASSWORD), typed
    assert not opens(contact, "Wrong-horse-1")


def test_the_field_says_what_it_takes(client: CheckedClient, any_way: tuple[str, LocalPool]) -> None:
    way, _pool = any_way
    page = client.page("/login/")
    assert str(AnyNameField.WORDS[conf.config().sign_in_with][0]) in page.words
    assert ("Start a number with + and the country code." in page.words) is ("phone" in way)
    refused = client.post("/login/", {"username": "", "password": PASSWORD}).content.decode()
    assert str(AnyNameField.WORDS[conf.config().sign_in_with][1]) in refused


@pytest.mark.parametrize("typed", ["ada@example.com", "+442079460042", "0044 20 7946 0042"])
def test_no_user_name_looks_like_an_alias(
    client: CheckedClient, pool: LocalPool, cognito: FaultProxy, typed: str
) -> None:
    data = {"username": typed, "email": new_email(), "password1": PASSWORD, "password2": PASSWORD}
    refused = client.post("/register/", data)
    assert refused.status_code == 200
    assert "Choose a username that isn’t a" in refused.content.decode()
    assert cognito.calls["SignUp"] == 0


def test_an_alias_that_is_not_proved_signs_nobody_in(pool: LocalPool) -> None:
    email = new_email()
    number = with_number(pool, name="ada", email=email, email_verified="false")
    assert opens(number, PASSWORD)
    assert not opens(email, PASSWORD)
    pool.root.admin_update_user_attributes(
        UserPoolId=pool.id, Username="ada", UserAttributes=[{"Name": "email_verified", "Value": "true"}]
    )
    assert opens(email.upper(), PASSWORD)


def test_nobody_takes_over_an_alias_that_is_proved(client: CheckedClient, pool: LocalPool) -> None:
    """ForceAliasCreation is never sent: the later one is refused, and is told what everybody with a wrong code is."""
    email = new_email()
    with_number(pool, name="ada", email=email, email_verified="true")
    data = {"username": "eve", "email": email, "password1": EVES, "password2": EVES}
    assert client.post("/register/", data).url == VERIFY
    refused = client.post(VERIFY, {"code": pool.code(email)})
    assert "That code didn’t work." in refused.content.decode()
    assert opens(email, PASSWORD)
    assert not opens(email, EVES)
    assert not opens("eve", EVES)


def test_one_address_gets_only_so_many_codes_whatever_the_user_names(client: CheckedClient, pool: LocalPool) -> None:
    email = new_email()
    for number in range(5):
        data = {"username": f"eve{number}", "email": email, "password1": EVES, "password2": EVES}
        status = client.post("/register/", data).status_code
    assert status == 429
    assert len(pool.mails(email)) == 4


@pytest.mark.parametrize("by", ["name", "email", "phone_number"])
def test_a_new_password_by_any_name_ends_the_sessions(pool: LocalPool, by: str) -> None:
    names = {"name": "ada", "email": new_email(), "phone_number": new_number()}
    with_number(pool, names["phone_number"], name="ada", email=names["email"], email_verified="true")
    signed_in = CheckedClient()
    assert opens("ada", PASSWORD, signed_in)
    client = CheckedClient()
    typed = spelt_otherwise(names[by]) if by == "phone_number" else names[by]
    client.post("/password/forgot/", {"username": typed})
    [code] = [pool.code(to) for to in (names["email"], names["phone_number"]) if pool.mails(to)]
    assert client.post(RESET, new_password(code)).url == "/login/"
    assert signed_in.get("/account/").status_code == 302
    assert opens(typed, NEW)


def test_a_name_is_nobodys_here_where_the_alias_is_not_proved(pool: LocalPool) -> None:
    number, email = new_number(), new_email()
    issuer = pool.config.issuer
    eve = User.objects.create(issuer=issuer, sub="1", username="eve", email=email, phone_number=number)
    assert not users.named(email).exists()
    assert not users.named(number).exists()
    assert list(users.named("Eve")) == [eve]
    User.objects.update(email_verified=True, phone_number_verified=True)
    assert list(users.named(email.upper())) == [eve]
    assert list(users.named(spelt_otherwise(number))) == [eve]


def test_names_that_are_free_and_taken_get_one_answer(pool: LocalPool) -> None:
    with_number(pool, name="ada", email=new_email(), email_verified="true")

    def seen(name: str) -> list[Any]:
        client, email = CheckedClient(), new_email()
        data = {"username": name, "email": email, "password1": PASSWORD, "password2": PASSWORD}
        answers = [client.post("/register/", data), client.get(VERIFY), client.post(VERIFY, {"code": "000000"})]
        finish()
        return [answer(each, name, email) for each in answers]

    assert seen("ada") == seen("bob")


def test_a_number_is_kept_here_only_where_it_signs_in(local_pool: LocalPool, use_pool: UsePool) -> None:
    made = another_pool(local_pool, UsernameAttributes=[], Schema=[text("phone_number")], **TEXTING)
    use_pool(made, SIGN_IN_WITH="username", STAFF_GROUP="", SUPERUSER_GROUP="")
    with_number(made, name="ada")
    assert opens("ada", PASSWORD)
    assert User.objects.get().phone_number == ""
    assert Session.objects.filter(user__isnull=False).count() == 1
