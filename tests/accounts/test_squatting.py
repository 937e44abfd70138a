"""Somebody registers another person's address with a password of their own; the owner of the mailbox gets the account.

Eve registers Ada's address and cannot read Ada's mail. Whatever Ada does then, Eve's password, session and tokens open
nothing, and nobody learns from Ada's pages that Eve was there before the right code is typed (docs/adr/0020).
"""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from accounts import holds, limits
from accounts.models import Session, UnprovenPassword, User
from accounts.views.base import COOL_DOWN
from tests import fault_proxy
from tests.accounts.squatting import EVES, NEW, RESET, VERIFY, new_password, opens, register
from tests.background import finish
from tests.checked_client import CheckedClient, answer
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy
from tests.local_pool import PASSWORD, LocalPool, Person, another, new_email
from tests.markup import Page


def tokens(pool: LocalPool, name: str, password: str) -> Any:
    """Return tokens won at Cognito itself, past the site."""
    hashed = pool.config.secret_hash(name) or ""
    answered = pool.root.initiate_auth(
        ClientId=pool.config.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": password, "SECRET_HASH": hashed},
    )
    return answered["AuthenticationResult"]


def works(pool: LocalPool, name: str, refresh_token: str) -> bool:
    """Return whether Cognito still takes a refresh token."""
    root = pool.root
    try:
        root.get_tokens_from_refresh_token(
            RefreshToken=refresh_token, ClientId=pool.config.client_id, ClientSecret=pool.config.client_secret
        )
    except root.exceptions.NotAuthorizedException:
        return False
    return True


@pytest.fixture
def email(pool: LocalPool) -> str:
    """Ada's address, which Eve has registered with Eve's password."""
    email = new_email()
    register(email, EVES)
    return email


@pytest.fixture
def ada(pool: LocalPool, email: str) -> CheckedClient:
    """Ada's browser after she registered, too."""
    return register(email, PASSWORD)


@pytest.fixture
def confirmed(ada: CheckedClient, pool: LocalPool, email: str) -> CheckedClient:
    """Ada's browser after she typed the code."""
    assert ada.post(VERIFY, {"code": pool.code(email)}).url == RESET
    return ada


def test_the_owner_of_the_mailbox_gets_a_fresh_code_and_chooses_a_password(
    ada: CheckedClient, pool: LocalPool, email: str
) -> None:
    assert len(pool.mails(email)) == 2
    code = pool.code(email, after=1)
    assert ada.post(VERIFY, {"code": code}).url == RESET
    page = ada.page(RESET)
    assert "somebody else may have chosen its password" in page.words
    assert "Email confirmed." in page.words
    assert ada.post(RESET, new_password(pool.code(email, after=2))).url == "/login/"
    assert opens(email, NEW, ada)
    assert not opens(email, EVES)
    assert not opens(email, PASSWORD)


def test_the_squatters_password_opens_nothing_at_any_time(ada: CheckedClient, pool: LocalPool, email: str) -> None:
    assert not opens(email, EVES)
    ada.post(VERIFY, {"code": pool.code(email)})
    assert pool.status(email) == "CONFIRMED"
    assert not opens(email, EVES)
    assert not User.objects.exists()
    ada.post(RESET, new_password(pool.code(email, after=2)))
    assert not opens(email, EVES)
    assert not Session.objects.exclude(user=None).exists()


def test_the_squatter_is_refused_in_the_words_of_a_wrong_password(
    confirmed: CheckedClient, pool: LocalPool, person: Person, email: str
) -> None:
    squatted, wrong = (
        answer(CheckedClient().post("/login/", {"username": name, "password": EVES}), name)
        for name in (email, person.email)
    )
    assert squatted == wrong


def test_tokens_that_are_refused_here_are_dead_at_cognito(
    confirmed: CheckedClient, email: str, cognito: FaultProxy
) -> None:
    opens(email, EVES)
    finish()
    assert cognito.calls["RevokeToken"] == 1


def test_tokens_the_squatter_won_at_cognito_itself_die_with_the_new_password(
    confirmed: CheckedClient, pool: LocalPool, email: str
) -> None:
    won = tokens(pool, email, EVES)["RefreshToken"]
    assert works(pool, email, won)
    confirmed.post(RESET, new_password(pool.code(email, after=2)))
    assert not works(pool, email, won)


@pytest.mark.parametrize("fault", ["NotAuthorizedException", "InternalErrorException"])
def test_that_earlier_tokens_cannot_be_ended_is_logged_and_keeps_nobody_out(
    confirmed: CheckedClient, pool: LocalPool, email: str, cognito: FaultProxy, caplog: Any, fault: str
) -> None:
    cognito.fail("GlobalSignOut", fault_proxy.aws_error(fault))
    assert confirmed.post(RESET, new_password(pool.code(email, after=2))).url == "/login/"
    line = next(vars(record) for record in caplog.records if record.message == "earlier tokens not ended")
    assert "operation=GlobalSignOut" in line["error"]
    assert opens(email, NEW)


def test_a_second_step_in_the_way_of_ending_tokens_is_logged(
    confirmed: CheckedClient, pool: LocalPool, email: str, cognito: FaultProxy, caplog: Any
) -> None:
    question = b'{"ChallengeName": "EMAIL_OTP", "Session": "ssssssssssssssssssssssss", "ChallengeParameters": {}}'
    cognito.fail("InitiateAuth", fault_proxy.answered(200, question), times=1)
    confirmed.post(RESET, new_password(pool.code(email, after=2)))
    line = next(vars(record) for record in caplog.records if record.message == "earlier tokens not ended")
    assert line["challenge"] == "EMAIL_OTP"
    assert opens(email, NEW)


def seen_by_newcomer(name: str) -> list[Any]:
    """Return what somebody sees who registers `name`, up to a wrong code and another one asked for."""
    client = CheckedClient()
    data = {"email": name, "password1": PASSWORD, "password2": PASSWORD}
    answers = [
        client.post("/register/", data),
        client.get(VERIFY),
        client.post(VERIFY, {"code": "000000"}),
        client.post(f"{VERIFY}resend/"),
        client.get("/register/?correct=1"),
        client.get(VERIFY),
    ]
    return [answer(response, name) for response in answers]


def test_until_the_code_a_squatted_address_looks_like_a_free_one(pool: LocalPool, email: str, person: Person) -> None:
    with time_machine.travel(timezone.now(), tick=False):
        free, squatted, confirmed = (seen_by_newcomer(name) for name in (new_email("free"), email, person.email))
    assert free == squatted == confirmed


def test_where_the_newcomer_was_going_is_kept(pool: LocalPool, email: str) -> None:
    ada = CheckedClient()
    data = {"email": email, "password1": PASSWORD, "password2": PASSWORD}
    ada.post("/register/", data, query_params={"next": "/account/security/"})
    finish()
    ada.post(VERIFY, {"code": pool.code(email)})
    form = new_password(pool.code(email, after=2))
    # Sent twice it leads the same way.
    sign_in, again = ada.post(RESET, form).url, ada.post(RESET, form).url
    assert sign_in == again == "/login/?next=%2Faccount%2Fsecurity%2F"
    page = ada.page(sign_in)
    data = {"username": email, "password": NEW, "next": page.one("input", name="next")["value"]}
    assert ada.post("/login/", data).url == "/account/security/"


def test_another_code_for_the_new_password_keeps_the_reason(
    confirmed: CheckedClient, pool: LocalPool, email: str
) -> None:
    with time_machine.travel(timezone.now().timestamp() + COOL_DOWN + 1):
        confirmed.post(f"{RESET}resend/")
        assert "somebody else may have chosen its password" in confirmed.page(RESET).words
        assert confirmed.post(RESET, new_password(pool.code(email, after=3))).url == "/login/"


def test_another_persons_reset_does_not_inherit_the_reason(confirmed: CheckedClient, pool: LocalPool) -> None:
    confirmed.post("/password/forgot/", {"username": new_email("other")})
    assert "somebody else may have chosen" not in confirmed.page(RESET).words


@pytest.mark.parametrize("fault", ["LimitExceededException", "InternalErrorException", "CodeDeliveryFailureException"])
def test_without_a_second_code_the_page_can_ask_for_one(
    ada: CheckedClient, pool: LocalPool, email: str, cognito: FaultProxy, fault: str
) -> None:
    cognito.fail("ForgotPassword", fault_proxy.aws_error(fault), times=1)
    assert ada.post(VERIFY, {"code": pool.code(email)}).url == RESET
    assert not opens(email, EVES)
    with time_machine.travel(timezone.now().timestamp() + COOL_DOWN + 1):
        ada.post(f"{RESET}resend/")
        assert ada.post(RESET, new_password(pool.code(email, after=2))).url == "/login/"
    assert opens(email, NEW)


def test_a_code_typed_in_another_browser_leaves_the_squatter_out(pool: LocalPool, email: str) -> None:
    other = CheckedClient()
    assert other.post(VERIFY, {"username": email, "code": pool.code(email)}).url == "/login/"
    assert other.page("/login/").field("username")["value"] == email
    assert not opens(email, EVES)
    other.post("/password/forgot/", {"username": email})
    other.post(RESET, new_password(pool.code(email, after=1)))
    assert opens(email, NEW)
    assert not opens(email, EVES)


def test_a_code_asked_for_and_typed_in_another_browser_leads_to_the_sign_in_page(pool: LocalPool, email: str) -> None:
    other = CheckedClient()
    other.post(f"{VERIFY}resend/", {"username": email})
    assert other.post(VERIFY, {"code": pool.code(email, after=1)}).url == "/login/"
    assert not opens(email, EVES)


def test_the_right_password_where_the_code_was_typed_proves_both(pool: LocalPool) -> None:
    email = new_email()
    first = register(email, PASSWORD)
    phone = CheckedClient()
    phone.post(VERIFY, {"username": email.upper(), "code": pool.code(email)})
    # The browser that registered could be a squatter's.
    assert not opens(email, PASSWORD, first)
    assert opens(email, PASSWORD, phone)
    assert not UnprovenPassword.objects.exists()
    assert opens(email, PASSWORD, first)


def test_proof_for_one_name_opens_no_other(pool: LocalPool, email: str) -> None:
    eve, own = CheckedClient(), new_email("eve")
    register(own, EVES)
    eve.post(VERIFY, {"username": own, "code": pool.code(own)})
    CheckedClient().post(VERIFY, {"username": email, "code": pool.code(email)})
    assert not opens(email, EVES, eve)


def test_who_set_the_password_and_types_the_code_is_held_by_nothing(pool: LocalPool) -> None:
    email = new_email()
    client = register(email, PASSWORD)
    with holds.held(email):  # by another browser, a while ago
        pass
    assert client.post(VERIFY, {"code": pool.code(email)}).url == "/account/"
    assert not UnprovenPassword.objects.exists()
    assert opens(email, PASSWORD)


def test_a_fresh_code_may_be_guessed_at_afresh(pool: LocalPool, email: str) -> None:
    for _ in range(limits.GUESSES_BY_NAME.most):
        CheckedClient().post(VERIFY, {"username": email, "code": another(pool.code(email))})
    ada = register(email, PASSWORD)
    assert ada.post(VERIFY, {"code": pool.code(email, after=1)}).url == RESET


@pytest.mark.parametrize("name", ["squatted", "confirmed", "unknown"])
def test_a_wrong_code_holds_nobody(pool: LocalPool, email: str, person: Person, name: str) -> None:
    names = {"squatted": email, "confirmed": person.email, "unknown": new_email("nobody")}
    wrong = another(pool.code(email))
    assert CheckedClient().post(VERIFY, {"username": names[name], "code": wrong}).status_code == 200
    assert not UnprovenPassword.objects.exists()
    assert opens(person.email, person.password)


def test_a_wrong_code_beside_the_right_one_does_not_undo_the_hold(
    confirmed: CheckedClient, pool: LocalPool, email: str
) -> None:
    assert CheckedClient().post(VERIFY, {"username": email, "code": "000000"}).status_code == 200
    assert not opens(email, EVES)


def test_a_confirmation_whose_answer_got_lost_holds_the_name(
    ada: CheckedClient, pool: LocalPool, email: str, cognito: FaultProxy
) -> None:
    cognito.fail("ConfirmSignUp", fault_proxy.closed_after(), times=1)
    assert ada.post(VERIFY, {"code": pool.code(email)}).status_code == 503
    assert pool.status(email) == "CONFIRMED"
    assert not opens(email, EVES)
    ada.post("/password/forgot/", {"username": email})
    ada.post(RESET, new_password(pool.code(email, after=2)))
    assert opens(email, NEW)


def test_a_trigger_that_fails_after_the_code_leaves_the_squatter_out(
    ada: CheckedClient, pool: LocalPool, email: str, cognito: FaultProxy
) -> None:
    cognito.fail("ConfirmSignUp", fault_proxy.trigger_failed_after(), times=1)
    page = Page.of(ada.post(VERIFY, {"code": pool.code(email)}).content)
    assert "Your code was right, but something went wrong after it." in page.summary()
    assert pool.status(email) == "CONFIRMED"
    assert not opens(email, EVES)
    ada.post("/password/forgot/", {"username": email})
    ada.post(RESET, new_password(pool.code(email, after=2)))
    assert opens(email, NEW)


def test_a_trigger_that_fails_after_the_code_keeps_no_owner_out(pool: LocalPool, cognito: FaultProxy) -> None:
    email = new_email()
    register(email, PASSWORD)
    phone = CheckedClient()
    cognito.fail("ConfirmSignUp", fault_proxy.trigger_failed_after(), times=1)
    assert phone.post(VERIFY, {"username": email, "code": pool.code(email)}).status_code == 200
    assert opens(email, PASSWORD, phone)


def test_somebody_this_site_has_seen_is_never_held(
    pool: LocalPool, person: Person, browser_of: SignIn, django_assert_num_queries: Any
) -> None:
    browser_of(person)
    with holds.held(person.email):
        assert opens(person.email, person.password)


def test_a_hold_outlives_a_change_of_the_secret_key(
    confirmed: CheckedClient, pool: LocalPool, email: str, settings: Settings
) -> None:
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-key-for-the-tests-4fR7"
    assert not opens(email, EVES)
    finish()
    other = CheckedClient()
    other.post("/password/forgot/", {"username": email})
    other.post(RESET, new_password(pool.code(email, after=2)))
    assert not UnprovenPassword.objects.exists()


def test_a_held_name_is_not_kept_in_clear(confirmed: CheckedClient, email: str) -> None:
    [row] = UnprovenPassword.objects.values_list("name_digest", flat=True)
    assert len(row) == 64
    assert email not in row


def test_the_squatter_sets_up_no_second_step(
    confirmed: CheckedClient, pool: LocalPool, email: str, cognito: FaultProxy
) -> None:
    question = b'{"ChallengeName": "MFA_SETUP", "Session": "s", "ChallengeParameters": {"MFAS_CAN_SETUP": "[]"}}'
    cognito.fail("InitiateAuth", fault_proxy.answered(200, question), times=1)
    eve = CheckedClient()
    assert eve.post("/login/", {"username": email, "password": EVES}).status_code == 200
    assert eve.get("/login/challenge/").url == "/login/?again=1"
    assert cognito.calls["AssociateSoftwareToken"] == 0


def test_registering_twice_in_one_browser_ends_in_an_own_password(pool: LocalPool) -> None:
    email = new_email()
    client = register(email, PASSWORD)
    data = {"email": email, "password1": NEW, "password2": NEW}
    assert client.post("/register/", data).url == VERIFY
    finish()
    assert client.post(VERIFY, {"code": pool.code(email, after=1)}).url == RESET
    client.post(RESET, new_password(pool.code(email, after=2)))
    assert opens(email, NEW)
    assert not opens(email, PASSWORD)


def test_the_code_sent_twice_frightens_nobody(confirmed: CheckedClient, pool: LocalPool, email: str) -> None:
    reset = pool.code(email, after=2)
    again = confirmed.post(VERIFY, {"code": "123456", "username": email})
    assert again.status_code == 200
    assert confirmed.post(RESET, new_password(reset)).url == "/login/"
    assert opens(email, NEW)


def test_the_default_group_is_joined_all_the_same(
    ada: CheckedClient,
    pool: LocalPool,
    cognito: FaultProxy,
    email: str,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    group = pool.env["COGNITO_STAFF_GROUP"]
    settings.COGNITO = {**settings.COGNITO, "DEFAULT_GROUP": group}
    # The site's own key may do this only where the template's DefaultGroup is set.
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, pool.root_env[name])
    cognito.sign_with(pool.env | pool.root_env)
    ada.post(VERIFY, {"code": pool.code(email)})
    found = pool.root.admin_list_groups_for_user(UserPoolId=pool.id, Username=email)["Groups"]
    assert [entry["GroupName"] for entry in found] == [group]


def test_a_taken_name_sends_no_more_mail_than_a_free_one(pool: LocalPool, email: str, cognito: FaultProxy) -> None:
    sent = len(pool.mails(email))
    data = {"email": email, "password1": PASSWORD, "password2": PASSWORD}
    statuses = [CheckedClient().post("/register/", data).status_code for _ in range(limits.RESEND_BY_NAME.most)]
    finish()
    # Eve's registration was the first.
    assert statuses == [302] * (limits.RESEND_BY_NAME.most - 1) + [429]
    assert len(pool.mails(email)) == sent + limits.RESEND_BY_NAME.most - 1
