"""What projects that build on this one are told: once, of every door, after it is done, and never a secret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.dispatch import Signal

from accounts import administration, signals
from accounts.audit import Kind
from accounts.context import Context
from accounts.models import User
from tests import fault_proxy
from tests.accounts.administrators import known, superuser
from tests.accounts.commands import run
from tests.accounts.registering import CLOSED_TO_THEIR_OWN, Newcomer
from tests.accounts.synchronising import sync
from tests.accounts.test_activity_kinds import JOURNEYS, NEW
from tests.accounts.test_api_accounts import CONFIRM, registered, send
from tests.checked_client import CheckedClient
from tests.conftest import SignIn, UsePool
from tests.documents import text_of
from tests.fault_proxy import FaultProxy
from tests.local_pool import PASSWORD, LocalPool, Person, another, new_email
from tests.other_pools import another_pool
from tests.second_factors import access_token, with_app

pytestmark = pytest.mark.django_db(transaction=True)
SIGNALS = {name: signal for name, signal in vars(signals).items() if isinstance(signal, Signal)}
ARGUMENTS = {"user", "username", "kind", "by", "context", "factor"}
DESK = Context(ip_address="192.0.2.7", user_agent="desk")


class Heard(list[tuple[str, str]]):
    """The names and kinds of the signals that were sent, in turn; `told` has what each brought."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[dict[str, Any]] = []

    def hear(self, name: str, sender: type, **told: Any) -> None:
        """Take a signal. It is sent when everything is done, and no transaction is open."""
        assert sender is get_user_model()
        assert not transaction.get_connection().in_atomic_block
        self.append((name, told["kind"]))
        self.told.append(told)


@pytest.fixture
def heard() -> Iterator[Heard]:
    """What is sent from here on."""
    found, receivers = Heard(), []
    for name, signal in SIGNALS.items():
        receivers.append((signal, lambda sender, name=name, **told: found.hear(name, sender, **without_signal(told))))
        signal.connect(receivers[-1][1], weak=False)
    yield found
    for signal, receiver in receivers:
        signal.disconnect(receiver)


def without_signal(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name != "signal"}


@pytest.mark.parametrize("kind", sorted(set(JOURNEYS) & {*signals.OF_KIND, Kind.SIGN_IN_REFUSED}))
def test_what_people_do_on_the_pages_is_told_once(
    person: Person, pool: LocalPool, browser_of: SignIn, heard: Heard, kind: Kind
) -> None:
    browser = browser_of(person)
    if kind is not Kind.FIRST_SIGN_IN:
        heard.clear()
        heard.told.clear()
    JOURNEYS[kind](browser, person, pool)
    signal = next((name for name, signal in SIGNALS.items() if signals.OF_KIND.get(kind) is signal), "refused")
    assert heard.count((signal, kind.value)) == 1
    told = next(told for told in heard.told if told["kind"] == kind)
    assert told.keys() == ARGUMENTS
    assert told["user"].sub == person.sub
    assert (told["by"], told["context"].ip_address) == (None, "127.0.0.1")


def test_proving_again_who_one_is_is_no_sign_in(person: Person, browser_of: SignIn, heard: Heard) -> None:
    browser = browser_of(person)
    browser.post("/account/confirm/", {"password": person.password})
    assert heard == [("signed_in", "first_sign_in")]


def test_registering_on_the_pages_is_told_by_the_name_alone(pool: LocalPool, heard: Heard) -> None:
    email, browser = new_email(), CheckedClient()
    browser.post("/register/", {"email": email, "password1": PASSWORD, "password2": PASSWORD})
    assert heard == [("registered", "registered")]
    browser.post("/verify-code/", {"code": another(pool.code(email))})
    assert heard == [("registered", "registered")]
    browser.post("/verify-code/", {"code": pool.code(email)})
    assert heard[1:] == [("confirmed", "confirmed"), ("signed_in", "first_sign_in")]
    assert [(told["user"], told["username"]) for told in heard.told[:2]] == [(None, email)] * 2


def test_a_name_that_is_taken_is_not_told_as_registered(person: Person, heard: Heard) -> None:
    CheckedClient().post("/register/", {"email": person.email, "password1": PASSWORD, "password2": PASSWORD})
    assert heard == []


def test_registering_by_the_api_is_told_too(pool: LocalPool, heard: Heard) -> None:
    email = new_email()
    registration = registered(email)
    assert heard == [("registered", "registered")]
    send(CONFIRM, registration=registration, code=pool.code(email))
    assert heard == [("registered", "registered"), ("confirmed", "confirmed")]


def test_an_account_that_this_site_makes_is_told_with_its_row(
    local_pool: LocalPool, use_pool: UsePool, heard: Heard
) -> None:
    pool = use_pool(another_pool(local_pool, **CLOSED_TO_THEIR_OWN), REGISTRATION="admin")
    newcomer = Newcomer(pool, new_email(), CheckedClient())
    newcomer.ask()
    assert heard == [], "there is no account yet"
    newcomer.complete()
    assert [name for name, _ in heard] == ["registered", "confirmed", "signed_in"]
    assert {told["user"] for told in heard.told} == {User.objects.get()}


def test_an_invitation_is_told_with_who_invited_and_one_that_failed_is_not(
    pool: LocalPool, heard: Heard, cognito: FaultProxy
) -> None:
    email, root = new_email(), superuser(pool)
    cognito.fail("AdminCreateUser", fault_proxy.closed_before(), times=1)
    with pytest.raises(Exception, match="AdminCreateUser"):
        administration.invite(email, by=root, context=DESK)
    assert heard == []
    user = administration.invite(email, by=root, context=DESK)
    assert heard == [("registered", "invited")]
    assert (heard.told[0]["user"], heard.told[0]["by"], heard.told[0]["context"]) == (user, root, DESK)
    run("invite_user", new_email())
    assert heard[1:] == [("registered", "invited")]
    assert heard.told[1]["by"] is None


def test_acts_of_administrators_are_told_with_who_did_them(pool: LocalPool, person: Person, heard: Heard) -> None:
    root, ada = superuser(pool), known(pool, person)
    with_app(pool, person)
    for act in (administration.sign_out, administration.remove_authenticator, administration.disable):
        act(ada, by=root, context=DESK)
    administration.enable(ada, by=root, context=DESK)
    administration.delete(ada, by=root, context=DESK)
    assert heard == [
        ("signed_out", "signed_out_everywhere"),
        ("factor_changed", "factor_off"),
        ("signed_out", "shut_out"),
        ("deleted", "account_deleted"),
    ]
    assert {(told["by"], told["user"].sub) for told in heard.told} == {(root, person.sub)}
    assert heard.told[-1]["user"].pk is None


def test_confirming_in_somebodys_place_is_told(pool: LocalPool, heard: Heard) -> None:
    email = new_email()
    CheckedClient().post("/register/", {"email": email, "password1": PASSWORD, "password2": PASSWORD})
    person = Person(email, PASSWORD, pool.attributes(email)["sub"])
    administration.confirm(known(pool, person), by=None, context=Context())
    assert heard[1:] == [("confirmed", "confirmed")]


def test_commands_are_told_as_acts_of_nobody(pool: LocalPool, person: Person, heard: Heard) -> None:
    known(pool, person)
    run("sign_out_user", person.email)
    assert heard == [("signed_out", "signed_out_everywhere")]
    assert (heard.told[0]["by"], heard.told[0]["context"]) == (None, Context())


def test_an_account_that_sync_users_finds_gone_is_told(own_pool: LocalPool, heard: Heard) -> None:
    ada = own_pool.person()
    sync()
    own_pool.admin("delete_user", ada)
    sync()
    assert heard == [("deleted", "account_deleted")]
    assert heard.told[0]["user"].sub == ada.sub


def test_whoever_deletes_their_account_is_told_of_once_by_page_and_by_api(
    pool: LocalPool, browser_of: SignIn, heard: Heard
) -> None:
    ada, bob = pool.person(), pool.person()
    browser_of(ada).post("/account/delete/", {"confirm": ada.email})
    token = {"Authorization": f"Bearer {access_token(pool, bob)}"}
    assert CheckedClient().delete("/api/me", headers=token).status_code == 204
    assert heard == [("signed_in", "first_sign_in"), ("deleted", "account_deleted")] * 2
    assert [told["user"].sub for told in heard.told] == [ada.sub] * 2 + [bob.sub] * 2
    assert [told["user"].pk for told in heard.told[1::2]] == [None, None]


def test_an_outage_tells_nothing(person: Person, browser_of: SignIn, heard: Heard, cognito: FaultProxy) -> None:
    browser = browser_of(person)
    heard.clear()
    cognito.fail("DeleteUser", fault_proxy.closed_before())
    cognito.fail("ChangePassword", fault_proxy.closed_before())
    browser.post("/account/delete/", {"confirm": person.email})
    browser.post("/account/password/", {"old_password": person.password, "new_password1": NEW, "new_password2": NEW})
    assert heard == []


def test_what_is_rolled_back_is_not_told(pool: LocalPool, person: Person, heard: Heard) -> None:
    ada = known(pool, person)
    with transaction.atomic():
        administration.sign_out(ada, by=None, context=Context())
        transaction.set_rollback(True)
    assert heard == []


def test_a_refusal_is_told_without_what_was_typed(pool: LocalPool, heard: Heard) -> None:
    typed = "canary-horse-1@example.com"
    CheckedClient().post("/login/", {"username": typed, "password": typed})
    assert heard == [("refused", "sign_in_refused")]
    assert heard.told[0]["user"] is None
    assert typed not in str(heard.told)


def test_a_new_password_of_somebody_who_was_never_here_is_told_by_the_name(
    pool: LocalPool, person: Person, heard: Heard
) -> None:
    JOURNEYS[Kind.PASSWORD_RESET](CheckedClient(), person, pool)
    assert heard == [("password_changed", "password_reset")]
    assert (heard.told[0]["user"], heard.told[0]["username"]) == (None, person.email)


@pytest.mark.parametrize("name", sorted(SIGNALS))
def test_a_receiver_that_raises_breaks_nothing_and_is_logged(
    person: Person, pool: LocalPool, browser_of: SignIn, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    def broken(**_: Any) -> None:
        raise RuntimeError("a mistake of the receiver's")

    kind = next((kind for kind in JOURNEYS if signals.OF_KIND.get(kind) is SIGNALS[name]), None)
    browser = browser_of(person)
    SIGNALS[name].connect(broken)
    try:
        if kind:
            JOURNEYS[kind](browser, person, pool)
        signals.tell(SIGNALS[name], None, "tried")
    finally:
        SIGNALS[name].disconnect(broken)
    assert [record for record in caplog.records if record.name == "django.dispatch"]


def test_the_document_lists_every_signal_with_its_kinds_and_every_argument() -> None:
    text = text_of("docs/calling-other-services.md").partition("## Signals")[2]
    rows = {
        name: set(re.findall(r"`([a-z_]+)`", kinds))
        for name, kinds in re.findall(r"^\| `([a-z_]+)` \|[^|]*\|([^|]*)\|$", text, re.MULTILINE)
    }
    told = {name: {kind.value for kind, sent in signals.OF_KIND.items() if sent is SIGNALS[name]} for name in SIGNALS}
    told["registered"] |= {"registered"}
    told["refused"] |= {Kind.SIGN_IN_REFUSED.value}
    assert rows == told
    assert set(re.findall(r"^\| `([a-z_]+)` \|[^|]*\|$", text, re.MULTILINE)) == ARGUMENTS
