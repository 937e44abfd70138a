"""Each act from the administration's page to Cognito, the database, the history, the activity and the person's mail."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import CHANGE, DELETION, LogEntry

from accounts import pool as pool_description
from accounts.cognito.results import Status
from accounts.models import Session, User
from tests.accounts.administrators import again, group, happened, known, mailed, staff_who_may, state
from tests.accounts.test_admin_actions import address, send, tools, words
from tests.accounts.test_admin_groups import new_name
from tests.accounts.ways_in import with_passkey
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.devcloud.conformance.authenticator import Authenticator
from tests.fault_proxy import FaultProxy, answered, closed_after, closed_before
from tests.local_pool import LocalPool, Person, new_email
from tests.markup import Page
from tests.second_factors import with_app


@pytest.fixture
def desk(pool: LocalPool, browser_of: SignIn) -> CheckedClient:
    """The browser of a superuser."""
    return browser_of(pool.person(groups=(pool.env["COGNITO_SUPERUSER_GROUP"],)))


@pytest.fixture
def ada(pool: LocalPool, person: Person) -> User:
    """Ada, known here as in the pool."""
    return known(pool, person)


def history(user: User, flag: int = CHANGE) -> list[str]:
    """Return what the history of `user` says, oldest first."""
    rows = LogEntry.objects.filter(object_id=str(user.pk), action_flag=flag).order_by("pk")
    return [row.change_message for row in rows]


def test_disabled(desk: CheckedClient, pool: LocalPool, browser_of: SignIn, person: Person) -> None:
    theirs = [browser_of(person) for _ in range(2)]
    ada = known(pool, person)
    told = "Ada Lovelace is disabled. 2 devices were signed out."
    assert told in words(send(desk, "disable", ada))
    assert (state(pool, ada)["Enabled"], again(ada).is_active) == (False, False)
    assert not Session.objects.filter(user=ada).exists()
    assert theirs[0].get("/account/").status_code == 302
    assert history(ada) == [told]
    assert happened(ada)[-1][:2] == ("shut_out", "done")
    assert "by support" in mailed(person.email)[-1]
    assert "enable" in tools(desk, ada)
    assert "disable" not in tools(desk, ada)


def test_enabled(desk: CheckedClient, pool: LocalPool, browser_of: SignIn, person: Person, ada: User) -> None:
    send(desk, "disable", ada)
    assert "Ada Lovelace is enabled." in words(send(desk, "enable", again(ada)))
    assert (state(pool, ada)["Enabled"], again(ada).is_active) == (True, True)
    assert browser_of(person).get("/account/").status_code == 200


def test_signed_out_everywhere(desk: CheckedClient, pool: LocalPool, browser_of: SignIn, person: Person) -> None:
    theirs = browser_of(person)
    ada = known(pool, person)
    assert "1 device is signed out. They can sign in again." in words(desk.get(address("sign_out", ada)))
    assert "Ada Lovelace is signed out everywhere. 1 device was signed out." in words(send(desk, "sign_out", ada))
    assert theirs.get("/account/").status_code == 302
    assert "They are not signed in here." in words(desk.get(address("sign_out", ada)))
    assert browser_of(person).get("/account/").status_code == 200


def test_password_reset(desk: CheckedClient, pool: LocalPool, ada: User) -> None:
    told = f"Ada Lovelace has to choose a new password. A code is on its way to {ada.email}."
    assert told in words(send(desk, "reset_password", ada))
    assert state(pool, ada)["UserStatus"] == Status.RESET_REQUIRED
    assert pool.code(ada.email)


def test_confirmed(desk: CheckedClient, pool: LocalPool, client: CheckedClient, browser_of: SignIn) -> None:
    email = new_email("barbara")
    data = {"email": email, "password1": "Correct-horse-1", "password2": "Correct-horse-1", "name": "Barbara"}
    assert client.post("/register/", data).status_code == 302
    user = known(pool, Person(email, "Correct-horse-1", ""))
    assert "confirm" in tools(desk, user)
    assert f"The email of {user} is confirmed." in words(send(desk, "confirm", user))
    assert state(pool, user)["UserStatus"] == Status.CONFIRMED
    assert "confirm" not in tools(desk, user)


def test_invited_again(desk: CheckedClient, pool: LocalPool) -> None:
    grace = known(pool, pool.invited(name="Grace Hopper"))
    assert tools(desk, grace) >= {"resend_invitation", "disable"}
    assert tools(desk, grace) & {"sign_out", "reset_password", "confirm", "enable", "remove_passkeys"} == set()
    text = words(desk.get(address("resend_invitation", grace)))
    # The title names nobody.
    assert f"Grace Hopper ({grace.email})" in text
    assert f"New invitation sent to {grace.email}." in words(send(desk, "resend_invitation", grace))
    assert len(pool.mails(grace.email)) == 1


def test_where_everybody_needs_a_second_step_nobody_is_said_to_come_in_without(
    desk: CheckedClient, pool: LocalPool, person: Person, cognito: FaultProxy
) -> None:
    with_app(pool, person)
    ada = known(pool, person)
    cognito.fail("GetUserPoolMfaConfig", answered(200, b'{"MfaConfiguration": "ON"}'))
    pool_description.reset(setting="COGNITO")
    for act in ("remove_authenticator", "turn_off_mfa"):
        asked = words(desk.get(address(act, ada)))
        assert "The next sign-in asks for another second step, or to set one up" in asked
        assert "password alone" not in asked


def test_authenticator_removed(desk: CheckedClient, pool: LocalPool, person: Person) -> None:
    with_app(pool, person)
    ada = known(pool, person)
    assert tools(desk, ada) >= {"remove_authenticator", "turn_off_mfa"}
    asked = words(desk.get(address("remove_authenticator", ada)))
    assert f"Ada Lovelace ({ada.email}) can then sign in with a password alone" in asked
    assert "The authenticator app stops working. They are signed out everywhere. They get an email about it." in asked
    assert "Authenticator app of Ada Lovelace removed." in words(send(desk, "remove_authenticator", ada))
    assert state(pool, ada).get("UserMFASettingList", []) == []
    assert tools(desk, ada) & {"remove_authenticator", "turn_off_mfa"} == set()
    assert len(mailed(person.email)) == 1


def test_nobody_is_promised_a_mail_to_an_address_that_is_not_proved(desk: CheckedClient, pool: LocalPool) -> None:
    eve = known(pool, pool.person(email=new_email("eve"), email_verified="false"))
    asked = words(desk.get(address("turn_off_mfa", eve)))
    assert "They are signed out everywhere." in asked
    assert "They get an email about it." not in asked


def test_two_step_verification_turned_off(desk: CheckedClient, pool: LocalPool, person: Person) -> None:
    with_app(pool, person)
    ada = known(pool, person)
    assert "No longer asked for: App." in words(desk.get(address("turn_off_mfa", ada)))
    assert "Two-step verification of Ada Lovelace is off." in words(send(desk, "turn_off_mfa", ada))
    assert again(ada).second_factors == []


def test_passkeys_of_somebody_who_has_none_are_not_removed(desk: CheckedClient, ada: User) -> None:
    assert "remove_passkeys" not in tools(desk, ada)
    assert "ask them to remove them under Security" in words(desk.get(address("remove_passkeys", ada)))
    assert "Ada Lovelace: nothing was changed." in words(send(desk, "remove_passkeys", ada))


@pytest.mark.parametrize("verb", ["remove_authenticator", "turn_off_mfa"])
def test_a_second_step_that_went_without_an_answer_can_be_removed_again(
    desk: CheckedClient, pool: LocalPool, person: Person, cognito: FaultProxy, verb: str
) -> None:
    with_app(pool, person)
    ada = known(pool, person)
    for operation in ("AdminSetUserMFAPreference", "AdminDeleteSoftwareToken"):
        cognito.fail(operation, closed_after(), times=1)
    assert "It may be done or not: look in a minute, and repeat it if not." in words(send(desk, verb, ada))
    cognito.heal()
    assert not state(pool, ada).get("UserMFASettingList")
    assert verb in tools(desk, again(ada))
    send(desk, verb, again(ada))
    assert again(ada).second_factors == []
    assert len(mailed(person.email)) == 1
    assert verb not in tools(desk, again(ada))


def test_passkeys_that_went_without_an_answer_can_be_removed_again(
    desk: CheckedClient, pool: LocalPool, browser_of: SignIn, person: Person, cognito: FaultProxy
) -> None:
    with_passkey(pool, person, Authenticator())
    theirs = browser_of(person)
    ada = known(pool, person)
    cognito.fail("DeleteWebAuthnCredential", closed_after(), times=1)
    assert "It may be done or not: look in a minute" in words(send(desk, "remove_passkeys", ada))
    assert "remove_passkeys" in tools(desk, ada)
    assert "1 passkey of Ada Lovelace removed." in words(send(desk, "remove_passkeys", ada))
    assert theirs.get("/account/").status_code == 302
    assert "remove_passkeys" not in tools(desk, ada)


@pytest.mark.parametrize(("proof", "verified"), [("verified", "true"), ("to_be_verified", "false")])
def test_email_corrected(desk: CheckedClient, pool: LocalPool, ada: User, proof: str, verified: str) -> None:
    email = new_email("right")
    text = words(send(desk, "change_email", ada, email=email, proof=proof))
    found = pool.attributes(ada.username)
    if found["email"] == email:
        assert f"The email of Ada Lovelace is now {email}." in text
        assert found["email_verified"] == verified
    else:
        assert f"A code is on its way to {email}." in text
        assert proof == "to_be_verified"
    assert again(ada).email == found["email"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"email": "", "proof": "verified"}, "Enter their address."),
        ({"email": "nobody", "proof": "verified"}, "Enter an email like name@example.com."),
        ({"email": "a@example.com", "proof": ""}, "This field is required."),
        ({"email": "a@example.com", "proof": "maybe"}, "not one of the available choices"),
    ],
)
def test_an_email_that_is_none_is_not_sent(
    desk: CheckedClient, ada: User, cognito: FaultProxy, fields: dict[str, str], sentence: str
) -> None:
    response = send(desk, "change_email", ada, **fields)
    assert sentence in words(response)
    assert "Nothing was done." in words(response)
    assert cognito.calls["AdminUpdateUserAttributes"] == 0


def test_an_email_that_is_taken_is_told(desk: CheckedClient, pool: LocalPool, ada: User) -> None:
    taken = pool.person().email
    text = words(send(desk, "change_email", ada, email=taken, proof="verified"))
    assert "Ada Lovelace: nothing was changed. Cannot have this address: another account has it." in text


def test_groups_changed(desk: CheckedClient, pool: LocalPool, ada: User) -> None:
    one, two = group(pool, new_name()), group(pool, new_name())
    pool.root.admin_add_user_to_group(UserPoolId=pool.id, Username=ada.username, GroupName=one)
    page = Page.of(desk.get(address("change_groups", ada)).content)
    ticked = {box["value"] for box in page.all("input", type="checkbox", name="groups") if "checked" in box}
    before = [box["value"] for box in page.all("input", name="before")]
    assert (ticked, before) == ({one}, [one])
    # Somebody else has put her into a third one meanwhile: it is left as it is.
    third = group(pool, new_name())
    pool.root.admin_add_user_to_group(UserPoolId=pool.id, Username=ada.username, GroupName=third)
    told = f"Ada Lovelace is now in: {', '.join(sorted((two, third)))}."
    assert told in words(send(desk, "change_groups", ada, groups=[two], before=[one]))
    assert set(again(ada).cognito_groups) == {two, third}
    assert history(ada) == [told]


def test_groups_of_several_people_changed(desk: CheckedClient, pool: LocalPool) -> None:
    one, two = group(pool, new_name()), group(pool, new_name())
    people = [known(pool, pool.person(groups=(one,))) for _ in range(2)]
    assert "Choose at least one group." in words(send(desk, "change_groups", *people))
    assert "cannot be on both lists" in words(send(desk, "change_groups", *people, add=[one], remove=[one]))
    assert "not one of the available choices" in words(send(desk, "change_groups", *people, add=["made-up"]))
    assert "Groups of 2 people changed." in words(send(desk, "change_groups", *people, add=[two], remove=[one]))
    assert [again(user).cognito_groups for user in people] == [[two], [two]]


def test_staff_give_nobody_what_they_have_not(pool: LocalPool, browser_of: SignIn, ada: User) -> None:
    mighty, harmless = group(pool, new_name(), "delete_user"), group(pool, new_name())
    clerk = pool.person()
    user = staff_who_may(pool, "view_user", "change_groups_user")
    for name in user.cognito_groups:
        pool.admin("add_user_to_group", clerk, GroupName=name)
    browser = browser_of(clerk)
    page = Page.of(browser.get(address("change_groups", ada)).content)
    offered = {box["value"] for box in page.all("input", type="checkbox", name="groups")}
    assert harmless in offered
    assert offered & {mighty, pool.env["COGNITO_SUPERUSER_GROUP"]} == set()
    for name in (mighty, pool.env["COGNITO_SUPERUSER_GROUP"]):
        send(browser, "change_groups", ada, groups=[name])
        send(browser, "change_groups", ada, groups=[], before=[name])
    assert again(ada).cognito_groups == []
    me = User.objects.get(sub=clerk.sub)
    assert "nothing was changed" in words(send(browser, "change_groups", me, groups=[], before=me.cognito_groups))


def test_groups_are_not_asked_for_while_cognito_is_away(desk: CheckedClient, ada: User, cognito: FaultProxy) -> None:
    cognito.fail("ListGroups", closed_before())
    response = desk.get(address("change_groups", ada), follow=True)
    assert (response.status_code, "Cognito cannot be asked at the moment." in words(response)) == (200, True)


def test_brought_up_to_date(desk: CheckedClient, pool: LocalPool, ada: User) -> None:
    pool.root.admin_update_user_attributes(
        UserPoolId=pool.id, Username=ada.username, UserAttributes=[{"Name": "name", "Value": "Ada King"}]
    )
    assert "is up to date." in words(send(desk, "synchronise", ada))
    assert again(ada).name == "Ada King"


def test_deleted(desk: CheckedClient, pool: LocalPool, browser_of: SignIn, person: Person) -> None:
    theirs = browser_of(person)
    ada = known(pool, person)
    assert f"Type {person.email} to delete" in words(desk.get(address("delete", ada)))
    response = send(desk, "delete", ada, typed=f" {person.email.upper()} ")
    assert "Ada Lovelace is deleted. 1 device was signed out." in words(response)
    assert response.redirect_chain[-1][0] == "/admin/accounts/user/"
    assert pool.status(person.email) == ""
    assert not User.objects.filter(pk=ada.pk).exists()
    assert theirs.get("/account/").status_code == 302
    entry = LogEntry.objects.get(action_flag=DELETION)
    assert (entry.object_repr, entry.change_message) == (person.sub, "")


@pytest.mark.parametrize("typed", ["", "ada", "yes", "2"])
def test_nobody_is_deleted_by_a_slip(desk: CheckedClient, pool: LocalPool, ada: User, typed: str) -> None:
    assert "Nothing was done." in words(send(desk, "delete", ada, typed=typed))
    assert pool.status(ada.email)
    assert User.objects.filter(pk=ada.pk).exists()


def test_several_people_are_deleted_by_their_number(desk: CheckedClient, pool: LocalPool) -> None:
    people = [known(pool, pool.person()) for _ in range(2)]
    for typed in ("", "1", "3", people[0].email):
        send(desk, "delete", *people, typed=typed)
    assert User.objects.filter(pk__in=[user.pk for user in people]).count() == 2
    assert "2 people are deleted." in words(send(desk, "delete", *people, typed="2"))
    assert not User.objects.filter(pk__in=[user.pk for user in people]).exists()


def test_somebody_gone_at_cognito_can_be_deleted_here(desk: CheckedClient, pool: LocalPool, ada: User) -> None:
    pool.root.admin_delete_user(UserPoolId=pool.id, Username=ada.username)
    send(desk, "synchronise", ada)
    assert tools(desk, again(ada)) == {"synchronise", "delete"}
    assert "Ada Lovelace is deleted." in words(send(desk, "delete", ada, typed=ada.email))
    assert not User.objects.filter(pk=ada.pk).exists()
