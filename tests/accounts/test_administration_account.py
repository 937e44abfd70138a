"""Acts on an account: what each does at Cognito and here, what it refuses, and that it can be done again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from accounts import administration, conf
from accounts.administration import ActRefused, Done
from accounts.audit import Kind, Outcome
from accounts.cognito import errors
from accounts.cognito.results import Status
from accounts.models import Activity, Session, User
from tests import fault_proxy
from tests.accounts.administrators import DESK, again, happened, known, mailed, state, superuser, tokens_of
from tests.accounts.conftest import Meanwhile
from tests.background import finish
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person, new_email
from tests.second_factors import with_app

Act = Callable[..., Done]


@pytest.fixture
def root(pool: LocalPool) -> User:
    """A superuser."""
    return superuser(pool)


@pytest.fixture
def ada(pool: LocalPool, person: Person) -> User:
    """Ada, as this site knows her."""
    return known(pool, person)


def refused(act: Act, user: User, by: User | None, **options: object) -> ActRefused:
    """Return how an act is refused."""
    with pytest.raises(ActRefused) as caught:
        act(user, by=by, context=DESK, **options)
    return caught.value


def test_disabling_ends_what_somebody_has_here_and_there(
    pool: LocalPool, ada: User, root: User, person: Person, browser_of: SignIn
) -> None:
    browsers = [browser_of(person), browser_of(person)]
    assert administration.disable(ada, by=root, context=DESK) == Done(devices=2)
    assert state(pool, ada)["Enabled"] is False
    assert again(ada).is_active is False
    assert not Session.objects.filter(user=ada).exists()
    assert [browser.get("/account/").status_code for browser in browsers] == [302, 302]
    assert happened(ada)[-1] == (Kind.SHUT_OUT, Outcome.DONE, root.pk)


def test_enabling_lets_somebody_in_again(
    pool: LocalPool, ada: User, root: User, person: Person, browser_of: SignIn
) -> None:
    administration.disable(ada, by=root, context=DESK)
    administration.enable(again(ada), by=root, context=DESK)
    assert state(pool, ada)["Enabled"] is True
    assert again(ada).is_active is True
    browser_of(person)


def test_signing_out_ends_every_session_and_token(
    pool: LocalPool, ada: User, root: User, person: Person, browser_of: SignIn, cognito: FaultProxy
) -> None:
    browser = browser_of(person)
    held = tokens_of(browser)
    assert administration.sign_out(ada, by=root, context=DESK) == Done(devices=1)
    finish()
    assert cognito.calls["AdminUserGlobalSignOut"] == 1
    with pytest.raises(errors.NotAuthorized):
        conf.user_pool().refresh(held.refresh_token, ada.username)
    assert browser.get("/account/").status_code == 302
    assert again(ada).is_active
    browser_of(person)


def test_somebody_shut_out_while_they_are_signed_out_stays_shut_out(
    pool: LocalPool, ada: User, root: User, meanwhile: Meanwhile
) -> None:
    meanwhile("sign_out", lambda: administration.disable(again(ada), by=root, context=DESK))
    administration.sign_out(ada, by=root, context=DESK)
    assert (state(pool, ada)["Enabled"], again(ada).is_active) == (False, False)


def test_a_browser_is_a_strangers_again_after_signing_out(ada: User, root: User) -> None:
    before = again(ada).known_browsers_since
    administration.sign_out(ada, by=root, context=DESK)
    assert again(ada).known_browsers_since > before


def test_whoever_is_signed_out_is_told_by_support(ada: User, root: User, person: Person) -> None:
    administration.sign_out(ada, by=root, context=DESK)
    [body] = mailed(person.email)
    assert "You are signed out everywhere" in body
    assert "by support" in body
    assert not {root.email, root.username, DESK.ip_address or "", "desk"} & set(body.replace("\n", " ").split())


@pytest.mark.parametrize(
    ("locale", "heading"), [("de-AT", "Der Support hat Ihr Konto geändert"), ("ja", "Support changed")]
)
def test_mails_about_acts_are_in_the_language_of_the_profile(
    pool: LocalPool, root: User, locale: str, heading: str
) -> None:
    person = pool.person(locale=locale)
    user = known(pool, person)
    administration.change_groups(user, groups=["superusers"], by=root, context=DESK)
    administration.change_email(user, email=new_email("new"), verified=False, by=root, context=DESK)
    administration.delete(user, by=root, context=DESK)
    bodies = mailed(person.email)
    assert len(bodies) == 3
    assert all(heading in body for body in bodies)
    for told in ("Your groups are now", "was entered for your account", "No one can restore it"):
        assert any(told in body for body in bodies) is (locale == "ja"), told


def test_an_address_that_nobody_proved_gets_no_mail(pool: LocalPool, root: User) -> None:
    eve = known(pool, pool.person(email=new_email("eve"), email_verified="false"))
    administration.disable(eve, by=root, context=DESK)
    assert mailed(eve.email) == []


def registered(pool: LocalPool) -> User:
    """Return somebody who registered and has not typed the code."""
    address = new_email("grace")
    conf.user_pool().sign_up(address, "Correct-horse-1", {"email": address})
    return known(pool, Person(address, "Correct-horse-1", ""))


def test_confirming_proves_account_and_address(pool: LocalPool, root: User, browser_of: SignIn) -> None:
    grace = registered(pool)
    assert grace.cognito_status == Status.UNCONFIRMED
    administration.confirm(grace, by=root, context=DESK)
    assert pool.attributes(grace.email)["email_verified"] == "true"
    assert (again(grace).cognito_status, again(grace).email_verified) == (Status.CONFIRMED, True)
    assert "If that wasn’t you, choose another now." in mailed(grace.email)[0]
    browser_of(Person(grace.email, "Correct-horse-1", grace.sub))


def test_an_account_is_confirmed_without_the_address_where_that_is_wanted(pool: LocalPool, root: User) -> None:
    grace = registered(pool)
    administration.confirm(grace, by=root, context=DESK, verified=False)
    assert pool.status(grace.email) == "CONFIRMED"
    assert pool.attributes(grace.email).get("email_verified") != "true"
    assert mailed(grace.email) == []


def test_whoever_is_confirmed_is_not_confirmed_again(ada: User, root: User) -> None:
    assert refused(administration.confirm, ada, root).reason == "is confirmed already"
    assert happened(ada) == [(Kind.CONFIRMED, Outcome.REFUSED, root.pk)]


def test_resetting_sends_a_code_and_leaves_sessions(
    pool: LocalPool, ada: User, root: User, person: Person, browser_of: SignIn
) -> None:
    browser, sent = browser_of(person), len(pool.mails(person.email))
    administration.reset_password(ada, by=root, context=DESK)
    assert len(pool.code(person.email, after=sent)) == 6
    assert again(ada).cognito_status == Status.RESET_REQUIRED
    assert browser.get("/account/").status_code == 200


def test_resetting_needs_a_proved_address(pool: LocalPool, root: User) -> None:
    eve = known(pool, pool.person(email=new_email("eve"), email_verified="false"))
    refusal = refused(administration.reset_password, eve, root)
    assert (refusal.reason, refusal.changed) == ("has no confirmed address that a code could be sent to", False)


def test_whoever_has_no_password_of_their_own_has_none_to_reset(pool: LocalPool, root: User) -> None:
    invited, newcomer = known(pool, pool.invited()), registered(pool)
    assert "has not accepted the invitation" in refused(administration.reset_password, invited, root).reason
    assert "has not confirmed the address" in refused(administration.reset_password, newcomer, root).reason


def test_somebody_disabled_gets_no_code(pool: LocalPool, ada: User, root: User) -> None:
    administration.disable(ada, by=root, context=DESK)
    assert refused(administration.reset_password, again(ada), root).reason == "is disabled: enable them first"


def test_a_corrected_address_counts_at_once_where_it_is_verified(
    pool: LocalPool, ada: User, root: User, person: Person, browser_of: SignIn
) -> None:
    right = new_email("countess")
    done = administration.change_email(ada, email=right, verified=True, by=root, context=DESK)
    assert done == Done(names=(right,))
    assert pool.attributes(right)["email_verified"] == "true"
    assert (again(ada).email, again(ada).email_verified) == (right, True)
    assert (
        "The email of your account was changed. Codes and notices no longer come to this one."
        in mailed(person.email)[0]
    )
    assert mailed(right) == []
    browser_of(Person(right, person.password, person.sub))


def test_an_address_to_be_verified_waits_for_its_code(
    pool: LocalPool, ada: User, root: User, person: Person, browser_of: SignIn
) -> None:
    browser, right = browser_of(person), new_email("countess")
    done = administration.change_email(ada, email=right, verified=False, by=root, context=DESK)
    assert done.awaits_code
    assert again(ada).email == person.email
    assert happened(ada)[-1] == (Kind.PROFILE_CHANGED, Outcome.DONE, root.pk)
    assert "/account/profile/" in mailed(person.email)[0]
    assert f"Confirm {right}" in browser.page("/account/profile/").words
    browser.post("/account/profile/verify/", {"code": pool.code(right)})
    assert (again(ada).email, again(ada).email_verified) == (right, True)


def test_a_mistyped_address_waits_no_longer_once_it_is_corrected(
    ada: User, root: User, person: Person, browser_of: SignIn
) -> None:
    browser, wrong, right = browser_of(person), new_email("wrong"), new_email("right")
    administration.change_email(ada, email=wrong, verified=False, by=root, context=DESK)
    assert f"Confirm {wrong}" in browser.page("/account/profile/").words
    administration.change_email(again(ada), email=right, verified=True, by=root, context=DESK)
    page = browser.page("/account/profile/").words
    assert right in page
    assert wrong not in page


def test_where_a_pool_takes_an_address_at_once_it_still_has_to_be_proved(
    pool: LocalPool, ada: User, root: User, person: Person, cognito: FaultProxy
) -> None:
    def flagged(answer: fault_proxy.Answer | None) -> fault_proxy.Answer | None:
        assert answer
        return replace(answer, body=answer.body.replace(person.email.encode(), right.encode()))

    right = new_email("countess")
    # A server that takes the address at once and leaves the flag of the old one standing.
    cognito.fail("AdminGetUser", fault_proxy.Fault(rewrite=flagged))
    done = administration.change_email(ada, email=right, verified=False, by=root, context=DESK)
    assert not done.awaits_code
    assert cognito.last("AdminUpdateUserAttributes")["UserAttributes"] == [{"Name": "email_verified", "Value": "false"}]
    assert (again(ada).email, again(ada).email_verified) == (right, False)


def test_an_address_of_somebody_else_is_refused(pool: LocalPool, ada: User, root: User, staff: Person) -> None:
    refusal = refused(administration.change_email, ada, root, email=staff.email, verified=True)
    assert refusal.reason == "cannot have this address: another account has it"
    assert again(ada).email == ada.email


def test_an_address_that_is_right_is_proved_and_called_that(pool: LocalPool, root: User) -> None:
    eve = known(pool, pool.person(email=new_email("eve"), email_verified="false"))
    administration.change_email(eve, email=eve.email, verified=True, by=root, context=DESK)
    assert again(eve).email_verified
    assert happened(eve) == [(Kind.EMAIL_CONFIRMED, Outcome.DONE, root.pk)]
    assert "is confirmed" in mailed(eve.email)[0]


def test_an_address_that_is_right_and_proved_is_left_alone(ada: User, root: User, cognito: FaultProxy) -> None:
    for verified in (True, False):
        refusal = refused(administration.change_email, ada, root, email=ada.email, verified=verified)
        assert refusal.reason == "has this address already"
    assert cognito.calls["AdminUpdateUserAttributes"] == 0


def test_deleting_leaves_nothing_but_the_record_of_it(
    pool: LocalPool, ada: User, root: User, person: Person, browser_of: SignIn
) -> None:
    browser = browser_of(person)
    assert administration.delete(ada, by=root, context=DESK) == Done(devices=1)
    assert pool.status(person.email) == ""
    assert not User.objects.filter(sub=person.sub).exists()
    assert browser.get("/account/").status_code == 302
    row = Activity.objects.get(kind=Kind.ACCOUNT_DELETED)
    assert (row.user, row.user_sub, row.by, row.outcome) == (None, person.sub, root, Outcome.DONE)
    assert "Your account was deleted" in mailed(person.email)[0]


def test_whoever_is_gone_is_said_to_be_and_has_no_session_left(
    pool: LocalPool, ada: User, root: User, person: Person, browser_of: SignIn
) -> None:
    browser = browser_of(person)
    pool.admin("delete_user", person)
    refusal = refused(administration.disable, ada, root)
    assert isinstance(refusal, administration.Gone)
    assert refusal.reason == "no longer exists in Cognito"
    assert (again(ada).cognito_status, again(ada).is_active) == (Status.GONE, False)
    assert not Session.objects.filter(user=ada).exists()
    assert browser.get("/account/").status_code == 302


def test_whoever_is_gone_there_is_deleted_here(pool: LocalPool, ada: User, root: User, person: Person) -> None:
    pool.admin("delete_user", person)
    administration.delete(ada, by=root, context=DESK)
    assert not User.objects.filter(sub=person.sub).exists()
    assert Activity.objects.get(user_sub=person.sub).kind == Kind.ACCOUNT_DELETED


def test_an_act_never_meets_somebody_else_who_has_the_name_now(
    pool: LocalPool, ada: User, root: User, person: Person
) -> None:
    pool.admin("delete_user", person)
    other = pool.person(email=person.email)
    assert isinstance(refused(administration.disable, ada, root), administration.Gone)
    assert pool.root.admin_get_user(UserPoolId=pool.id, Username=other.email)["Enabled"]


def test_nobody_is_gone_only_because_a_list_does_not_show_them_yet(
    pool: LocalPool, ada: User, root: User, cognito: FaultProxy
) -> None:
    cognito.fail("ListUsers", fault_proxy.answered(200, b'{"Users": []}'))
    administration.disable(ada, by=root, context=DESK)
    assert state(pool, ada)["Enabled"] is False


def test_synchronising_brings_everything_up_to_date(pool: LocalPool, ada: User, root: User, person: Person) -> None:
    with_app(pool, person)
    staff_group = pool.env["COGNITO_STAFF_GROUP"]
    pool.admin("add_user_to_group", person, GroupName=staff_group)
    assert administration.synchronise(ada, by=root, context=DESK).names == (staff_group,)
    assert again(ada).is_staff
    assert again(ada).second_factors == ["SOFTWARE_TOKEN_MFA"]
    assert mailed(person.email) == []


def test_synchronising_ends_the_sessions_of_somebody_disabled_there(
    pool: LocalPool, ada: User, root: User, person: Person, browser_of: SignIn
) -> None:
    browser_of(person)
    pool.admin("disable_user", person)
    assert administration.synchronise(ada, by=root, context=DESK).devices == 1
    assert again(ada).is_active is False


def test_an_act_that_lets_nobody_in_leaves_somebody_shut_out_here(ada: User, root: User) -> None:
    User.objects.filter(pk=ada.pk).update(is_active=False)
    administration.sign_out(again(ada), by=root, context=DESK)
    assert again(ada).is_active is False


def test_there_is_no_act_that_sets_a_password() -> None:
    assert [name for name in administration.__all__ if "password" in name] == ["reset_password"]
