"""The pages and endpoints of a user pool's domain, as a browser and an application's server use them."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from tests.devcloud.conformance.user_pool import AppClient

CALLBACK = "http://localhost:8000/login/callback/"
OAUTH: dict[str, Any] = {
    "CallbackURLs": [CALLBACK],
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
        """Open a page."""
        return requests.get(self.base + path, params=self.request | parameters, allow_redirects=False, timeout=10)

    def submit(self, **fields: str) -> requests.Response:
        """Send the form of the sign-in page."""
        return requests.post(f"{self.base}/login", data=fields, allow_redirects=False, timeout=10)

    def sign_in(self, name: str, password: str) -> requests.Response:
        """Send a name and a password."""
        return self.submit(**self.request, username=name, password=password)

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


def parameter(address: str, name: str) -> str:
    """Return a query parameter of an address."""
    return parse_qs(urlsplit(address).query)[name][0]


def hidden(response: requests.Response, name: str) -> str:
    """Return the value of a hidden field of a page."""
    found = re.search(f'name="{name}" value="([^"]+)"', response.text)
    assert found, response.text
    return found[1]
