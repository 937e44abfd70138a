"""Somebody who connects providers elsewhere with their account, and the providers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from tests.accounts.federating import ELSEWHERE, Domain, let_in_by, way_out
from tests.checked_client import CheckedClient
from tests.devcloud.conformance.fake_provider import Provider
from tests.local_pool import LocalPool, Person

CONNECTIONS = "/account/connections/"
# Where everything that is connected is shown.
SECURITY = "/account/security/"
CONNECT = f"{CONNECTIONS}{ELSEWHERE}/connect/"
DISCONNECT = f"{CONNECTIONS}{ELSEWHERE}/disconnect/"
BACK_WITH_IT = f"/login/?next={SECURITY.replace('/', '%2F')}"
# What the provider says of whoever comes.
ADDRESS = "ada@elsewhere.example"
LINK = "AdminLinkProviderForUser"
UNLINK = "AdminDisableProviderForUser"


@dataclass
class Connecting:
    """A person of the pool, the browser they are signed in with, and the pages of the pool's domain."""

    pool: LocalPool
    person: Person
    browser: CheckedClient
    domain: Domain

    @property
    def user(self) -> User:
        """The person, as they are kept here."""
        return User.objects.get(sub=self.person.sub)

    def set_out(self, **data: str) -> str:
        """Confirm that the provider shall be connected, and return where the browser is sent."""
        return way_out(self.browser.post(CONNECT, data))

    def connect(self, **data: str) -> Any:
        """Connect the provider, and return what the callback answers."""
        return self.browser.get(self.domain.sign_in_elsewhere(self.set_out(**data)))

    def words(self) -> str:
        """Return what the page says that shows what is connected."""
        return self.browser.page(SECURITY).words


def signed_in(pool: LocalPool, domain: Domain, email: str = ADDRESS) -> Connecting:
    """Return somebody new of the pool, who has just typed their password; by default with the provider's address."""
    made, browser = pool.person(email=email), CheckedClient()
    assert browser.post("/login/", {"username": made.email, "password": made.password}).url == "/account/"
    return Connecting(pool, made, browser, domain)


def people_named(pool: LocalPool, prefix: str) -> list[str]:
    """Return the user names in the pool that begin so."""
    users = pool.root.list_users(UserPoolId=pool.id, Filter=f'username ^= "{prefix}"')["Users"]
    return [user["Username"] for user in users]


def linked(pool: LocalPool, person: Person) -> str:
    """Return what the pool keeps of whom a person is elsewhere, as text; "" for nothing."""
    return pool.attributes(person.email).get("identities", "")


@contextmanager
def another_provider(pool: LocalPool, name: str, **changes: Any) -> Iterator[Provider]:
    """Have the pool know another provider, which signs in whoever comes as Ada and sends them straight back."""
    made = Provider()
    made.changes = {"email": "ada@another.example", "name": "Ada Lovelace", **changes}
    made.thread.start()
    details = {"client_id": "cognito", "client_secret": "secret", "oidc_issuer": made.issuer}
    pool.root.create_identity_provider(
        UserPoolId=pool.id,
        ProviderName=name,
        ProviderType="OIDC",
        ProviderDetails={**details, "authorize_scopes": "openid", "attributes_request_method": "GET"},
        AttributeMapping={"email": "email", "name": "name"},
    )
    let_in_by(pool, name)
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()
        made.thread.join()
