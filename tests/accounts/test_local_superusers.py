"""Break-glass: superusers of this database only, let in while the setting is on, and guarded like everybody's door."""

from __future__ import annotations

import runpy
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import BasePasswordHasher, get_hasher
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import RequestFactory
from pytest_django import Settings

from accounts import checks, limits
from accounts.models import LOCAL_ISSUER, Activity, Session, User
from tests.checked_client import CheckedClient
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.markup import Page

NAME = "root@example.com"
PASSWORD = "Break-the-glass-1"
BACKEND = "accounts.backends.LocalSuperuserBackend"


@pytest.fixture
def on(settings: Settings) -> Settings:
    """The setting, as config/settings.py reads it."""
    settings.LOCAL_SUPERUSERS = True
    settings.AUTHENTICATION_BACKENDS = [BACKEND, *settings.AUTHENTICATION_BACKENDS]
    return settings


@pytest.fixture(params=["email", "username"])
def root(request: pytest.FixtureRequest, on: Settings, pool: LocalPool) -> User:
    """The local superuser, on a site where people sign in by e-mail, and on one where they do by user name."""
    on.COGNITO = {**on.COGNITO, "SIGN_IN_WITH": request.param}
    return made(NAME if request.param == "email" else "root")


def made(name: str) -> User:
    """Return the superuser that the command has made."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
        call_command("createsuperuser", "--noinput", username=name, email=NAME, stdout=StringIO())
    return User.objects.get(username=name)


def sign_in(client: CheckedClient, user: User, password: str = PASSWORD) -> int:
    """Send the sign-in form; return the status of the answer."""
    status: int = client.post("/login/", {"username": user.username, "password": password}).status_code
    return status


def off(settings: Settings) -> None:
    """Start again without the setting."""
    settings.LOCAL_SUPERUSERS = False
    settings.AUTHENTICATION_BACKENDS = [name for name in settings.AUTHENTICATION_BACKENDS if name != BACKEND]


def test_it_signs_in_and_uses_the_admin_without_cognito(client: CheckedClient, root: User, cognito: FaultProxy) -> None:
    assert sign_in(client, root) == 302
    assert client.get("/admin/accounts/user/").status_code == 200
    assert cognito.calls["InitiateAuth"] == 0
    assert (root.issuer, root.is_superuser) == (LOCAL_ISSUER, True)


def test_a_wrong_password_opens_nothing(client: CheckedClient, root: User) -> None:
    assert sign_in(client, root, "Break-the-glass-2") == 200
    assert client.get("/admin/").status_code == 302


def test_the_setting_off_shuts_out_at_once(client: CheckedClient, root: User, on: Settings) -> None:
    sign_in(client, root)
    assert client.get("/admin/").status_code == 200
    off(on)
    assert client.get("/admin/").status_code == 302
    assert client.get("/account/").status_code == 302
    assert sign_in(CheckedClient(), root) == 200


def test_switched_off_it_is_out(client: CheckedClient, root: User) -> None:
    sign_in(client, root)
    User.objects.update(is_active=False)
    assert client.get("/admin/").status_code == 302
    assert sign_in(CheckedClient(), root) == 200


@pytest.mark.parametrize("fields", [{"is_superuser": False}, {"issuer": "https://cognito.example/pool"}])
def test_nobody_else_gets_in_by_a_local_password(
    client: CheckedClient, root: User, fields: dict[str, str | bool]
) -> None:
    User.objects.update(**fields)
    assert sign_in(client, root) == 200
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    "path", ["profile/", "security/", "security/totp/", "security/passkeys/", "password/", "delete/", "data/"]
)
def test_account_pages_that_act_at_cognito_answer_a_plain_403(client: CheckedClient, root: User, path: str) -> None:
    sign_in(client, root)
    response = client.get(f"/account/{path}")
    assert response.status_code == 403
    assert Page.of(response.content).title
    assert client.post(f"/account/{path}", {"code": "123456"}).status_code in {403, 405}


@pytest.mark.parametrize("path", ["", "sessions/", "activity/"])
def test_account_pages_that_need_no_cognito_answer(client: CheckedClient, root: User, path: str) -> None:
    sign_in(client, root)
    assert client.get(f"/account/{path}").status_code == 200


def test_the_overview_offers_nothing_that_takes_cognito(client: CheckedClient, root: User) -> None:
    sign_in(client, root)
    page = client.page("/account/")
    assert "exists on this site alone" in page.words
    assert "Sign in faster next time" not in page.words
    inside = [link["href"] for link in page.all("a") if "main" in link.ancestors and "nav" not in link.ancestors]
    assert inside == ["/account/sessions/", "/account/activity/", "/help/#unknown"]


def test_it_signs_out(client: CheckedClient, root: User, cognito: FaultProxy) -> None:
    sign_in(client, root)
    assert client.post("/logout/").url == "/login/"
    assert client.get("/admin/").status_code == 302
    assert not Session.objects.filter(user=root).exists()
    assert cognito.calls["RevokeToken"] == 0


def test_guesses_are_limited_as_everybodys_are(client: CheckedClient, root: User) -> None:
    statuses = [sign_in(client, root, f"Wrong-guess-{number}") for number in range(limits.LOGIN_BY_NAME.most + 1)]
    assert statuses == [200] * limits.LOGIN_BY_NAME.most + [429]
    assert sign_in(CheckedClient(), root) == 429


def test_a_sign_in_is_recorded(client: CheckedClient, root: User) -> None:
    sign_in(client, root)
    assert Activity.objects.get(user=root).kind == Activity.Kind.SIGNED_IN


def test_people_of_the_pool_still_sign_in(client: CheckedClient, on: Settings, person: Person) -> None:
    made(NAME)
    assert client.post("/login/", {"username": person.email, "password": person.password}).status_code == 302


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were hashed."""
    hasher, hashed = type(get_hasher()), list[str]()
    encode = hasher.encode

    def counting(self: BasePasswordHasher, password: str, *given: Any) -> str:
        hashed.append(password)
        return str(encode(self, password, *given))

    monkeypatch.setattr(hasher, "encode", counting)
    return hashed


def test_a_name_that_is_there_and_one_that_is_not_cost_one_hash_each(root: User, hashes: list[str]) -> None:
    request = RequestFactory().get("/")
    for name in (root.username, "nobody@example.com"):
        hashes.clear()
        assert authenticate(request, username=name, password="Wrong-horse-1") is None
        assert hashes == ["Wrong-horse-1"], name


@pytest.mark.django_db
def test_the_command_makes_nobody_while_the_setting_is_off() -> None:
    with pytest.raises(ImproperlyConfigured, match="LOCAL_SUPERUSERS"):
        made("root")
    assert not User.objects.exists()


def test_it_is_reported_while_it_is_on(settings: Settings) -> None:
    settings.LOCAL_SUPERUSERS = True
    assert checks.W006 in checks.check_deployment(None)
    settings.LOCAL_SUPERUSERS = False
    assert checks.W006 not in checks.check_deployment(None)


@pytest.mark.parametrize(("value", "first"), [("on", BACKEND), ("off", "accounts.backends.CognitoBackend")])
def test_the_environment_says_whether_the_backend_is_there(
    monkeypatch: pytest.MonkeyPatch, value: str, first: str
) -> None:
    monkeypatch.setenv("LOCAL_SUPERUSERS", value)
    # As another process would read them.
    namespace = runpy.run_path("config/settings.py", run_name="config.settings")
    assert namespace["AUTHENTICATION_BACKENDS"][0] == first
