"""Everything that Activity can say is said somewhere: each kind has a journey that records it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts import activity, activity_words, administration, conf
from accounts.context import Context
from accounts.models import Activity, User
from tests.accounts.test_passkeys import added, options, passkey_links
from tests.accounts.test_refresh import expire
from tests.accounts.test_totp import key_on
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.devcloud.conformance.authenticator import Authenticator
from tests.local_pool import LocalPool, Person, new_email
from tests.second_factors import AuthenticatorApp

Kind = Activity.Kind
NEW = "Another-horse-1"
NUMBER = "+442079460777"
Journey = Callable[[CheckedClient, Person, LocalPool], Any]


def sign_in(_: CheckedClient, person: Person, __: LocalPool, password: str = "") -> None:
    CheckedClient().post("/login/", {"username": person.email, "password": password or person.password})


def fail_to_sign_in(browser: CheckedClient, person: Person, pool: LocalPool) -> None:
    sign_in(browser, person, pool, "Wrong-horse-1")


def end_others(browser: CheckedClient, person: Person, pool: LocalPool) -> None:
    sign_in(browser, person, pool)
    browser.post("/account/sessions/end-others/")


def refuse_elsewhere(browser: CheckedClient, person: Person, pool: LocalPool) -> None:
    pool.admin("disable_user", person)
    expire(60)
    browser.get("/account/")


def reset_password(_: CheckedClient, person: Person, pool: LocalPool) -> None:
    client = CheckedClient()
    client.post("/password/forgot/", {"username": person.email})
    client.post("/password/reset/", {"code": pool.code(person.email), "new_password1": NEW, "new_password2": NEW})


def change_address(browser: CheckedClient, _: Person, pool: LocalPool) -> None:
    address = new_email("countess")
    browser.post("/account/profile/", {"attribute": "email", "email": address})
    browser.post("/account/profile/verify/", {"attribute": "email", "code": pool.code(address)})


def change_number(browser: CheckedClient, _: Person, pool: LocalPool) -> None:
    sent = len(pool.mails(NUMBER))
    browser.post("/account/profile/", {"attribute": "phone_number", "phone_number": NUMBER})
    browser.post("/account/profile/verify/", {"attribute": "phone_number", "code": pool.code(NUMBER, after=sent)})


def set_up_an_app(browser: CheckedClient, *_: Any) -> None:
    page = "/account/security/totp/"
    browser.post(page, {"code": AuthenticatorApp(key_on(browser.page(page))).first_code()})


def delete_a_passkey(browser: CheckedClient, *_: Any) -> None:
    page = added(browser, Authenticator().register(options(browser)))
    browser.post(f"{passkey_links(page)[0]}delete/")


def rename_a_passkey(browser: CheckedClient, *_: Any) -> None:
    page = added(browser, Authenticator().register(options(browser)))
    browser.post(passkey_links(page)[0], {"name": "Work laptop"})


def turn_on_and_off(browser: CheckedClient, *_: Any) -> None:
    for switch in ("on", "off"):
        browser.post(f"/account/security/two-step/email/{switch}/")


def post(path: str, **data: str) -> Journey:
    return lambda browser, *_: browser.post(path, data)


JOURNEYS: dict[Kind, Journey] = {
    Kind.FIRST_SIGN_IN: lambda *_: None,
    Kind.SIGNED_IN: sign_in,
    Kind.SIGN_IN_REFUSED: fail_to_sign_in,
    Kind.CONFIRMED_ACCESS: lambda browser, person, _: browser.post("/account/confirm/", {"password": person.password}),
    Kind.SIGNED_OUT: post("/logout/"),
    Kind.SESSION_ENDED: end_others,
    Kind.SIGNED_OUT_EVERYWHERE: post("/account/sessions/sign-out-everywhere/"),
    Kind.ENDED_ELSEWHERE: refuse_elsewhere,
    Kind.PASSWORD_CHANGED: lambda browser, person, _: browser.post(
        "/account/password/", {"old_password": person.password, "new_password1": NEW, "new_password2": NEW}
    ),
    Kind.PASSWORD_RESET: reset_password,
    Kind.PROFILE_CHANGED: post("/account/profile/", attribute="name", name="Ada King"),
    Kind.EMAIL_ASKED: post("/account/profile/", attribute="email", email="countess@example.com"),
    Kind.EMAIL_CHANGED: change_address,
    Kind.EMAIL_CONFIRMED: change_address,
    Kind.PHONE_CHANGED: change_number,
    Kind.PHONE_CONFIRMED: change_number,
    Kind.FACTOR_ADDED: set_up_an_app,
    Kind.FACTOR_ON: turn_on_and_off,
    Kind.FACTOR_OFF: turn_on_and_off,
    Kind.PASSKEY_ADDED: lambda browser, *_: added(browser, Authenticator().register(options(browser))),
    Kind.PASSKEY_REMOVED: delete_a_passkey,
    Kind.PASSKEY_RENAMED: rename_a_passkey,
    Kind.DATA_DOWNLOADED: lambda browser, *_: browser.get("/account/data/"),
}
# The tests of these are beside what records them.
BY_ADMINISTRATORS = {
    Kind.SHUT_OUT,
    Kind.LET_IN,
    Kind.INVITED,
    Kind.INVITED_AGAIN,
    Kind.CONFIRMED,
    Kind.PASSWORD_RESET_REQUIRED,
    Kind.GROUPS_CHANGED,
    Kind.SYNCHRONISED,
    Kind.GROUP_CREATED,
    Kind.GROUP_CHANGED,
    Kind.GROUP_DELETED,
    Kind.ACTIVITY_EXPORTED,
}
# And those of these, which take a provider elsewhere, in tests/accounts/test_connect_provider.py and its neighbour.
WITH_A_PROVIDER = {Kind.PROVIDER_CONNECTED, Kind.PROVIDER_DISCONNECTED}
# And of this one: its row is nobody's once the account is gone.
OF_NOBODY = {Kind.ACCOUNT_DELETED}


@pytest.mark.parametrize("kind", sorted(set(Kind) - BY_ADMINISTRATORS - OF_NOBODY - WITH_A_PROVIDER))
def test_every_kind_is_recorded_by_its_journey(
    signed_in: CheckedClient, person: Person, pool: LocalPool, kind: Kind
) -> None:
    if kind is not Kind.FIRST_SIGN_IN:
        assert not Activity.objects.filter(kind=kind).exists()
    JOURNEYS[kind](signed_in, person, pool)
    assert Activity.objects.filter(kind=kind, user__sub=person.sub).count() == 1


def test_every_kind_of_an_administrators_is_recorded(browser_of: SignIn, person: Person) -> None:
    browser_of(person)
    ada = User.objects.get(sub=person.sub)
    for act in (administration.disable, administration.enable):
        act(ada, by=None, context=Context())
    assert list(Activity.objects.filter(user=ada).values_list("kind", flat=True))[:2] == [Kind.LET_IN, Kind.SHUT_OUT]


def test_a_reset_says_where_its_code_went(person: Person, pool: LocalPool, signed_in: CheckedClient) -> None:
    reset_password(signed_in, person, pool)
    assert activity_words.words(Activity.objects.all()[0]) == "Reset password by email"


def test_a_reset_whose_way_is_not_known_says_that_there_was_a_code(
    person: Person, pool: LocalPool, signed_in: CheckedClient
) -> None:
    User.objects.filter(sub=person.sub).update(email_verified=False)
    reset_password(signed_in, person, pool)
    assert activity_words.words(Activity.objects.all()[0]) == "Reset password with a code"


def test_proving_again_is_not_called_signing_in(signed_in: CheckedClient, person: Person) -> None:
    signed_in.post("/account/confirm/", {"password": person.password})
    assert [row.kind for row in Activity.objects.all()] == [Kind.CONFIRMED_ACCESS, Kind.FIRST_SIGN_IN]


def test_a_wrong_code_is_a_failed_sign_in_too(halfway: CheckedClient, person: Person, browser_of: SignIn) -> None:
    user = User.objects.create(issuer=conf.config().issuer, sub=person.sub, email=person.email)
    halfway.post("/login/challenge/", {"code": "000000"})
    assert [row.kind for row in Activity.objects.filter(user=user)] == [Kind.SIGN_IN_REFUSED]


def test_a_stranger_cannot_fill_somebodys_table(signed_in: CheckedClient, person: Person) -> None:
    user = User.objects.get()
    request = signed_in.get("/account/").wsgi_request
    for _ in range(activity.MOST_REFUSALS + 5):
        activity.sign_in_refused(request, person.email)
    assert Activity.objects.filter(user=user, kind=Kind.SIGN_IN_REFUSED).count() == activity.MOST_REFUSALS
    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=1)):
        activity.sign_in_refused(request, person.email)
    assert Activity.objects.filter(user=user, kind=Kind.SIGN_IN_REFUSED).count() == activity.MOST_REFUSALS + 1


def test_what_was_typed_is_not_kept(signed_in: CheckedClient, person: Person) -> None:
    CheckedClient().post("/login/", {"username": person.email, "password": "Canary-horse-1"})
    assert "Canary" not in str(list(Activity.objects.values()))
