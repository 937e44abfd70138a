"""Ways in beside the password, as the tests go them."""

from __future__ import annotations

import json
from typing import Any

from tests.checked_client import CheckedClient
from tests.devcloud.conformance.authenticator import Authenticator
from tests.local_pool import LocalPool, Person
from tests.markup import Page
from tests.second_factors import access_token

CHALLENGE = "/login/challenge/"
ANOTHER_WAY = "/login/another-way/"
PASSKEY = "/login/passkey/"
CODE = "/login/code/"
NUMBER = "+442079460456"
BY = {"EMAIL_OTP": "email", "SMS_OTP": "text"}


def go(client: CheckedClient, name: str, way: str, **data: str) -> Any:
    """Press the button of a way in for `name`; return the answer."""
    if way in BY:
        return client.post(CODE, {"username": name, "by": BY[way], **data})
    return client.post(PASSKEY, {"username": name, **data})


def chosen(client: CheckedClient, person: Person, way: str, **data: str) -> Page:
    """Go to the page of `way`; to that of the password from the page of another one."""
    assert go(client, person.email, "WEB_AUTHN" if way == "PASSWORD" else way, **data).url == CHALLENGE
    if way == "PASSWORD":
        assert client.post(ANOTHER_WAY, {"answer": way}).url == CHALLENGE
    return client.page(CHALLENGE)


def refused(client: CheckedClient, **data: str) -> Page:
    """Return the page that an answer leads to which is not taken."""
    response = client.post(CHALLENGE, data)
    assert response.status_code == 200
    return Page.of(response.content)


def with_passkey(pool: LocalPool, person: Person, authenticator: Authenticator) -> None:
    """Give `person` a passkey."""
    token = access_token(pool, person)
    options = pool.root.start_web_authn_registration(AccessToken=token)["CredentialCreationOptions"]
    pool.root.complete_web_authn_registration(AccessToken=token, Credential=authenticator.register(options))


def json_of(page: Page) -> Any:
    """Return the options for a passkey that stand on `page`."""
    start = page.html.index('id="passkey-options"')
    text = page.html[page.html.index(">", start) + 1 : page.html.index("</script>", start)]
    return json.loads(text)
