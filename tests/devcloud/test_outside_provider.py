"""The outside provider refuses what an OpenID Connect provider refuses, and is who it was after a restart.

https://openid.net/specs/openid-connect-core-1_0.html
"""

from __future__ import annotations

import re
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests

from devcloud.errors import CannotStart
from devcloud.ports import free_port
from devcloud.provider import OutsideProvider, OutsideProviderServer, outside_provider
from devcloud.run import with_provider
from devcloud.settings import Settings
from tests.devcloud.conformance.hosted import query

PORT = 4566  # of the local AWS, which is only named here
CALLBACK = f"http://127.0.0.1:{PORT}/oauth2/idpresponse"


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(tmp_path_factory.mktemp("provider") / "devcloud", port=PORT, provider_port=free_port())


@pytest.fixture(scope="module")
def provider(chosen: Settings) -> Iterator[OutsideProvider]:
    with OutsideProviderServer(chosen):
        yield known(chosen)


@pytest.fixture
def visitor() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


def known(settings: Settings) -> OutsideProvider:
    """Return what the pool knows of the provider."""
    found = outside_provider(settings)
    assert found
    return found


def ask(visitor: requests.Session, provider: OutsideProvider, **changes: str) -> requests.Response:
    """Go to the authorization endpoint; an empty parameter is left out."""
    parameters = {
        "client_id": provider.client_id,
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": "openid email profile",
        "state": "of the pool",
        "nonce": "once",
    } | changes
    given = {name: value for name, value in parameters.items() if value}
    return visitor.get(f"{provider.issuer}/authorize/", params=given, allow_redirects=False, timeout=10)


def submit(visitor: requests.Session, page: requests.Response, **typed: str) -> requests.Response:
    """Send the form of a page, with what it hides."""
    hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
    fields = {name: unescape(value) for name, value in hidden} | typed
    return visitor.post(page.url, data=fields, allow_redirects=False, timeout=10)


def come_back(visitor: requests.Session, provider: OutsideProvider, email: str = "ada@example.com") -> str:
    """Sign in as somebody, allow it, and return the code."""
    there = ask(visitor, provider).headers["Location"]
    page = visitor.get(provider.issuer + there, timeout=10)
    on = submit(visitor, page, email=email, name="Ada Lovelace", email_verified="on").headers["Location"]
    consent = visitor.get(provider.issuer + on, timeout=10)
    return query(submit(visitor, consent, allow="yes"))["code"]


def redeem(provider: OutsideProvider, code: str, /, **changes: str) -> requests.Response:
    """Exchange a code, as the pool does."""
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "client_id": provider.client_id,
        "client_secret": provider.client_secret,
    }
    return requests.post(f"{provider.issuer}/token/", data=fields | changes, timeout=10)


def claims(provider: OutsideProvider, answer: requests.Response) -> dict[str, Any]:
    """Return what an ID token says, signature checked."""
    token = answer.json()["id_token"]
    key = jwt.PyJWKClient(f"{provider.issuer}/.well-known/jwks.json").get_signing_key_from_jwt(token)
    found: dict[str, Any] = jwt.decode(
        token, key, algorithms=["RS256"], audience=provider.client_id, issuer=provider.issuer
    )
    return found


def test_a_person_is_who_they_say(provider: OutsideProvider, visitor: requests.Session) -> None:
    before = int(time.time())
    answer = redeem(provider, come_back(visitor, provider))
    said = claims(provider, answer)
    assert (said["email"], said["email_verified"], said["name"]) == ("ada@example.com", True, "Ada Lovelace")
    assert (said["nonce"], said["auth_time"] >= before) == ("once", True)
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    userinfo = requests.get(f"{provider.issuer}/userinfo/", headers=bearer, timeout=10).json()
    assert userinfo == {name: said[name] for name in ("sub", "email", "email_verified", "name")}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"client_secret": "wrong"}, 401),
        ({"client_secret": ""}, 401),
        ({"client_id": "another"}, 401),
        ({"redirect_uri": "http://127.0.0.1:1/"}, 400),
        ({"code": "made-up"}, 400),
    ],
)
def test_a_code_is_worth_nothing_to_others(
    provider: OutsideProvider, visitor: requests.Session, change: dict[str, str], status: int
) -> None:
    assert redeem(provider, come_back(visitor, provider), **change).status_code == status


def test_a_code_is_good_once(provider: OutsideProvider, visitor: requests.Session) -> None:
    code = come_back(visitor, provider)
    assert redeem(provider, code).status_code == 200
    assert redeem(provider, code).status_code == 400


@pytest.mark.parametrize("change", [{"redirect_uri": "https://evil.example/"}, {"client_id": "another"}])
def test_nobody_is_sent_to_an_address_that_is_not_registered(
    provider: OutsideProvider, visitor: requests.Session, change: dict[str, str]
) -> None:
    come_back(visitor, provider)
    answer = ask(visitor, provider, **change)
    assert (answer.status_code, "Location" in answer.headers) == (400, False)


@pytest.mark.parametrize("signed_in", [True, False])
def test_nobody_passes_unasked(provider: OutsideProvider, visitor: requests.Session, signed_in: bool) -> None:
    if signed_in:
        come_back(visitor, provider)
    answer = query(ask(visitor, provider, prompt="none"))
    assert ("code" in answer, answer["state"]) == (False, "of the pool")
    assert answer["error"] in {"login_required", "consent_required"}


@pytest.mark.parametrize(("change", "asked"), [({"prompt": "login"}, True), ({"max_age": "3600"}, False)])
def test_a_sign_in_is_asked_for_anew_where_that_is_asked_for(
    provider: OutsideProvider, visitor: requests.Session, change: dict[str, str], asked: bool
) -> None:
    come_back(visitor, provider)
    assert ask(visitor, provider, **change).headers.get("Location", "").startswith("/sign-in/") is asked


def test_a_sign_in_of_too_long_ago_does_not_do(provider: OutsideProvider, visitor: requests.Session) -> None:
    """AuthRequest, max_age. No time passes in nought seconds but the one that the request takes."""
    come_back(visitor, provider)
    there = ask(visitor, provider, max_age="0").headers["Location"]
    assert there.startswith("/sign-in/")
    assert "max_age" not in there


def test_whoever_cancels_is_not_named(provider: OutsideProvider, visitor: requests.Session) -> None:
    there = ask(visitor, provider).headers["Location"]
    page = visitor.get(provider.issuer + there, timeout=10)
    on = submit(visitor, page, email="new@example.com", name="").headers["Location"]
    answer = query(submit(visitor, visitor.get(provider.issuer + on, timeout=10)))
    assert (answer["error"], "code" in answer) == ("access_denied", False)


def test_signing_in_leads_nowhere_else(provider: OutsideProvider, visitor: requests.Session) -> None:
    page = visitor.get(f"{provider.issuer}/sign-in/?next=https://evil.example/", timeout=10)
    assert submit(visitor, page, email="ada@example.com", name="Ada").headers["Location"] == "/"


def test_another_page_signs_nobody_in(provider: OutsideProvider, visitor: requests.Session) -> None:
    """Cross-site request forgery."""
    page = visitor.get(f"{provider.issuer}/sign-in/", timeout=10)
    assert submit(visitor, page, email="ada@example.com", csrfmiddlewaretoken="made-up").status_code == 403


def test_a_restart_changes_neither_it_nor_who_people_are(tmp_path: Path, visitor: requests.Session) -> None:
    chosen = Settings(tmp_path / "devcloud", port=PORT, provider_port=free_port())
    subs, secrets = set(), set()
    for email in ("ada@example.com", "Ada@Example.com"):
        with OutsideProviderServer(chosen):
            subs.add(claims(known(chosen), redeem(known(chosen), come_back(visitor, known(chosen), email)))["sub"])
            secrets.add((known(chosen).client_id, known(chosen).client_secret, chosen.provider_key.read_bytes()))
            visitor.cookies.clear()
    assert (len(subs), len(secrets)) == (1, 1)


def test_its_secrets_are_its_own_and_nobody_elses(chosen: Settings, provider: OutsideProvider, tmp_path: Path) -> None:
    for path in (chosen.provider_env, chosen.provider_key):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    other = known(Settings(tmp_path / "devcloud", provider_port=1))
    assert {other.client_id, other.client_secret}.isdisjoint({provider.client_id, provider.client_secret})


def test_a_local_aws_without_one_has_none(tmp_path: Path) -> None:
    assert outside_provider(Settings(tmp_path)) is None
    with pytest.raises(CannotStart):
        OutsideProviderServer(Settings(tmp_path)).start()


def test_its_port_is_the_one_after_the_local_awss_unless_told(tmp_path: Path) -> None:
    settings = Settings(tmp_path, port=5000)
    assert with_provider(settings, {"PROVIDER_PORT": ""}).provider_port == 5001
    assert with_provider(settings, {"PROVIDER_PORT": "6000"}).provider_port == 6000


def test_it_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    chosen = Settings(tmp_path / "devcloud", port=PORT, provider_port=free_port())
    made = f"Settings(Path({str(chosen.directory)!r}), {PORT}, provider_port={chosen.provider_port})"
    program = f"""
import os
from pathlib import Path
from devcloud.provider import OutsideProviderServer
from devcloud.settings import Settings
OutsideProviderServer({made}).start()
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[2])
    while True:
        try:
            requests.get(chosen.issuer, timeout=10)
        except requests.ConnectionError:
            break
