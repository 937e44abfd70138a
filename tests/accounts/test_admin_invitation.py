"""The page that invites somebody: who may, whom, into which groups, and what is told when it goes wrong."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import ADDITION, LogEntry
from pytest_django import Settings

from accounts import limits
from accounts.cognito.results import PoolDescription, Status
from accounts.models import User
from accounts.pool import DescribedPool
from tests.accounts.admin_pages import PEOPLE, allow
from tests.accounts.administrators import group, happened
from tests.accounts.test_admin_actions import words
from tests.accounts.test_admin_groups import new_name
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy, aws_error, closed_after, closed_before
from tests.local_pool import LocalPool, Person, new_email
from tests.markup import Page

INVITE = f"{PEOPLE}invite/"


@pytest.fixture
def desk(pool: LocalPool, browser_of: SignIn) -> CheckedClient:
    """The browser of a superuser."""
    return browser_of(pool.person(groups=(pool.env["COGNITO_SUPERUSER_GROUP"],)))


def test_somebody_is_invited(desk: CheckedClient, pool: LocalPool) -> None:
    email, name = new_email("grace"), group(pool, new_name())
    page = Page.of(desk.get(INVITE).content)
    assert "They get an email with a temporary password, good for" in page.words
    assert "checked" in page.field("send_mail")
    data = {"email": email, "name": "Grace Hopper", "groups": [name], "send_mail": "on"}
    response = desk.post(INVITE, data, follow=True)
    assert f"Invitation sent to {email}." in words(response)
    user = User.objects.get(email=email)
    assert response.redirect_chain[-1][0] == f"{PEOPLE}{user.pk}/change/"
    assert (user.name, user.cognito_groups, user.cognito_status) == ("Grace Hopper", [name], "FORCE_CHANGE_PASSWORD")
    assert user.last_login is None
    assert pool.status(email) == Status.FORCE_CHANGE_PASSWORD
    assert len(pool.mails(email)) == 1
    assert LogEntry.objects.filter(object_id=str(user.pk), action_flag=ADDITION).count() == 1
    assert happened(user)[0][:2] == ("invited", "done")


def test_an_invitation_that_is_not_sent_yet(desk: CheckedClient, pool: LocalPool) -> None:
    email = new_email("grace")
    response = desk.post(INVITE, {"email": email}, follow=True)
    assert f"An account for {email} is created. Nobody was told yet" in words(response)
    assert "Resend invitation" in words(response)
    assert pool.mails(email) == []


def test_the_list_leads_to_the_page_those_who_may(desk: CheckedClient, browser_of: SignIn, staff: Person) -> None:
    assert INVITE in [link["href"] for link in Page.of(desk.get(PEOPLE).content).all("a")]
    clerk = browser_of(staff)
    allow("view_user")
    assert INVITE not in [link["href"] for link in Page.of(clerk.get(PEOPLE).content).all("a")]


@pytest.mark.parametrize("permissions", [("view_user", "add_user"), ("invite_user",)])
@pytest.mark.parametrize("method", ["get", "post"])
def test_others_invite_nobody(
    browser_of: SignIn, staff: Person, cognito: FaultProxy, permissions: tuple[str, ...], method: str
) -> None:
    clerk = browser_of(staff)
    allow(*permissions)
    assert getattr(clerk, method)(INVITE, {"email": new_email()}).status_code == 403
    assert cognito.calls["AdminCreateUser"] == 0


def test_a_form_without_its_token_is_refused(desk: CheckedClient, cognito: FaultProxy) -> None:
    desk.handler.enforce_csrf_checks = True
    assert desk.post(INVITE, {"email": new_email()}).status_code == 403
    assert cognito.calls["AdminCreateUser"] == 0


def test_staff_invite_nobody_into_what_they_may_not_do(
    browser_of: SignIn, staff: Person, pool: LocalPool, cognito: FaultProxy
) -> None:
    mighty, harmless = group(pool, new_name(), "delete_user"), group(pool, new_name())
    clerk = browser_of(staff)
    allow("view_user", "invite_user")
    offered = {box["value"] for box in Page.of(clerk.get(INVITE).content).all("input", name="groups")}
    assert harmless in offered
    assert offered & {mighty, pool.env["COGNITO_SUPERUSER_GROUP"]} == set()
    for name in (mighty, pool.env["COGNITO_SUPERUSER_GROUP"], "made-up"):
        response = clerk.post(INVITE, {"email": new_email(), "groups": [name], "send_mail": "on"})
        assert "not one of the available choices" in words(response)
    assert cognito.calls["AdminCreateUser"] == 0


@pytest.mark.parametrize(
    ("email", "sentence"), [("", "Enter their address."), ("nobody", "Enter an email like name@example.com.")]
)
def test_an_address_that_is_none_is_not_sent(
    desk: CheckedClient, cognito: FaultProxy, email: str, sentence: str
) -> None:
    assert sentence in words(desk.post(INVITE, {"email": email, "send_mail": "on"}))
    assert cognito.calls["AdminCreateUser"] == 0


def test_somebody_who_has_an_account_is_not_invited(desk: CheckedClient, person: Person, cognito: FaultProxy) -> None:
    response = desk.post(INVITE, {"email": person.email, "send_mail": "on"})
    assert "Has an account already." in words(response)
    assert Page.of(response.content).field("email")["value"] == person.email


def test_a_mail_that_was_not_sent_is_told(desk: CheckedClient, pool: LocalPool, cognito: FaultProxy) -> None:
    email = new_email("grace")
    cognito.fail("AdminCreateUser", aws_error("CodeDeliveryFailureException"), times=1)
    pool.invited(email=email)
    response = desk.post(INVITE, {"email": email, "send_mail": "on"}, follow=True)
    assert f"{email}: Has an account now, but the invitation could not be sent: send it again." in words(response)


@pytest.mark.parametrize("fault", [closed_before, closed_after])
def test_an_invitation_during_an_outage_can_be_sent_again(
    desk: CheckedClient, pool: LocalPool, cognito: FaultProxy, fault: object
) -> None:
    email = new_email("grace")
    cognito.fail("AdminCreateUser", fault(), times=1)  # type: ignore[operator]
    data = {"email": email, "send_mail": "on"}
    response = desk.post(INVITE, data)
    assert "Cognito didn’t answer. The invitation may or may not be sent: send it again." in words(response)
    assert not User.objects.filter(email=email).exists()
    again = desk.post(INVITE, data, follow=True)
    assert f"Invitation sent to {email}." in words(again)


def test_the_page_is_not_there_while_cognito_is_away(desk: CheckedClient, cognito: FaultProxy) -> None:
    cognito.fail("ListGroups", closed_before())
    response = desk.get(INVITE, follow=True)
    assert (response.status_code, "Cognito cannot be asked" in words(response)) == (200, True)


def test_a_double_click_invites_once(desk: CheckedClient, cognito: FaultProxy) -> None:
    data = {"email": new_email(), "send_mail": "on", "csrfmiddlewaretoken": "of one page"}
    for _ in range(2):
        response = desk.post(INVITE, data, follow=True)
    assert "This was sent twice, and was done once." in words(response)
    assert cognito.calls["AdminCreateUser"] == 1


def test_an_invitation_over_the_limit_is_sent_by_the_same_form_later(
    desk: CheckedClient, pool: LocalPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    email = new_email("grace")
    data = {"email": email, "send_mail": "on", "csrfmiddlewaretoken": "of one page"}
    with monkeypatch.context() as limited:
        limited.setattr(limits, "INVITATION", limits.Budget(by_name=(limits.Limit("invitations-user", 0, 3600),)))
        assert desk.post(INVITE, data).status_code == 429
    assert f"Invitation sent to {email}." in words(desk.post(INVITE, data, follow=True))
    assert pool.status(email) == Status.FORCE_CHANGE_PASSWORD


def test_nobody_invites_without_end(desk: CheckedClient, monkeypatch: pytest.MonkeyPatch, cognito: FaultProxy) -> None:
    few = limits.Budget(by_name=(limits.Limit("invitations-user", 1, 3600),))
    monkeypatch.setattr(limits, "INVITATION", few)
    for status in (302, 429):
        assert desk.post(INVITE, {"email": new_email(), "send_mail": "on"}).status_code == status
    assert cognito.calls["AdminCreateUser"] == 1


def test_a_pool_with_user_names_asks_for_one(desk: CheckedClient, settings: Settings) -> None:
    settings.COGNITO = {**settings.COGNITO, "SIGN_IN_WITH": "username"}
    page = Page.of(desk.get(INVITE).content)
    assert page.field("username")["required"] == ""
    assert "Enter a username." in words(desk.post(INVITE, {"email": new_email(), "send_mail": "on"}))


def test_no_language_is_asked_for_where_the_pool_has_one_text(desk: CheckedClient, settings: Settings) -> None:
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
    assert [element for element in Page.of(desk.get(INVITE).content).elements if element["name"] == "language"] == []


def test_the_language_goes_along_where_the_pool_writes_in_several(
    desk: CheckedClient, settings: Settings, monkeypatch: pytest.MonkeyPatch, cognito: FaultProxy
) -> None:
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
    monkeypatch.setattr(DescribedPool, "description", PoolDescription(writes_own_mails=True))
    monkeypatch.setattr(DescribedPool, "expires", float("inf"))
    assert Page.of(desk.get(INVITE).content).field("language")
    desk.post(INVITE, {"email": new_email(), "send_mail": "on", "language": "de"})
    assert cognito.last("AdminCreateUser")["ClientMetadata"] == {"language": "de"}
