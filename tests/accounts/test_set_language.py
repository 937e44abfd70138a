"""The language of the pages: what the browser prefers, then what was chosen; and what Cognito is told of it."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person, new_email
from tests.markup import Page


def language_of(client: CheckedClient, path: str = "/help/") -> str:
    """Return the language that a page says it is in."""
    return client.page(path).one("html")["lang"]


def chosen(client: CheckedClient) -> list[str]:
    """Return the languages that the foot of a page says are chosen."""
    return [option["value"] for option in client.page("/help/").all("option") if "selected" in option]


@pytest.mark.parametrize(
    ("preferred", "shown"),
    [("de-AT, en;q=0.5", "de"), ("fr;q=0.9, es", "es"), ("nl, fr;q=0.2", "fr"), ("nl", "en"), ("; drop", "en")],
)
def test_without_a_choice_a_page_is_in_what_the_browser_prefers(db: None, preferred: str, shown: str) -> None:
    client = CheckedClient(headers={"Accept-Language": preferred})
    assert language_of(client) == shown
    assert chosen(client) == [shown]


def test_what_was_chosen_wins_and_stays(db: None) -> None:
    client = CheckedClient(headers={"Accept-Language": "de"})
    response = client.post("/language/", {"language": "fr"}, headers={"Referer": "http://testserver/help/"})
    assert (response.status_code, response.url) == (302, "/help/")
    assert (language_of(client), chosen(client)) == ("fr", ["fr"])
    assert client.get("/help/")["Content-Language"] == "fr"
    cookie = client.cookies["language"]
    assert (cookie["max-age"], cookie["samesite"], cookie["httponly"]) == (365 * 24 * 60 * 60, "Lax", True)


@pytest.mark.parametrize("unknown", ["", "../../etc", "de" * 400, "x\r\nSet-Cookie: a=b"])
def test_a_language_that_the_site_does_not_have_is_not_kept(client: CheckedClient, db: None, unknown: str) -> None:
    assert client.post("/language/", {"language": unknown}).status_code == 302
    assert "language" not in client.cookies
    assert language_of(client) == "en"


@pytest.mark.parametrize("cookie", ["nl", "../../etc", "\x00", "de\n"])
def test_a_cookie_with_anything_else_is_as_none(client: CheckedClient, db: None, cookie: str) -> None:
    client.cookies["language"] = cookie
    assert language_of(client) == "en"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_the_way_back_leads_to_no_other_site(client: CheckedClient, db: None, elsewhere: str) -> None:
    response = client.post("/language/", {"language": "de", "next": elsewhere}, headers={"Referer": elsewhere})
    assert (response.status_code, response.url) == (302, "/")


def back(client: CheckedClient, answered: str, page: Page | None = None) -> str:
    """Choose German at the foot of the `page` that `answered` has sent, and return the address that this leads to."""
    named = [each["value"] for each in page.all("input", name="next")] if page else []
    data = {"language": "de", **({"next": named[-1]} if named else {})}
    response = client.post("/language/", data, headers={"Referer": f"http://testserver{answered}"})
    assert client.get(response.url).status_code == 200
    return str(response.url)


@pytest.mark.parametrize("path", ["/password/reset/", "/verify-code/"])
def test_the_answer_to_a_form_leads_back_to_the_page_of_it(client: CheckedClient, pool: LocalPool, path: str) -> None:
    response = client.post(f"{path}resend/", {"username": ""})
    assert response.status_code == 200
    assert back(client, f"{path}resend/", Page.of(response.content)) == path


@pytest.mark.parametrize("path", ["/login/?next=/files/", "/register/", "/nothing-here/?a=b"])
def test_a_page_on_the_way_in_is_gone_back_to(client: CheckedClient, db: None, path: str) -> None:
    response = client.post("/language/", {"language": "de"}, headers={"Referer": f"http://testserver{path}"})
    assert response.url == path


@pytest.mark.parametrize("path", ["/password/reset/resend/", "/login/challenge/resend/", "/logout/", "/login/with/X/"])
def test_an_address_that_takes_only_a_form_is_not_gone_back_to(client: CheckedClient, db: None, path: str) -> None:
    assert back(client, path) == "/"
    assert client.post("/language/", {"language": "de", "next": path}).url == "/"


def test_to_be_looked_at_is_no_choice(client: CheckedClient, db: None) -> None:
    assert client.get("/language/?language=de").status_code == 302
    assert "language" not in client.cookies


def test_whoever_is_signed_in_stays_so_and_reads_their_pages_in_it(signed_in: CheckedClient) -> None:
    signed_in.post("/language/", {"language": "es"})
    assert language_of(signed_in, "/account/") == "es"


def test_cognito_is_told_the_language_of_whoever_asks(pool: LocalPool, cognito: FaultProxy, person: Person) -> None:
    client = CheckedClient(headers={"Accept-Language": "fr"})
    client.post("/password/forgot/", {"username": person.email})
    assert cognito.last("ForgotPassword")["ClientMetadata"] == {"language": "fr"}
    client.post("/register/", {"email": new_email(), "password1": person.password})
    assert cognito.last("SignUp")["ClientMetadata"] == {"language": "fr"}
    client.post("/login/", {"username": person.email, "password": person.password})
    assert cognito.last("InitiateAuth")["ClientMetadata"] == {"language": "fr"}


@pytest.mark.parametrize(("locale", "shown"), [("de", "de"), ("fr-CA", "fr"), ("es_MX", "es")])
def test_a_sign_in_brings_the_language_of_the_profile(pool: LocalPool, locale: str, shown: str) -> None:
    person, client = pool.person(locale=locale), CheckedClient(headers={"Accept-Language": "en"})
    client.cookies["language"] = "en"
    client.post("/login/", {"username": person.email, "password": person.password})
    assert language_of(client, "/account/") == shown


@pytest.mark.parametrize("locale", ["nl", "../de", "x" * 200])
def test_a_profile_in_a_language_that_the_site_does_not_have_changes_nothing(pool: LocalPool, locale: str) -> None:
    person, client = pool.person(locale=locale), CheckedClient()
    client.post("/login/", {"username": person.email, "password": person.password})
    assert "language" not in client.cookies
    assert language_of(client, "/account/") == "en"


def test_it_is_changed_with_the_profile_and_the_pages_follow(
    signed_in: CheckedClient, pool: LocalPool, person: Person
) -> None:
    offered = signed_in.page("/account/profile/?edit=locale").all("option", lang="")
    assert [option["value"] for option in offered] == ["en", "de", "es", "fr"]
    response = signed_in.post("/account/profile/", {"attribute": "locale", "locale": "fr"})
    assert response.status_code == 302
    assert pool.attributes(person.email)["locale"] == "fr"
    page = signed_in.page("/account/profile/")
    assert page.one("html")["lang"] == "fr"
    assert "Français" in page.words


@pytest.mark.parametrize(("locale", "chosen"), [("fr-CA", "fr"), ("", "de"), ("nl", "de")])
def test_what_can_be_changed_is_the_language_of_the_profile_or_else_of_the_page(
    pool: LocalPool, browser_of: SignIn, locale: str, chosen: str
) -> None:
    client = browser_of(pool.person(locale=locale) if locale else pool.person())
    client.cookies["language"] = "de"
    options = client.page("/account/profile/?edit=locale").all("option")
    # Those of the profile, and after them those at the foot of the page.
    assert [option["value"] for option in options if "selected" in option] == [chosen, "de"]


def test_the_profile_takes_no_other_language(signed_in: CheckedClient, pool: LocalPool, person: Person) -> None:
    page = Page.of(signed_in.post("/account/profile/", {"attribute": "locale", "locale": "nl"}).content)
    assert page.error_of("locale")
    assert "locale" not in pool.attributes(person.email)


def test_a_site_with_one_language_asks_for_none(signed_in: CheckedClient, settings: Settings) -> None:
    settings.LANGUAGES = [("en", "English")]
    page = signed_in.page("/account/profile/")
    assert "Language" not in page.words
    assert page.all("select") == []
