"""Where somebody was going is not forgotten on the way in, whatever page that leads over."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from tests.checked_client import CheckedClient
from tests.local_pool import PASSWORD, LocalPool, Person, new_email
from tests.markup import Element, Page

GOING = "/account/activity/?page=2"
NEXT = urlencode({"next": GOING})
NEW = "Another-horse-2"


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/login/", ("/password/forgot/", "/register/")),
        ("/register/", ("/login/",)),
        ("/password/forgot/", ("/login/",)),
        ("/password/reset/", ("/login/",)),
        ("/verify-code/", ("/login/",)),
    ],
)
def test_each_link_and_form_of_a_page_takes_it_along(
    client: CheckedClient, pool: LocalPool, path: str, leads_to: tuple[str, ...]
) -> None:
    page = client.page(f"{path}?{NEXT}")
    links = {link["href"] for link in page.all("a")}
    assert links >= {f"{other}?{NEXT}" for other in leads_to}
    assert page.all("form", action=f"{path}?{NEXT}")
    refused = client.post(f"{path}?{NEXT}", {})
    assert f"{leads_to[0]}?{NEXT}".replace("&", "&amp;") in refused.content.decode()


@pytest.mark.parametrize("evil", ["//evil.example/", "https://evil.example/", "/logout/"])
def test_another_site_and_a_form_are_not_taken_along(client: CheckedClient, pool: LocalPool, evil: str) -> None:
    page = client.get("/password/forgot/", {"next": evil}).content.decode()
    assert "next=" not in page
    assert evil not in page


def main_form(page: Page) -> Element:
    """Return the form that a page is for."""
    [form] = [form for form in page.all("form", method="post") if "main" in form.ancestors]
    return form


def test_it_survives_a_forgotten_password(client: CheckedClient, pool: LocalPool, person: Person) -> None:
    form = main_form(client.page(f"/password/forgot/?{NEXT}"))
    client.post(form["action"], {"username": person.email, "next": GOING})
    assert client.page("/password/reset/").all("a", href=f"/login/?{NEXT}")
    data = {"code": pool.code(person.email), "new_password1": NEW}
    assert client.post("/password/reset/", data).url == f"/login/?{NEXT}"
    assert client.post(f"/login/?{NEXT}", {"username": person.email, "password": NEW, "next": GOING}).url == GOING


def test_it_survives_a_registration_that_is_corrected(client: CheckedClient, pool: LocalPool) -> None:
    email = new_email()
    client.post(f"/register/?{NEXT}", {"email": new_email("wrong"), "password1": PASSWORD})
    again = next(link["href"] for link in client.page("/verify-code/").all("a") if "correct" in link["href"])
    form = main_form(client.page(again))
    client.post(form["action"], {"email": email, "password1": PASSWORD})
    assert client.page("/verify-code/").all("a", href=f"/login/?{NEXT}")
    assert client.post("/verify-code/", {"code": pool.code(email)}).url == GOING


def test_a_newcomer_is_welcomed_and_others_are_told_to_sign_in(client: CheckedClient, pool: LocalPool) -> None:
    email, other = new_email(), new_email()
    client.post("/register/", {"email": email, "password1": PASSWORD})
    inside = client.post("/verify-code/", {"code": pool.code(email)}).url
    assert "Email confirmed. Welcome to Latchkey." in client.page(inside).words
    CheckedClient().post("/register/", {"email": other, "password1": PASSWORD})
    elsewhere = CheckedClient()
    sign_in = elsewhere.post("/verify-code/", {"username": other, "code": pool.code(other)}).url
    assert "Email confirmed. Now sign in." in elsewhere.page(sign_in).words


@pytest.mark.parametrize("path", ["/verify-code/", "/password/reset/"])
def test_it_survives_another_code_asked_for_by_name(client: CheckedClient, pool: LocalPool, path: str) -> None:
    page = client.page(f"{path}?{NEXT}")
    [asks] = [button["formaction"] for button in page.all("button") if button["formaction"]]
    assert client.post(asks, {"username": new_email()}).url == path
    page = client.page(path)
    assert page.all("a", href=f"/login/?{NEXT}")
    assert page.all("form", action=f"{path}?{NEXT}")
