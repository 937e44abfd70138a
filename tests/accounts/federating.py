"""A pool with a domain on the local AWS, a provider elsewhere, and browsers that go to them and come back."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from django.http import HttpRequest

from tests.checked_client import CheckedClient
from tests.devcloud.conformance.fake_provider import Provider
from tests.devcloud.conformance.hosted import CALLBACK, LOGOUT, OAUTH, forms
from tests.local_pool import LocalPool, Person
from tests.markup import Page
from tests.other_pools import EVERY_FLOW, another_pool

ELSEWHERE = "Elsewhere"
LABEL = "Elsewhere Inc"
# Without the choice of how to sign in, the domain's own page has one step.
FLOWS = [flow for flow in EVERY_FLOW if flow != "ALLOW_USER_AUTH"]
SIGN_IN = f"/login/with/{ELSEWHERE}/"
BACK = "/login/callback/"
LOGIN = LOGOUT


def with_domain(pool: LocalPool, **client: Any) -> LocalPool:
    """Return a new pool that has a domain."""
    oauth = {**OAUTH, "AllowedOAuthScopes": [*OAUTH["AllowedOAuthScopes"], "profile"], "LogoutURLs": [LOGIN]}
    made = another_pool(pool, client={**oauth, "ExplicitAuthFlows": FLOWS, **client})
    made.root.create_user_pool_domain(UserPoolId=made.id, Domain=f"federation-{secrets.token_hex(6)}")
    return made


def pool_with_domain(pool: LocalPool, provider: Provider, **client: Any) -> LocalPool:
    """Return a new pool that has a domain, and knows `provider` by the name of ELSEWHERE."""
    made = with_domain(pool, **client)
    details = {"client_id": "cognito", "client_secret": "secret", "oidc_issuer": provider.issuer}
    made.root.create_identity_provider(
        UserPoolId=made.id,
        ProviderName=ELSEWHERE,
        ProviderType="OIDC",
        ProviderDetails={**details, "authorize_scopes": "openid", "attributes_request_method": "GET"},
        AttributeMapping={"email": "email", "name": "name"},
    )
    let_in_by(made, ELSEWHERE)
    return made


def let_in_by(pool: LocalPool, provider: str) -> None:
    """Have the app client let people in by one more provider."""
    which = {"UserPoolId": pool.id, "ClientId": pool.env["COGNITO_CLIENT_ID"]}
    known = pool.root.describe_user_pool_client(**which)["UserPoolClient"]
    dropped = {"ClientSecret", "CreationDate", "LastModifiedDate"}
    kept = {name: value for name, value in known.items() if value and name not in dropped}
    providers = [*known["SupportedIdentityProviders"], provider]
    pool.root.update_user_pool_client(**(kept | {"SupportedIdentityProviders": providers}))


def way_out(response: Any) -> str:
    """Return the address that a page sends the browser to, which its link has, too."""
    assert response.status_code == 200, response
    url: str = response["Refresh"].removeprefix("0; url=")
    assert url in [unescape(link["href"]) for link in Page.of(response.content).all("a")]
    return url


def request_with(session: Any) -> HttpRequest:
    """Return a request, to look into a session with."""
    request = HttpRequest()
    request.session = session
    return request


def query_of(url: str) -> dict[str, str]:
    """Return the parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def local(url: str) -> str:
    """Return the path and query of an address that leads back to the site."""
    assert url.startswith(CALLBACK), url
    return url.removeprefix("http://localhost:8000")


@dataclass
class Domain:
    """The pages of the domain, as browsers go through them, a new one each time; `base` is where they are."""

    base: str

    def sign_in_elsewhere(self, url: str) -> str:
        """Follow `url` to the provider, which signs in whoever comes, and return the address that leads back."""
        with requests.Session() as browser:
            for _ in ("to the domain", "to the provider", "back to the domain"):
                answer = browser.get(url, allow_redirects=False, timeout=10)
                assert answer.status_code == 302, answer.text
                url = answer.headers["Location"]
        return local(url)

    def sign_in_here(self, url: str, person: Person) -> str:
        """Type a name and a password on the domain's own page, and return the address that leads back."""
        with requests.Session() as browser:
            page = browser.get(url, timeout=10)
            assert page.status_code == 200, page.text
            action, fields = forms(page)[0]
            fields |= {"username": person.email, "password": person.password}
            answer = browser.post(f"{self.base}{action}", data=fields, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        return local(answer.headers["Location"])


def come_by(client: CheckedClient, domain: Domain, **data: str) -> Any:
    """Sign in by the provider, and return what the callback answers."""
    return client.get(domain.sign_in_elsewhere(way_out(client.post(SIGN_IN, data))))
