"""Rescuing somebody who lost a telephone or a key: what goes, that they are signed out, and that they hear of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts import administration, conf
from accounts.administration import ActRefused, second_steps
from accounts.audit import Kind, Outcome
from accounts.kept_passkeys import KeptPasskey
from accounts.models import Activity, Session, User
from tests import fault_proxy
from tests.accounts.administrators import DESK, again, known, mailed, state, superuser, tokens_of
from tests.accounts.test_passkeys import added, options
from tests.accounts.test_refresh import expire
from tests.background import finish
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.devcloud.conformance.authenticator import Authenticator
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.second_factors import access_token, with_app, with_mail

ASK_THEM = "keeps the passkeys to themselves unless signed in here. Ask them to remove them under Security"


@pytest.fixture
def root(pool: LocalPool) -> User:
    """A superuser."""
    return superuser(pool)


@pytest.fixture
def with_passkey(signed_in: CheckedClient) -> CheckedClient:
    """Ada's browser, signed in, with a passkey added."""
    added(signed_in, Authenticator().register(options(signed_in)))
    return signed_in


@pytest.fixture
def ada(pool: LocalPool, person: Person, with_passkey: CheckedClient) -> User:
    """Ada, who has a passkey."""
    return User.objects.get(sub=person.sub)


def refused(act: Any, user: User, by: User | None) -> ActRefused:
    """Return how an act is refused."""
    with pytest.raises(ActRefused) as caught:
        act(user, by=by, context=DESK)
    return caught.value


def test_an_authenticator_is_removed_for_good(pool: LocalPool, root: User, person: Person, browser_of: SignIn) -> None:
    with_app(pool, person)
    user = known(pool, person)
    done = administration.remove_authenticator(user, by=root, context=DESK)
    assert done.names == ("Authenticator app",)
    assert again(user).second_factors == []
    assert not state(pool, user).get("UserMFASettingList")
    browser_of(person)
    row = Activity.objects.filter(user=user, by=root).get()
    assert (row.kind, row.factor) == (Kind.FACTOR_OFF, "SOFTWARE_TOKEN_MFA")


def test_whoever_holds_the_lost_telephone_is_signed_out(
    pool: LocalPool, root: User, person: Person, browser_of: SignIn, cognito: FaultProxy
) -> None:
    thief = browser_of(person)
    with_app(pool, person)
    held = tokens_of(thief)
    assert administration.remove_authenticator(known(pool, person), by=root, context=DESK).devices == 1
    finish()
    assert thief.get("/account/").status_code == 302
    assert cognito.calls["AdminUserGlobalSignOut"] == 1
    with pytest.raises(Exception, match="AccessTokenRefused"):
        conf.user_account().get_user(held.access_token)


def test_the_owner_hears_of_the_removed_authenticator(pool: LocalPool, root: User, person: Person) -> None:
    with_app(pool, person)
    administration.remove_authenticator(known(pool, person), by=root, context=DESK)
    [body] = mailed(person.email)
    assert "Your authenticator app was removed, and you are signed out everywhere." in body
    assert "If that was you" not in body


def test_whoever_has_no_authenticator_is_left_as_they_are(
    pool: LocalPool, root: User, person: Person, cognito: FaultProxy
) -> None:
    with_mail(pool, person)
    assert refused(administration.remove_authenticator, known(pool, person), root).reason == "has no authenticator app"
    assert cognito.calls["AdminUserGlobalSignOut"] == 0


def test_a_server_without_the_operation_turns_the_authenticator_off(
    pool: LocalPool, root: User, person: Person, cognito: FaultProxy
) -> None:
    with_app(pool, person)
    cognito.fail("AdminDeleteSoftwareToken", fault_proxy.aws_error("InvalidAction"))
    administration.remove_authenticator(known(pool, person), by=root, context=DESK)
    sent = [parameters for operation, parameters in cognito.sent if operation == "AdminSetUserMFAPreference"]
    assert sent[0]["SoftwareTokenMfaSettings"] == {"Enabled": False, "PreferredMfa": False}
    assert again(User.objects.get(sub=person.sub)).second_factors == []


def test_every_second_step_is_turned_off_and_named(
    pool: LocalPool, root: User, person: Person, browser_of: SignIn
) -> None:
    browser_of(person)
    with_app(pool, person)
    pool.admin(
        "set_user_mfa_preference",
        person,
        SoftwareTokenMfaSettings={"Enabled": True},
        EmailMfaSettings={"Enabled": True, "PreferredMfa": True},
    )
    user = known(pool, person)
    done = administration.turn_off_mfa(user, by=root, context=DESK)
    assert (done.devices, sorted(done.names)) == (1, ["Authenticator app", "Email"])
    assert not state(pool, user).get("UserMFASettingList")
    assert again(user).second_factors == []
    recorded = Activity.objects.filter(user=user, kind=Kind.FACTOR_OFF, by=root)
    assert {row.factor for row in recorded} == {"SOFTWARE_TOKEN_MFA", "EMAIL_OTP"}
    assert len(mailed(person.email)) == 1


def test_whoever_has_no_second_step_is_left_as_they_are(
    pool: LocalPool, root: User, person: Person, cognito: FaultProxy
) -> None:
    assert refused(administration.turn_off_mfa, known(pool, person), root).reason == "has no two-step verification"
    assert cognito.calls["AdminUserGlobalSignOut"] == 0


def test_a_pool_that_requires_a_second_step_says_so(
    pool: LocalPool, root: User, person: Person, cognito: FaultProxy
) -> None:
    with_mail(pool, person)
    cognito.fail("AdminSetUserMFAPreference", fault_proxy.aws_error("InvalidParameterException"))
    refusal = refused(administration.turn_off_mfa, known(pool, person), root)
    assert "requires two-step verification" in refusal.reason
    assert refusal.changed


def passkeys_of(pool: LocalPool, person: Person) -> int:
    return len(conf.user_account().list_passkeys(access_token(pool, person)))


def test_passkeys_are_removed_with_a_session_of_their_own(
    pool: LocalPool, root: User, ada: User, person: Person, with_passkey: CheckedClient
) -> None:
    KeptPasskey.objects.update(label="Work laptop")
    added(with_passkey, Authenticator().register(options(with_passkey)))
    done = administration.remove_passkeys(ada, by=root, context=DESK)
    assert (done.devices, done.names) == (1, ("Work laptop", "Passkey 2"))
    assert not KeptPasskey.objects.exists()
    assert passkeys_of(pool, person) == 0
    assert with_passkey.get("/account/").status_code == 302
    rows = Activity.objects.filter(user=ada, kind=Kind.PASSKEY_REMOVED, by=root)
    assert sorted(rows.values_list("detail", flat=True)) == ["Passkey 2", "Work laptop"]
    assert "Your passkeys were removed" in mailed(person.email)[-1]


def test_a_session_whose_token_has_run_out_serves_too(pool: LocalPool, root: User, ada: User, person: Person) -> None:
    expire(60)
    administration.remove_passkeys(ada, by=root, context=DESK)
    assert passkeys_of(pool, person) == 0


def test_whoever_is_not_signed_in_here_has_to_be_asked(pool: LocalPool, root: User, ada: User, person: Person) -> None:
    administration.sign_out(ada, by=root, context=DESK)
    refusal = refused(administration.remove_passkeys, ada, root)
    assert (refusal.reason, refusal.changed) == (ASK_THEM, False)
    assert passkeys_of(pool, person) == 1


def test_a_session_that_is_over_serves_nobody(pool: LocalPool, root: User, ada: User, person: Person) -> None:
    Session.objects.filter(user=ada).update(expire_date="2020-01-01T00:00:00Z")
    assert refused(administration.remove_passkeys, ada, root).reason == ASK_THEM
    assert passkeys_of(pool, person) == 1


def test_sessions_that_are_over_do_not_hide_one_that_goes_on(
    pool: LocalPool, root: User, ada: User, person: Person
) -> None:
    good = Session.objects.get(user=ada)
    late = good.last_seen_at + timedelta(minutes=1)
    for number in range(second_steps.MOST_SESSIONS):
        Session.objects.create(
            session_key=f"{number:032}",
            user=ada,
            expire_date=good.last_seen_at - timedelta(days=1),
            tokens="over",
            last_seen_at=late,
        )
    administration.remove_passkeys(ada, by=root, context=DESK)
    assert passkeys_of(pool, person) == 0


def test_a_session_that_cognito_ended_serves_nobody(pool: LocalPool, root: User, ada: User, person: Person) -> None:
    pool.admin("user_global_sign_out", person)
    assert refused(administration.remove_passkeys, ada, root).reason == ASK_THEM
    assert passkeys_of(pool, person) == 1


def test_whoever_has_no_passkeys_keeps_their_sessions(
    pool: LocalPool, root: User, person: Person, signed_in: CheckedClient
) -> None:
    assert refused(administration.remove_passkeys, known(pool, person), root).reason == "has no passkeys"
    assert signed_in.get("/account/").status_code == 200


def test_sessions_here_end_though_cognito_does_not_sign_out(
    pool: LocalPool, root: User, ada: User, person: Person, cognito: FaultProxy, with_passkey: CheckedClient
) -> None:
    cognito.fail("AdminUserGlobalSignOut", fault_proxy.aws_error("InvalidParameterException"))
    refusal = refused(administration.remove_passkeys, ada, root)
    assert refusal.changed
    assert "sign them out everywhere" in refusal.reason
    assert with_passkey.get("/account/").status_code == 302


@pytest.mark.parametrize("step", ["ListWebAuthnCredentials", "DeleteWebAuthnCredential"])
def test_passkeys_that_could_not_be_removed_are_removed_by_the_next_try(
    pool: LocalPool, root: User, ada: User, person: Person, cognito: FaultProxy, step: str
) -> None:
    cognito.fail(step, fault_proxy.closed_before())
    with pytest.raises(Exception, match="Unreachable"):
        administration.remove_passkeys(ada, by=root, context=DESK)
    cognito.forget()
    administration.remove_passkeys(ada, by=root, context=DESK)
    assert passkeys_of(pool, person) == 0


@pytest.mark.parametrize("made_here", [True, False])
def test_passkeys_removed_without_an_answer_are_made_good_by_the_next_try(
    pool: LocalPool,
    root: User,
    ada: User,
    person: Person,
    cognito: FaultProxy,
    with_passkey: CheckedClient,
    made_here: bool,
) -> None:
    added(with_passkey, Authenticator().register(options(with_passkey)))
    if not made_here:
        KeptPasskey.objects.all().delete()
    cognito.fail("DeleteWebAuthnCredential", fault_proxy.closed_after(), times=1)
    with pytest.raises(Exception, match="Unreachable"):
        administration.remove_passkeys(ada, by=root, context=DESK)
    assert passkeys_of(pool, person) == 1
    cognito.fail("DeleteWebAuthnCredential", fault_proxy.closed_after(), times=1)
    with pytest.raises(Exception, match="Unreachable"):
        administration.remove_passkeys(ada, by=root, context=DESK)
    assert passkeys_of(pool, person) == 0
    done = administration.remove_passkeys(ada, by=root, context=DESK)
    assert (done.devices, sorted(done.names)) == (1, ["Passkey 1", "Passkey 2"])
    assert with_passkey.get("/account/").status_code == 302
    removed = Activity.objects.filter(user=ada, kind=Kind.PASSKEY_REMOVED, outcome=Outcome.DONE)
    assert sorted(removed.values_list("detail", flat=True)) == ["Passkey 1", "Passkey 2"]
    assert "Your passkeys were removed" in mailed(person.email)[-1]
    assert not KeptPasskey.objects.exists()


def test_nothing_of_the_borrowed_session_is_written_anywhere(
    pool: LocalPool, root: User, ada: User, with_passkey: CheckedClient, caplog: pytest.LogCaptureFixture
) -> None:
    held = tokens_of(with_passkey)
    caplog.set_level("DEBUG", "accounts")
    administration.remove_passkeys(ada, by=root, context=DESK)
    written = caplog.text + str([record.__dict__ for record in caplog.records]) + str(list(Activity.objects.values()))
    assert held.access_token not in written
    assert held.refresh_token not in written
