"""The administration under the site's strict policy; how its pages look: test_states_of_the_administration.py."""

from __future__ import annotations

from playwright.sync_api import expect

from accounts import conf, users
from accounts.models import Activity, Session, User
from tests.browser.conftest import Visit, Visitor
from tests.local_pool import Person, new_email

PEOPLE = "/admin/accounts/user/"
# Django leaves the header's form, the breadcrumbs' separators and an unlabelled column as they are.
BEHIND = 12


def at_the_desk(visitor: Visitor) -> Person:
    """Sign in somebody who may do everything, on the way to the administration."""
    person = visitor.pool.person(groups=(visitor.pool.env["COGNITO_SUPERUSER_GROUP"],))
    visitor.go("/admin/")
    visitor.send("Sign in", username=person.email, password=person.password)
    expect(visitor.page).to_have_url(f"{visitor.site}/admin/")
    return person


def somebody_kept(visitor: Visitor) -> User:
    """Return somebody of the pool who has a row, sessions and activity here."""
    person = visitor.pool.person(name="Wolfeschlegelsteinhausenbergerdorff", email=new_email("w" * 40))
    user = users.keep(conf.directory().get(person.email), ("members", "a-group-with-a-long-name-of-its-own"))
    User.objects.filter(pk=user.pk).update(name="Known by another name", second_factors=["SMS_MFA"])
    Session.objects.create(session_key="k", user=user, expire_date=user.date_joined.replace(year=2100))
    Activity.objects.create(user=user, kind=Activity.Kind.SIGNED_IN, ip_address="2001:db8::1")
    return user


def test_the_administration_works_under_the_policy(visit: Visit) -> None:
    visitor = visit()
    person = at_the_desk(visitor)
    visitor.page.get_by_role("link", name="People", exact=True).first.click()
    visitor.page.locator("#searchbar").fill(person.email[:8])
    visitor.page.keyboard.press("Enter")
    visitor.page.locator("#result_list").get_by_role("link", name=person.email).first.click()
    expect(visitor.page.locator("#content")).to_contain_text(User.objects.get(email=person.email).sub)
    assert visitor.page.locator("input[type=password]").count() == 0
    visitor.page.get_by_role("banner").get_by_role("link", name="Your account").click()
    expect(visitor.page).to_have_url(f"{visitor.site}/account/")


def test_somebody_found_in_the_pool_is_opened(visit: Visit) -> None:
    visitor = visit(width=390)
    at_the_desk(visitor)
    person = visitor.pool.invited(name="Barbara Liskov")
    visitor.go(f"{PEOPLE}?q={person.email}")
    visitor.page.get_by_role("button", name=f"Open {person.email}").click()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Barbara Liskov")
    expect(visitor.page.locator("#content")).to_contain_text("Invited")


def test_the_list_is_left_by_keyboard_alone(visit: Visit) -> None:
    visitor = visit()
    at_the_desk(visitor)
    visitor.go(PEOPLE)
    visitor.page.locator("#searchbar").focus()
    reached = []
    for _ in range(BEHIND):
        visitor.page.keyboard.press("Tab")
        reached.append(visitor.page.evaluate("document.activeElement.innerText"))
    assert "Search" in reached
    assert any("@example.com" in text for text in reached)
