"""The pages and endpoints of a user pool's domain, as a browser and an application's server use them."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from tests.devcloud.conformance.user_pool import AppClient

CALLBACK = "http://localhost:8000/login/callback/"
LOGOUT = "http://localhost:8000/login/"
OAUTH: dict[str, Any] = {
    "CallbackURLs": [CALLBACK],
    "LogoutURLs": [LOGOUT],
    "AllowedOAuthFlows": ["code"],
    "AllowedOAuthFlowsUserPoolClient": True,
    "AllowedOAuthScopes": ["openid", "email", "aws.cognito.signin.user.admin"],
    "SupportedIdentityProviders": ["COGNITO"],
}


@dataclass
class Browser:
    """Somebody on their way through the pages; `verifier` is what the application keeps for PKCE."""

    app: AppClient
    base: str
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    http: requests.Session = field(default_factory=requests.Session)

    @property
    def request(self) -> dict[str, str]:
        """The parameters of the authorization request."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return {
            "client_id": self.app.id,
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "scope": "openid email aws.cognito.signin.user.admin",
            "state": "some-state",
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }

    def get(self, path: str, **parameters: str) -> requests.Response:
        """Open a page; an empty parameter is left out."""
        query = {name: value for name, value in (self.request | parameters).items() if value}
        return self.open(self.base + path, **query)

    def open(self, address: str, **query: str) -> requests.Response:
        """Open an address, with the browser's cookies."""
        return self.http.get(address, params=query, allow_redirects=False, timeout=10)

    def submit(self, page: requests.Response, form: int = 0, /, **typed: str) -> requests.Response:
        """Send a form of a page, with what it hides."""
        action, fields = forms(page)[form]
        return self.http.post(self.base + action, data=fields | typed, allow_redirects=False, timeout=10)

    def sign_in(self, name: str, password: str, **parameters: str) -> requests.Response:
        """Send a name and a password."""
        return self.submit(self.get("/login", **parameters), username=name, password=password)

    def redeem(self, response: requests.Response, **changes: str) -> requests.Response:
        """Exchange the code that a redirect carries, as the application's server does."""
        fields = {
            "grant_type": "authorization_code",
            "code": parameter(response.headers["Location"], "code"),
            "redirect_uri": CALLBACK,
            "code_verifier": self.verifier,
            "client_id": self.app.id,
            "client_secret": self.app.secret or "",
        }
        return self.post("/oauth2/token", **(fields | changes))

    def post(self, path: str, **fields: str) -> requests.Response:
        """Call an endpoint of the domain."""
        return requests.post(self.base + path, data=fields, timeout=10)


def forms(page: requests.Response) -> list[tuple[str, dict[str, str]]]:
    """Return where each form of a page goes, and what it hides."""
    found = re.findall(r'<form method="post" action="([^"]*)">(.*?)</form>', page.text, re.DOTALL)
    assert found, (page.status_code, page.headers, page.text)
    hidden = [re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', content) for _action, content in found]
    return [
        (unescape(action), {name: unescape(value) for name, value in pairs})
        for (action, _content), pairs in zip(found, hidden, strict=True)
    ]


def query(response: requests.Response) -> dict[str, str]:
    """Return the parameters of the address that a redirect goes to."""
    return {name: values[0] for name, values in parse_qs(urlsplit(response.headers["Location"]).query).items()}


def parameter(address: str, name: str) -> str:
    """Return a query parameter of an address."""
    return parse_qs(urlsplit(address).query)[name][0]
