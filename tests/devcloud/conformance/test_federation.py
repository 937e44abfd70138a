"""Signing in with another OpenID Connect provider.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-oidc-flow.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from devcloud.start import LocalAWS
from tests.devcloud.conformance.conftest import Clock, MakePool
from tests.devcloud.conformance.fake_provider import Provider
from tests.devcloud.conformance.hosted import CALLBACK, LOGOUT, OAUTH, Browser, parameter, query
from tests.devcloud.conformance.user_pool import PASSWORD, claims

NAME = "Elsewhere"
MAPPING = {"email": "email", "name": "name", "email_verified": "email_verified"}


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    made.thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    made.thread.join()


@pytest.fixture
def visitor(make_pool: MakePool, server: LocalAWS, provider: Provider) -> Browser:
    """Somebody at a client whose pool, which has a domain, knows the provider."""
    app = make_pool(client=OAUTH)
    details = {"client_id": "cognito", "client_secret": "secret", "oidc_issuer": provider.issuer}
    app.admin.create_identity_provider(
        UserPoolId=app.pool_id,
        ProviderName=NAME,
        ProviderType="OIDC",
        ProviderDetails={**details, "authorize_scopes": "openid email", "attributes_request_method": "GET"},
        AttributeMapping=MAPPING,
    )
    enable(app, ["COGNITO", NAME])
    app.admin.create_user_pool_domain(UserPoolId=app.pool_id, Domain=f"conformance-{app.id}")
    return Browser(app, server.settings.endpoint)


def enable(app: Any, providers: list[str]) -> None:
    """Let people come in by these providers only."""
    known = app.admin.describe_user_pool_client(UserPoolId=app.pool_id, ClientId=app.id)["UserPoolClient"]
    kept = {name: known[name] for name in (*OAUTH, "ExplicitAuthFlows", "PreventUserExistenceErrors")}
    app.admin.update_user_pool_client(
        UserPoolId=app.pool_id, ClientId=app.id, **(kept | {"SupportedIdentityProviders": providers})
    )


def to_the_provider(visitor: Browser, **parameters: str) -> str:
    """Go to the provider, and return where it sends the browser back to."""
    there = visitor.get("/oauth2/authorize", identity_provider=NAME, **parameters).headers["Location"]
    return requests.get(there, allow_redirects=False, timeout=10).headers["Location"]


def come_back(visitor: Browser, **parameters: str) -> requests.Response:
    """Go to the provider and return what the callback answers."""
    return visitor.open(to_the_provider(visitor, **parameters))


def person(visitor: Browser, username: str) -> dict[str, Any]:
    """Return a person as the pool has them, attributes by name."""
    found: dict[str, Any] = visitor.app.admin.admin_get_user(UserPoolId=visitor.app.pool_id, Username=username)
    return found | {item["Name"]: item["Value"] for item in found["UserAttributes"]}


def test_a_person_comes_back_signed_in(visitor: Browser) -> None:
    """cognito-user-pools-oidc-flow.html."""
    id_token = visitor.redeem(come_back(visitor)).json()["id_token"]
    assert claims(id_token)["cognito:username"] == "Elsewhere_ada"
    assert person(visitor, "Elsewhere_ada")["UserStatus"] == "EXTERNAL_PROVIDER"


def test_what_goes_to_the_provider_is_the_pools_own(visitor: Browser, provider: Provider) -> None:
    """cognito-user-pools-oidc-flow.html, and prompt and login_hint of authorization-endpoint.html."""
    nonce = {"nonce": "of the application"}
    back = to_the_provider(visitor, prompt="login", login_hint="ada@example.com", max_age="0", **nonce)
    asked = provider.asked
    assert back.startswith(f"{visitor.base}/oauth2/idpresponse?")
    assert (asked["client_id"], asked["scope"], asked["prompt"]) == ("cognito", "openid email", "login")
    assert (asked["login_hint"], "max_age" in asked) == ("ada@example.com", False)
    assert {asked["state"], asked["nonce"]}.isdisjoint({"some-state", nonce["nonce"]})
    assert claims(visitor.redeem(visitor.open(back)).json()["id_token"])["nonce"] == nonce["nonce"]


class TestWhatTheProviderSays:
    """OpenID Connect Core, section 3.1.3.7: the application is told, and nobody is signed in."""

    def test_a_token_signed_by_somebody_else_is_refused(self, visitor: Browser, provider: Provider) -> None:
        provider.signer = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        assert query(come_back(visitor))["error"] == "server_error"

    @pytest.mark.parametrize(
        "changes",
        [{"aud": "another"}, {"iss": "https://evil.example"}, {"exp": 1}, {"sub": None}, {"nonce": "another"}],
    )
    def test_a_token_for_somebody_else_is_refused(
        self, visitor: Browser, provider: Provider, changes: dict[str, Any]
    ) -> None:
        provider.changes = changes
        answer = come_back(visitor)
        assert answer.headers["Location"].startswith(CALLBACK)
        assert (query(answer)["error"], query(answer)["state"]) == ("server_error", "some-state")
        assert "cognito-" not in answer.headers.get("Set-Cookie", "")

    def test_userinfo_of_somebody_else_is_refused(self, visitor: Browser, provider: Provider) -> None:
        """OpenID Connect Core, section 5.3.2."""
        provider.userinfo = {"sub": "bob", "email": "bob@example.com"}
        assert query(come_back(visitor))["error"] == "server_error"

    @pytest.mark.parametrize(
        ("refusal", "told"), [("access_denied", "access_denied"), ("something<script>", "server_error")]
    )
    def test_its_refusal_reaches_the_application(
        self, visitor: Browser, provider: Provider, refusal: str, told: str
    ) -> None:
        provider.refusal = refusal
        answer = query(come_back(visitor))
        assert (answer["error"], answer["state"], "<" in str(answer)) == (told, "some-state", False)

    def test_one_that_is_away_is_a_server_error(self, visitor: Browser, provider: Provider) -> None:
        back = to_the_provider(visitor)
        provider.issuer = "http://127.0.0.1:1"  # its discovery document is another's now
        assert query(visitor.open(back))["error"] == "server_error"


class TestState:
    """cognito-user-pools-oidc-flow.html: what comes back was begun in this browser, a short while ago, and once."""

    def test_one_nobody_began_with_is_refused(self, visitor: Browser) -> None:
        answer = visitor.open(f"{visitor.base}/oauth2/idpresponse", code="provider-code", state="made-up")
        assert answer.status_code == 400

    def test_another_browser_is_refused(self, visitor: Browser) -> None:
        """A planted answer would sign a person in to somebody else's account."""
        planted = to_the_provider(visitor)
        other = Browser(visitor.app, visitor.base)
        assert other.open(planted).status_code == 400
        to_the_provider(other)
        assert other.open(planted).status_code == 400
        assert visitor.open(planted).status_code == 302

    def test_it_is_good_once(self, visitor: Browser) -> None:
        back = to_the_provider(visitor)
        assert visitor.open(back).status_code == 302
        assert visitor.open(back).status_code == 400

    def test_it_is_good_for_five_minutes(self, visitor: Browser, later: Clock) -> None:
        back = to_the_provider(visitor)
        with later(5 * 60):
            assert visitor.open(back).status_code == 400

    def test_two_tabs_get_along(self, visitor: Browser) -> None:
        one, other = to_the_provider(visitor), to_the_provider(visitor)
        assert [visitor.open(back).status_code for back in (one, other)] == [302, 302]


class TestAttributes:
    """cognito-user-pools-specifying-attribute-mapping.html."""

    def test_only_what_is_mapped_is_kept(self, visitor: Browser, provider: Provider) -> None:
        provider.changes = {"email": "ada@example.com", "email_verified": True, "locale": "de", "custom:role": "staff"}
        come_back(visitor)
        kept = person(visitor, "Elsewhere_ada")
        assert (kept["email"], kept["email_verified"]) == ("ada@example.com", "true")
        assert not {"locale", "custom:role"} & kept.keys()
        assert kept["sub"] != "ada"

    def test_an_address_the_provider_says_nothing_of_is_not_verified(
        self, visitor: Browser, provider: Provider
    ) -> None:
        provider.changes = {"email": "ada@example.com"}
        come_back(visitor)
        assert person(visitor, "Elsewhere_ada")["email_verified"] == "false"

    def test_each_sign_in_brings_them_up_to_date(self, visitor: Browser, provider: Provider) -> None:
        provider.changes = {"email": "ada@example.com", "name": "Ada", "email_verified": True}
        come_back(visitor)
        provider.changes = {"email": "lovelace@example.com", "name": "Ada"}
        come_back(visitor, prompt="login")
        kept = person(visitor, "Elsewhere_ada")
        assert (kept["email"], kept["email_verified"], kept["name"]) == ("lovelace@example.com", "false", "Ada")

    def test_userinfo_adds_to_the_token(self, visitor: Browser, provider: Provider) -> None:
        provider.userinfo = {"sub": "ada", "name": "Ada Lovelace"}
        come_back(visitor)
        assert person(visitor, "Elsewhere_ada")["name"] == "Ada Lovelace"

    def test_a_required_one_has_to_come(self, make_pool: MakePool, visitor: Browser) -> None:
        schema = [{"Name": "email", "Required": True, "Mutable": True}]
        app = make_pool(client=OAUTH, Schema=schema)
        known = visitor.app.admin.describe_identity_provider(UserPoolId=visitor.app.pool_id, ProviderName=NAME)
        told = {
            name: known["IdentityProvider"][name]
            for name in ("ProviderName", "ProviderType", "ProviderDetails", "AttributeMapping")
        }
        app.admin.create_identity_provider(UserPoolId=app.pool_id, **told)
        enable(app, [NAME])
        answer = query(come_back(Browser(app, visitor.base)))
        assert (answer["error"], "email" in answer["error_description"]) == ("invalid_request", True)
        assert app.admin.list_users(UserPoolId=app.pool_id)["Users"] == []


class TestPeople:
    """cognito-user-pools-identity-federation-consolidate-users.html."""

    def test_the_same_identity_is_the_same_person(self, visitor: Browser) -> None:
        subs = set()
        for _ in range(2):
            id_token = visitor.redeem(come_back(visitor, prompt="login")).json()["id_token"]
            subs.add(claims(id_token)["sub"])
        assert len(subs) == 1

    def test_a_linked_identity_is_the_person_it_is_linked_to(self, visitor: Browser) -> None:
        native = visitor.app.person()
        visitor.app.admin.admin_link_provider_for_user(
            UserPoolId=visitor.app.pool_id,
            DestinationUser={"ProviderName": "Cognito", "ProviderAttributeValue": native.sub},
            SourceUser={
                "ProviderName": NAME,
                "ProviderAttributeName": "Cognito_Subject",
                "ProviderAttributeValue": "ada",
            },
        )
        assert claims(visitor.redeem(come_back(visitor)).json()["id_token"])["sub"] == native.sub

    def test_a_disabled_person_does_not_come_in(self, visitor: Browser) -> None:
        come_back(visitor)
        visitor.app.admin.admin_disable_user(UserPoolId=visitor.app.pool_id, Username="Elsewhere_ada")
        assert query(come_back(visitor))["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"client_secret": ""}, "invalid_client"),
        ({"client_id": "another"}, "invalid_client"),
        ({"code_verifier": "x" * 43}, "invalid_grant"),
        ({"redirect_uri": "http://localhost:8000/elsewhere/"}, "invalid_grant"),
    ],
)
def test_the_code_is_worth_nothing_to_others(visitor: Browser, change: dict[str, str], error: str) -> None:
    """token-endpoint.html, errors; the code stays good for whom it was made."""
    back = come_back(visitor)
    assert visitor.redeem(back, **change).json()["error"] == error
    assert "id_token" in visitor.redeem(back).json()


class TestWhichProvider:
    """authorization-endpoint.html, identity_provider."""

    def test_one_that_is_not_on_is_refused(self, visitor: Browser) -> None:
        enable(visitor.app, ["COGNITO"])
        answer = visitor.get("/oauth2/authorize", identity_provider=NAME)
        assert (query(answer)["error"], answer.headers["Location"].startswith(CALLBACK)) == ("invalid_request", True)

    def test_the_only_one_is_gone_to_at_once(self, visitor: Browser, provider: Provider) -> None:
        enable(visitor.app, [NAME])
        assert visitor.get("/oauth2/authorize").headers["Location"].startswith(provider.issuer)

    def test_a_password_is_not_taken_where_only_providers_are_on(self, visitor: Browser) -> None:
        native = visitor.app.person()
        page = visitor.get("/login")
        enable(visitor.app, [NAME])
        assert query(visitor.submit(page, username=native.name, password=PASSWORD))["error"] == "invalid_request"

    def test_whoever_came_by_one_passes_for_that_one_only(self, visitor: Browser, provider: Provider) -> None:
        come_back(visitor)
        provider.asked = {}
        assert "code" in query(visitor.get("/oauth2/authorize", identity_provider=NAME))
        assert "code" in query(visitor.get("/oauth2/authorize"))
        assert "/login?" in visitor.get("/oauth2/authorize", identity_provider="COGNITO").headers["Location"]
        assert provider.asked == {}
        visitor.open(f"{visitor.base}/logout", client_id=visitor.app.id, logout_uri=LOGOUT)
        there = visitor.get("/oauth2/authorize", identity_provider=NAME).headers["Location"]
        assert parameter(there, "client_id") == "cognito"
