"""The pages of the pool's domain, where outside providers sign people in: the way there, and back with tokens.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-userpools-server-contract-reference.html
"""

import json
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlencode

import requests
import urllib3
from requests.adapters import HTTPAdapter

from accounts.cognito.answers import shorter_life
from accounts.cognito.config import CognitoConfig
from accounts.cognito.errors import CognitoError, Misconfigured, NotAuthorized, Throttled, Unreachable
from accounts.cognito.handshake import Handshake
from accounts.cognito.results import Tokens

# The last lets people change their own account: https://docs.aws.amazon.com/cognito/latest/developerguide/scopes.html
SCOPES = "openid email profile aws.cognito.signin.user.admin"
LARGEST_ANSWER = 256 * 1024  # bytes; three tokens of the largest size that the site takes have 96 KiB
OPERATION = "oauth2/token"
# What RFC 6749, section 5.2, has a token endpoint say; whatever else it says is about this site, not the person.
ERRORS: dict[str, type[CognitoError]] = {"invalid_grant": NotAuthorized}


class HostedUI:
    """The domain of one pool, as one of its app clients uses it; ``redirect_uri`` is where people come back to.

    Safe to share between threads. No call is repeated, and no redirect followed.
    """

    def __init__(self, config: CognitoConfig, redirect_uri: str) -> None:
        self._config, self._redirect_uri = config, redirect_uri
        self._http = requests.Session()
        # Nothing that the domain sets for one person may go along with the request of another.
        self._http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = HTTPAdapter(pool_maxsize=config.max_connections, max_retries=0)
        self._http.mount("https://", adapter)
        self._http.mount("http://", adapter)

    def authorize_url(self, handshake: Handshake, provider: str, *, again: bool = False, login_hint: str = "") -> str:
        """Return where a browser goes to be signed in by ``provider``.

        ``again`` asks that people prove who they are even if they are signed in there. Where ``max_age`` is not known
        it is left alone, as OAuth has it; what became of it is told by the ID token.
        https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html
        """
        query = {
            "client_id": self._config.client_id,
            "response_type": "code",
            "redirect_uri": self._redirect_uri,
            "scope": SCOPES,
            "state": handshake.state,
            "nonce": handshake.nonce,
            "code_challenge": handshake.challenge,
            "code_challenge_method": "S256",
            "identity_provider": provider,
        }
        query |= {"prompt": "login", "max_age": "0"} if again else {}
        query |= {"login_hint": login_hint} if login_hint else {}
        return f"{self._config.domain}/oauth2/authorize?{urlencode(query)}"

    def logout_url(self, logout_uri: str) -> str:
        """Return where a browser goes to be signed out of the domain, and from there to ``logout_uri``.

        https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html
        """
        query = {"client_id": self._config.client_id, "logout_uri": logout_uri}
        return f"{self._config.domain}/logout?{urlencode(query)}"

    def redeem(self, code: str, verifier: str) -> Tokens:
        """Return the tokens that an authorization ``code`` is good for, once; they are not verified yet.

        Raises NotAuthorized for a code that is not good, or no longer; Unreachable, Throttled, Misconfigured.
        https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
        """
        form = {
            "grant_type": "authorization_code",
            "client_id": self._config.client_id,
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": verifier,
        }
        status, answer = self._post(form)
        if status != 200:
            raise refusal(status, answer)
        return tokens_in(answer)

    def _post(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        client = (self._config.client_id, self._config.client_secret) if self._config.client_secret else None
        try:
            with self._http.post(
                f"{self._config.domain}/{OPERATION}",
                data=form,
                auth=client,
                timeout=(self._config.connect_timeout, self._config.read_timeout),
                allow_redirects=False,
                stream=True,
            ) as response:
                body = response.raw.read(LARGEST_ANSWER + 1, decode_content=True)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            # Not chained: the request that it holds has the code in it.
            raise Unreachable(OPERATION, type(error).__name__) from None
        return response.status_code, document(body)


def document(body: bytes) -> dict[str, Any]:
    """Return the JSON object in ``body``; an empty one for whatever else came."""
    try:
        found = json.loads(body) if len(body) <= LARGEST_ANSWER else None
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {}


def refusal(status: int, answer: dict[str, Any]) -> CognitoError:
    """Return the error for an answer that is no success; its free text is left alone."""
    code = str(answer.get("error", ""))[:40]
    if status == 429:
        return Throttled(OPERATION, code)
    if status not in (400, 401, 403) or not code:
        return Unreachable(OPERATION, str(status))
    return ERRORS.get(code, Misconfigured)(OPERATION, code)


def tokens_in(answer: dict[str, Any]) -> Tokens:
    """Return the tokens of a success. Raises Unreachable where one is missing."""
    given = [answer.get(name) for name in ("id_token", "access_token", "refresh_token")]
    id_token, access_token, refresh_token = (value if isinstance(value, str) else "" for value in given)
    seconds = answer.get("expires_in")
    if not id_token or not access_token:
        raise Unreachable(OPERATION, "EmptyAnswer")
    life = shorter_life(id_token, seconds if isinstance(seconds, int) else 300)
    return Tokens(id_token, access_token, refresh_token, life)
