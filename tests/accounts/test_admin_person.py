"""The page of a person: what Cognito says now beside what is kept here, and a page also when it says nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import conf, limits, users
from accounts.admin.person import SHOWN_ACTIVITY
from accounts.kept_passkeys import KeptPasskey
from accounts.models import LOCAL_ISSUER, Activity, Session, User
from tests.accounts.admin_pages import PEOPLE, allow, page_of
from tests.accounts.ways_in import with_passkey
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.devcloud.conformance.authenticator import Authenticator
from tests.fault_proxy import FaultProxy, aws_error, closed_before, server_error
from tests.local_pool import LocalPool, Person
from tests.markup import Page
from tests.second_factors import with_app

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def grace(pool: LocalPool) -> Person:
    """Somebody of the pool, whom this site may not have met."""
    return pool.person(name="Grace Hopper")


@pytest.fixture
def kept(grace: Person) -> User:
    """The row of Grace, as Cognito describes her."""
    directory = conf.directory()
    return users.keep(directory.get(grace.email), directory.groups_of(grace.email))


def facts_on(page: Page) -> dict[str, str]:
    """Return what the page says, by its labels."""
    labels, values = page.all("dt"), page.all("dd")
    return {label.text: " ".join(value.text.split()) for label, value in zip(labels, values, strict=True)}


def facts_of(browser: CheckedClient, person: User) -> dict[str, str]:
    """Return what the page of somebody says, by its labels."""
    response = browser.get(page_of(person))
    assert response.status_code == 200
    return facts_on(Page.of(response.content))


def test_where_no_act_removes_passkeys_the_page_says_who_does(
    desk: CheckedClient, pool: LocalPool, browser_of: SignIn, grace: Person, kept: User
) -> None:
    says = "Ask them to remove theirs under Security."
    assert says not in Page.of(desk.get(page_of(kept)).content).words
    with_passkey(pool, grace, Authenticator())
    assert says in Page.of(desk.get(page_of(kept)).content).words
    browser_of(grace)
    assert says not in Page.of(desk.get(page_of(kept)).content).words


def test_what_cognito_says_stands_there(desk: CheckedClient, pool: LocalPool, grace: Person, kept: User) -> None:
    facts = facts_of(desk, kept)
    assert facts["Name"] == "Grace Hopper"
    assert facts["Email"] == f"{grace.email} Verified"
    assert facts["Status"] == "Active"
    assert facts["Two-step verification"] == "Off"
    assert facts["Passkeys"] == "None"
    assert facts["Subject"] == grace.sub
    assert "UTC" in facts["Created in Cognito"]
    assert not [value for value in facts.values() if "Kept here" in value]


def test_what_has_changed_there_stands_beside_what_is_kept_here(
    desk: CheckedClient, pool: LocalPool, grace: Person, kept: User
) -> None:
    with_app(pool, grace)
    pool.root.admin_add_user_to_group(
        UserPoolId=pool.id, Username=grace.email, GroupName=pool.env["COGNITO_STAFF_GROUP"]
    )
    values = {"name": "Grace Murray", "phone_number": "+12025550100", "phone_number_verified": "true"}
    attributes = [{"Name": name, "Value": value} for name, value in values.items()]
    pool.admin("update_user_attributes", grace, UserAttributes=attributes)
    pool.admin("disable_user", grace)
    facts = facts_of(desk, kept)
    assert facts["Name"] == "Grace Murray Kept here: Grace Hopper"
    assert facts["Phone number"] == "+1 202-555-0100"
    assert facts["Status"] == "Disabled Kept here: Active"
    assert facts["Two-step verification"] == "App Kept here: Off"
    assert facts["Groups"] == f"{pool.env['COGNITO_STAFF_GROUP']} Kept here: nothing"


def test_looking_at_somebody_changes_nothing(desk: CheckedClient, pool: LocalPool, grace: Person, kept: User) -> None:
    pool.admin("update_user_attributes", grace, UserAttributes=[{"Name": "name", "Value": "Grace Murray"}])
    before = User.objects.filter(pk=kept.pk).values().get()
    facts_of(desk, kept)
    assert User.objects.filter(pk=kept.pk).values().get() == before


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (server_error(), "Cognito cannot be reached at the moment."),
        (closed_before(), "Cognito cannot be reached at the moment."),
        (aws_error("TooManyRequestsException"), "Cognito cannot be reached at the moment."),
        (aws_error("AccessDeniedException"), "The key of this site is not allowed to read this"),
        (aws_error("UserNotFoundException"), "Cognito knows nobody by this username any more."),
    ],
    ids=["error", "closed", "throttled", "denied", "gone"],
)
def test_the_page_opens_when_cognito_says_nothing(
    desk: CheckedClient, cognito: FaultProxy, kept: User, fault: object, sentence: str
) -> None:
    cognito.fail("AdminGetUser", fault)  # type: ignore[arg-type]
    page = Page.of(desk.get(page_of(kept)).content)
    assert sentence in page.words
    assert "What stands here is what was known last." in page.words
    facts = facts_on(page)
    assert (facts["Name"], facts["Status"], facts["Passkeys"]) == ("Grace Hopper", "Active", "Not known")
    assert "told to fail" not in page.html
    assert cognito.calls["AdminListGroupsForUser"] == 1


@pytest.mark.parametrize("operation", ["AdminListGroupsForUser", "AdminGetUserAuthFactors"])
def test_what_cognito_does_say_stands_there(
    desk: CheckedClient, cognito: FaultProxy, kept: User, operation: str
) -> None:
    User.objects.filter(pk=kept.pk).update(name="Grace Murray", cognito_groups=["members"])
    cognito.fail(operation, aws_error("AccessDeniedException"))
    facts = facts_of(desk, kept)
    assert facts["Name"] == "Grace Hopper Kept here: Grace Murray"
    assert facts["Passkeys"] == ("Not known" if operation == "AdminGetUserAuthFactors" else "None")
    if operation == "AdminListGroupsForUser":
        assert facts["Groups"] == "members"


def test_who_has_waited_once_for_cognito_waits_no_more(desk: CheckedClient, cognito: FaultProxy, kept: User) -> None:
    cognito.fail("AdminListGroupsForUser", server_error())
    asked = cognito.calls["AdminGetUserAuthFactors"]
    assert facts_of(desk, kept)["Passkeys"] == "Not known"
    for number, label in enumerate(("Work laptop", "", "iPhone")):
        KeptPasskey.objects.create(user=kept, digest=str(number), label=label)
    assert facts_of(desk, kept)["Passkeys"] == "Work laptop, iPhone"
    assert cognito.calls["AdminGetUserAuthFactors"] == asked


def test_a_name_that_somebody_else_has_now_shows_nothing_of_them(
    desk: CheckedClient, pool: LocalPool, grace: Person, kept: User
) -> None:
    other = pool.person(name="Somebody Else", phone_number="+15550199")
    User.objects.filter(pk=kept.pk).update(username=other.email)
    page = Page.of(desk.get(page_of(kept)).content)
    assert "Cognito knows nobody by this username any more." in page.words
    assert "Somebody Else" not in page.words
    assert "+15550199" not in page.words


@pytest.mark.parametrize("issuer", [LOCAL_ISSUER, "https://cognito-idp.example.com/another-pool"])
def test_somebody_of_no_pool_of_ours_is_not_asked_for(
    desk: CheckedClient, cognito: FaultProxy, kept: User, issuer: str
) -> None:
    User.objects.filter(pk=kept.pk).update(issuer=issuer)
    calls = cognito.calls["AdminGetUser"]
    assert "This person exists in this database alone." in Page.of(desk.get(page_of(kept)).content).words
    assert cognito.calls["AdminGetUser"] == calls


def test_who_opens_page_after_page_is_shown_what_is_kept(
    desk: CheckedClient, cognito: FaultProxy, kept: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    budget = limits.Budget(by_name=(limits.Limit("directory-user", 1, 60),))
    monkeypatch.setattr(limits, "DIRECTORY", budget)
    asked = cognito.calls["AdminGetUser"]
    assert "Wait a minute" not in Page.of(desk.get(page_of(kept)).content).words
    page = Page.of(desk.get(page_of(kept)).content)
    assert "Wait a minute" in page.words
    assert facts_on(page)["Name"] == "Grace Hopper"
    assert cognito.calls["AdminGetUser"] == asked + 1


def test_devices_are_named_and_keys_are_not(desk: CheckedClient, kept: User) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    details = {"session_data": "secret-data", "tokens": "secret-tokens", "user_agent": FIREFOX, "user": kept}
    Session.objects.create(session_key="secret-key", expire_date=tomorrow, ip_address="203.0.113.24", **details)
    Session.objects.create(session_key="over", expire_date=timezone.now(), ip_address="203.0.113.99", **details)
    page = Page.of(desk.get(page_of(kept)).content)
    assert "Firefox on Windows" in page.words
    assert "203.0.113.24" in page.words
    assert "203.0.113.99" not in page.words
    assert "Mozilla" not in page.html
    assert "secret" not in page.html


def test_who_is_signed_in_nowhere_is_said_to_be(desk: CheckedClient, kept: User) -> None:
    assert "This person is signed in nowhere." in Page.of(desk.get(page_of(kept)).content).words


def test_what_happened_last_is_shown_with_a_link_to_the_rest(desk: CheckedClient, kept: User) -> None:
    kinds = [Activity.Kind.PASSKEY_ADDED] + [Activity.Kind.SIGNED_IN] * SHOWN_ACTIVITY
    for kind in kinds:
        Activity.objects.create(user=kept, kind=kind, user_agent=FIREFOX)
    page = Page.of(desk.get(page_of(kept)).content)
    assert page.words.count("Signed in Firefox") + page.words.count("Firefox on Windows") == SHOWN_ACTIVITY
    assert "Added a passkey" not in page.words
    link = next(link["href"] for link in page.all("a") if link.text == "All activity of this person")
    cells = [" ".join(cell.text.split()) for cell in Page.of(desk.get(link).content).all("td")]
    assert "Added a passkey" in cells
    # The sign-in of whoever is at the desk is not Grace's.
    assert "Signed in here for the first time" not in cells


def test_who_did_it_and_what_came_of_it_stand_there(
    desk: CheckedClient, kept: User, ada: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    role, outcome = Activity.Role.STAFF, Activity.Outcome.REFUSED
    Activity.objects.bulk_create(
        Activity(user=kept, kind=Activity.Kind.SHUT_OUT, by=ada, role=role, outcome=outcome) for _ in range(10)
    )
    with django_assert_max_num_queries(12):
        page = Page.of(desk.get(page_of(kept)).content)
    assert f"By: {ada.name} {ada.email}" in page.words
    assert str(outcome.label) in page.words


def test_activity_is_for_those_who_may_see_it(browser_of: SignIn, staff: Person, kept: User) -> None:
    browser = browser_of(staff)
    allow("view_user")
    Activity.objects.create(user=kept, kind=Activity.Kind.PASSKEY_ADDED)
    assert "Added a passkey" not in Page.of(browser.get(page_of(kept)).content).words
    assert browser.get("/admin/accounts/activity/").status_code == 403
    allow("view_activity")
    assert "Added a passkey" in Page.of(browser.get(page_of(kept)).content).words
    assert browser.get("/admin/accounts/activity/").status_code == 200


def test_rights_stand_last_and_come_from_groups(desk: CheckedClient, kept: User) -> None:
    group = Group.objects.create(name="desk")
    group.permissions.add(Permission.objects.get(codename="disable_user"))
    kept.groups.add(group)
    page = Page.of(desk.get(page_of(kept)).content)
    assert page.all("h2")[-1].text == "Permissions"
    assert "Can disable people" in page.words
    assert page.all("select") == []
    assert facts_on(page)["Administration"] == "Not staff"


def test_who_may_not_look_at_people_asks_cognito_nothing(
    browser_of: SignIn, staff: Person, cognito: FaultProxy, kept: User
) -> None:
    browser = browser_of(staff)
    calls = cognito.calls["AdminGetUser"]
    assert browser.get(page_of(kept)).status_code == 403
    assert cognito.calls["AdminGetUser"] == calls


def test_somebody_who_is_not_here_has_no_page(desk: CheckedClient, cognito: FaultProxy) -> None:
    assert desk.get(f"{PEOPLE}999999/change/").status_code == 302
    assert cognito.calls["AdminGetUser"] == 0


def test_a_page_costs_few_statements(
    desk: CheckedClient, kept: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    Activity.objects.bulk_create(Activity(user=kept, kind=Activity.Kind.SIGNED_IN) for _ in range(30))
    with django_assert_max_num_queries(12):
        desk.get(page_of(kept))
