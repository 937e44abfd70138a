"""Whom nobody here has met: found in the pool by a search, and given a page by those who may, by a form alone."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group

from accounts import conf, limits
from accounts.admin.at_cognito import MOST_SHOWN
from accounts.models import Activity, User
from tests.accounts.admin_pages import PEOPLE, allow, page_of
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy, aws_error, closed_before, server_error
from tests.local_pool import LocalPool, Person, new_email
from tests.markup import Page

TAKE_OVER = f"{PEOPLE}from-pool/"


def searched(browser: CheckedClient, term: str, **query: str) -> Page:
    """Return the page that answers a search."""
    response = browser.get(PEOPLE, {"q": term, **query})
    assert response.status_code == 200
    return Page.of(response.content)


def rows_of(page: Page) -> list[str]:
    """Return the people of the pool on the page, each as one line of words."""
    return [" ".join(element.text.split()) for element in page.all("li") if "section" in element.ancestors]


@pytest.mark.parametrize("beginning", [str, lambda email: email[:-4], str.upper, lambda email: f" {email} "])
def test_somebody_who_was_invited_and_never_came_is_found(
    desk: CheckedClient, pool: LocalPool, beginning: object
) -> None:
    person = pool.invited(name="Barbara Liskov")
    page = searched(desk, beginning(person.email))  # type: ignore[operator]
    assert rows_of(page) == [f"Barbara Liskov {person.email} Invited Open {person.email}"]
    assert "Nobody was found here, so Cognito was asked." in page.words


def test_somebody_who_registered_and_never_confirmed_is_found(
    desk: CheckedClient, client: CheckedClient, pool: LocalPool
) -> None:
    email = new_email("newcomer")
    data = {"email": email, "password1": "Correct-horse-1", "password2": "Correct-horse-1"}
    assert client.post("/register/", data).status_code == 302
    assert rows_of(searched(desk, email)) == [f"{email} Not confirmed Open {email}"]


def test_people_are_found_in_the_pool_by_name_user_name_and_sub(desk: CheckedClient, pool: LocalPool) -> None:
    name = new_email("Barbara").partition("@")[0]
    person = pool.person(name=name)
    for term in (name, person.sub, person.sub.upper()):
        assert [row for row in rows_of(searched(desk, term)) if person.email in row], term


@pytest.mark.parametrize("term", ['"', "\\", '" or email ^= "', 'zz" ', "zz*", "z" * 300])
def test_what_is_typed_stays_a_text_in_the_filter(desk: CheckedClient, pool: LocalPool, term: str) -> None:
    pool.invited()
    assert rows_of(searched(desk, term)) == []


def test_nobody_anywhere_is_said_so(desk: CheckedClient) -> None:
    assert "Nobody was found, neither here nor in Cognito." in searched(desk, new_email("nobody")).words


def test_the_pool_is_asked_only_for_whom_nobody_here_has_met(
    desk: CheckedClient, cognito: FaultProxy, ada: User
) -> None:
    searched(desk, "ada@example.com")
    searched(desk, "")
    searched(desk, "   ")
    searched(desk, "nobody", staff="yes")
    searched(desk, "nobody", p="2")
    desk.post(f"{PEOPLE}?q=nobody", {"action": "", "index": "0"})
    assert cognito.calls["ListUsers"] == 0


def test_looking_in_the_pool_writes_nothing(desk: CheckedClient, pool: LocalPool) -> None:
    person = pool.invited()
    people = User.objects.count()
    searched(desk, person.email)
    assert User.objects.count() == people


def test_somebody_known_here_by_other_details_is_led_to(desk: CheckedClient, pool: LocalPool, ada: User) -> None:
    person = pool.person()
    User.objects.filter(pk=ada.pk).update(issuer=conf.config().issuer, sub=person.sub, username=person.sub)
    page = searched(desk, person.email)
    assert page_of(ada) in [link["href"] for link in page.all("a")]
    assert [form for form in page.all("form") if form["action"] == TAKE_OVER] == []


def test_more_than_a_page_is_said_to_be_more(
    desk: CheckedClient, pool: LocalPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.admin.at_cognito.MOST_SHOWN", 2)
    beginning = new_email("many").partition("@")[0]
    for number in range(3):
        pool.invited(email=f"{beginning}{number}@example.com")
    page = searched(desk, beginning)
    assert len(rows_of(page)) == 2
    assert "There are more." in page.words
    assert MOST_SHOWN < 60


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (server_error(), "Cognito cannot be reached at the moment."),
        (closed_before(), "Cognito cannot be reached at the moment."),
        (aws_error("TooManyRequestsException"), "Cognito cannot be reached at the moment."),
        (aws_error("AccessDeniedException"), "The key of this site is not allowed to read this"),
    ],
    ids=["error", "closed", "throttled", "denied"],
)
def test_the_page_opens_when_the_pool_says_nothing(
    desk: CheckedClient, cognito: FaultProxy, fault: object, sentence: str
) -> None:
    cognito.fail("ListUsers", fault)  # type: ignore[arg-type]
    page = searched(desk, "nobody@example.com")
    assert sentence in page.words
    assert "neither here nor in Cognito" not in page.words
    assert "told to fail" not in page.html


def test_without_an_aws_key_the_page_opens(desk: CheckedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    conf.reset(setting="COGNITO")
    assert "The key of this site is not allowed" in searched(desk, "nobody@example.com").words


def test_nobody_searches_the_pool_without_end(
    desk: CheckedClient, cognito: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "DIRECTORY", limits.Budget(by_name=(limits.Limit("directory-user", 2, 60),)))
    for _ in range(2):
        assert "neither here nor" in searched(desk, "nobody@example.com").words
    calls = cognito.calls["ListUsers"]
    assert "Wait a minute" in searched(desk, "nobody@example.com").words
    assert cognito.calls["ListUsers"] == calls


def test_an_open_page_is_made_by_a_form(desk: CheckedClient, pool: LocalPool) -> None:
    group = pool.env["COGNITO_STAFF_GROUP"]
    person = pool.invited(name="Barbara Liskov")
    pool.root.admin_add_user_to_group(UserPoolId=pool.id, Username=person.email, GroupName=group)
    page = searched(desk, person.email)
    form = next(form for form in page.all("form") if form["action"] == TAKE_OVER)
    assert form["method"] == "post"
    username = page.one("input", name="username")["value"]
    response = desk.post(TAKE_OVER, {"username": username, "email": "planted@example.com", "is_superuser": "on"})
    user = User.objects.get(sub=person.sub)
    assert response.url == page_of(user)
    assert (user.email, user.name, user.cognito_status) == (person.email, "Barbara Liskov", "FORCE_CHANGE_PASSWORD")
    assert (user.is_staff, user.is_superuser, user.last_login) == (True, False, None)
    assert list(user.groups.all()) == [Group.objects.get(name=group)]
    assert LogEntry.objects.get().object_id == str(user.pk)
    row = Activity.objects.get(user=user)
    assert (row.kind, row.by) == (Activity.Kind.SYNCHRONISED, User.objects.get(is_superuser=True))
    assert not user.has_usable_password()


def test_taken_over_twice_somebody_has_one_row(desk: CheckedClient, pool: LocalPool) -> None:
    person = pool.invited()
    for _ in range(2):
        assert desk.post(TAKE_OVER, {"username": person.email}).status_code == 302
    assert User.objects.filter(sub=person.sub).count() == 1
    assert Activity.objects.filter(user__sub=person.sub).count() == 1


def test_whoever_has_a_row_keeps_it_as_it_is(desk: CheckedClient, pool: LocalPool, ada: User) -> None:
    person = pool.person()
    pool.admin("disable_user", person)
    User.objects.filter(pk=ada.pk).update(issuer=conf.config().issuer, sub=person.sub, is_superuser=True)
    before = User.objects.filter(pk=ada.pk).values().get()
    assert desk.post(TAKE_OVER, {"username": person.email}).url == page_of(ada)
    assert User.objects.filter(pk=ada.pk).values().get() == before


@pytest.mark.parametrize("permissions", [(), ("view_user",), ("synchronise_user",), ("view_user", "invite_user")])
def test_whoever_may_not_write_makes_no_page(
    browser_of: SignIn, staff: Person, pool: LocalPool, cognito: FaultProxy, permissions: tuple[str, ...]
) -> None:
    browser, person = browser_of(staff), pool.invited()
    allow(*permissions)
    assert browser.post(TAKE_OVER, {"username": person.email}).status_code == 403
    assert not User.objects.filter(sub=person.sub).exists()
    assert cognito.calls["AdminGetUser"] == 0
    if "view_user" in permissions:
        page = searched(browser, person.email)
        assert len(rows_of(page)) == 1
        assert [form for form in page.all("form") if form["action"] == TAKE_OVER] == []


def test_a_permission_is_enough_to_make_a_page(browser_of: SignIn, staff: Person, pool: LocalPool) -> None:
    browser, person = browser_of(staff), pool.invited()
    allow("view_user", "synchronise_user")
    assert browser.post(TAKE_OVER, {"username": person.email}).url == page_of(User.objects.get(sub=person.sub))


def test_a_link_makes_no_page(desk: CheckedClient, pool: LocalPool) -> None:
    person = pool.invited()
    assert desk.get(TAKE_OVER, {"username": person.email}).status_code == 405
    assert not User.objects.filter(sub=person.sub).exists()


def test_a_stranger_makes_no_page(client: CheckedClient, pool: LocalPool) -> None:
    person = pool.invited()
    assert client.post(TAKE_OVER, {"username": person.email}).url.startswith("/login/")
    assert not User.objects.filter(sub=person.sub).exists()


@pytest.mark.parametrize("username", ["", "nobody@example.com", "x" * 500])
def test_nobody_is_made_of_a_name_that_the_pool_does_not_know(desk: CheckedClient, username: str) -> None:
    people = User.objects.count()
    response = desk.post(TAKE_OVER, {"username": username}, follow=True)
    assert response.status_code == 200
    assert User.objects.count() == people
    told = Page.of(response.content).words
    assert any(text in told for text in ("knows nobody by this username", "Cognito doesn’t take this name."))
    assert "not allowed" not in told


@pytest.mark.parametrize("operation", ["AdminGetUser", "AdminListGroupsForUser"])
def test_an_outage_makes_no_half_of_a_person(
    desk: CheckedClient, pool: LocalPool, cognito: FaultProxy, operation: str
) -> None:
    person = pool.invited()
    cognito.fail(operation, server_error())
    page = Page.of(desk.post(TAKE_OVER, {"username": person.email}, follow=True).content)
    assert "Cognito cannot be reached at the moment." in page.words
    assert not User.objects.filter(sub=person.sub).exists()
