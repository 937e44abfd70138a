"""The pages of the domain for people without an account or its password.

https://docs.aws.amazon.com/cognito/latest/developerguide/managed-login-endpoints.html
"""

from __future__ import annotations

import pytest

from devcloud.start import LocalAWS
from tests.devcloud.conformance.conftest import Clock, MakePool
from tests.devcloud.conformance.hosted import OAUTH, Browser, forms, query
from tests.devcloud.conformance.test_hosted_pages import FLOWS, stays
from tests.devcloud.conformance.user_pool import (
    OTHER_PASSWORD,
    PASSWORD,
    AppClient,
    Outbox,
    another,
    claims,
    new_email,
)


@pytest.fixture(scope="module")
def app(make_pool: MakePool) -> AppClient:
    """A client with the code flow."""
    return make_pool(client={**OAUTH, "ExplicitAuthFlows": FLOWS})


@pytest.fixture
def visitor(app: AppClient, server: LocalAWS) -> Browser:
    return Browser(app, server.settings.endpoint)


class TestSigningUp:
    """/signup and /confirm."""

    def test_the_code_confirms_the_account_and_lets_in(self, visitor: Browser, outbox: Outbox) -> None:
        name = new_email()
        page = visitor.submit(visitor.get("/signup"), username=name, password=PASSWORD)
        assert stays(page)
        refused = visitor.submit(page, code=another(outbox.code(name)))
        assert (stays(refused), "Invalid verification code" in refused.text) == (True, True)
        back = visitor.submit(refused, code=outbox.code(name))
        assert claims(visitor.redeem(back).json()["id_token"])["email"] == name

    def test_a_code_alone_lets_nobody_in(self, visitor: Browser, outbox: Outbox) -> None:
        """Whoever confirms without having typed the password signs in next."""
        name = new_email()
        visitor.submit(visitor.get("/signup"), username=name, password=PASSWORD)
        other = Browser(visitor.app, visitor.base)
        page = other.sign_in(name, "whatever")
        assert "Confirm your account" in page.text
        answer = other.submit(page, code=outbox.code(name))
        assert answer.headers["Location"].startswith("/login?")
        assert query(other.get("/oauth2/authorize", prompt="none"))["error"] == "login_required"
        assert "code" in query(other.sign_in(name, PASSWORD))

    def test_the_password_is_forgotten_after_a_while(self, visitor: Browser, outbox: Outbox, later: Clock) -> None:
        name = new_email()
        page = visitor.submit(visitor.get("/signup"), username=name, password=PASSWORD)
        with later(5 * 60):
            assert visitor.submit(page, code=outbox.code(name)).headers["Location"].startswith("/login?")

    def test_a_new_code_is_sent_when_asked_for(self, visitor: Browser, outbox: Outbox) -> None:
        name = new_email()
        page = visitor.submit(visitor.get("/signup"), username=name, password=PASSWORD)
        again = visitor.submit(page, 1)
        assert len(outbox.messages(name)) == 2
        assert "code" in query(visitor.submit(again, code=outbox.code(name)))

    @pytest.mark.parametrize("typed", [{"password": "short"}, {"password": ""}, {"username": "nothing"}])
    def test_what_the_pool_refuses_makes_nobody(self, visitor: Browser, typed: dict[str, str]) -> None:
        name = new_email()
        answer = visitor.submit(visitor.get("/signup"), **({"username": name, "password": PASSWORD} | typed))
        assert (stays(answer), "alert" in answer.text) == (True, True)
        assert visitor.app.admin.list_users(UserPoolId=visitor.app.pool_id, Filter=f'email = "{name}"')["Users"] == []

    def test_a_pool_of_invited_people_signs_nobody_up(self, make_pool: MakePool, server: LocalAWS) -> None:
        app = make_pool(client=OAUTH, AdminCreateUserConfig={"AllowAdminCreateUserOnly": True})
        visitor = Browser(app, server.settings.endpoint)
        answer = visitor.submit(visitor.get("/signup"), username=new_email(), password=PASSWORD)
        assert "SignUp is not permitted" in answer.text

    def test_required_attributes_are_asked_for(self, make_pool: MakePool, server: LocalAWS, outbox: Outbox) -> None:
        schema = [{"Name": "name", "Required": True, "Mutable": True}]
        app = make_pool(client={**OAUTH, "ExplicitAuthFlows": FLOWS}, Schema=schema)
        visitor, name = Browser(app, server.settings.endpoint), new_email()
        page = visitor.get("/signup")
        assert 'name="attribute.name"' in page.text
        assert stays(visitor.submit(page, username=name, password=PASSWORD))
        page = visitor.submit(page, username=name, password=PASSWORD, **{"attribute.name": "Ada"})
        assert "code" in query(visitor.submit(page, code=outbox.code(name)))


class TestForgottenPasswords:
    """/forgotPassword and /confirmForgotPassword."""

    def test_the_code_changes_the_password(self, visitor: Browser, outbox: Outbox) -> None:
        person = visitor.app.person()
        page = visitor.submit(visitor.get("/forgotPassword"), username=person.name)
        refused = visitor.submit(page, code=another(outbox.code(person.name)), password=OTHER_PASSWORD)
        assert stays(refused)
        weak = visitor.submit(refused, code=outbox.code(person.name), password="short")
        assert stays(weak)
        answer = visitor.submit(weak, code=outbox.code(person.name), password=OTHER_PASSWORD)
        assert answer.headers["Location"].startswith("/login?")
        assert query(visitor.get("/oauth2/authorize", prompt="none"))["error"] == "login_required"
        assert stays(visitor.sign_in(person.name, PASSWORD))
        assert "code" in query(visitor.sign_in(person.name, OTHER_PASSWORD))

    def test_an_unknown_name_looks_like_a_known_one(self, visitor: Browser) -> None:
        """cognito-user-pool-managing-errors.html."""
        names = (visitor.app.person().name, "nobody@example.com")
        pages = [visitor.submit(visitor.get("/forgotPassword"), username=name) for name in names]
        known, unknown = (page.text.replace(name, "") for page, name in zip(pages, names, strict=True))
        assert known == unknown

    def test_forms_of_other_pages_are_refused(self, visitor: Browser) -> None:
        person = visitor.app.person()
        for path in ("/signup", "/forgotPassword"):
            page = visitor.get(path)
            assert visitor.submit(page, username=person.name, password=PASSWORD, _csrf="").status_code == 400

    def test_each_page_can_be_opened_by_its_address(self, visitor: Browser) -> None:
        """What the application asked for stays with it."""
        for path in ("/login", "/signup", "/confirm", "/forgotPassword", "/confirmForgotPassword"):
            action, hidden = forms(visitor.get(path))[0]
            assert (action, hidden["state"]) == (path, "some-state")
