"""What `manage.py check` says of a configuration."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import CheckMessage
from pytest_django import Settings

from accounts import checks
from accounts.models import CameBy


def configured(settings: Settings, **changes: Any) -> list[CheckMessage]:
    settings.COGNITO = {**settings.COGNITO, **changes}
    return checks.check_configuration(None)


def deployed(settings: Settings) -> list[CheckMessage]:
    """Return what is said of settings in which everything is right, but for what the test has changed."""
    return checks.check_deployment(None)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The settings of a good deploy."""
    settings.SITE_URL = "https://latchkey.example"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://x"}}
    settings.COGNITO = {**settings.COGNITO, "ENDPOINT_URL": ""}
    settings.TRUSTED_PROXIES = 1
    return settings


def test_a_good_configuration_is_not_remarked_on(settings: Settings) -> None:
    assert configured(settings) == checks.check_sessions(None) == deployed(settings) == []


@pytest.mark.parametrize("name", ["USER_POOL_ID", "CLIENT_ID"])
def test_a_missing_pool_or_client_is_an_error(settings: Settings, name: str) -> None:
    assert configured(settings, **{name: ""}) == [checks.E001]


@pytest.mark.parametrize("name", ["IDENTITY_POOL_ID", "FILES_BUCKET"])
def test_half_of_what_files_need_is_an_error(settings: Settings, name: str) -> None:
    assert configured(settings, **{name: "eu-west-1:x"}) == [checks.E021]
    assert configured(settings, IDENTITY_POOL_ID="eu-west-1:x", FILES_BUCKET="files") == []


def test_files_of_no_size_are_an_error(settings: Settings) -> None:
    settings.FILES_MAX_MB = 0
    assert configured(settings) == [checks.E021]


def test_missing_keys_are_an_error(settings: Settings) -> None:
    settings.TOKEN_KEYS = []
    assert configured(settings) == [checks.E002]


def test_a_short_key_is_an_error(settings: Settings) -> None:
    settings.TOKEN_KEYS = ["x" * 32, "x" * 31]
    assert configured(settings) == [checks.E003]


@pytest.mark.parametrize(
    "engine",
    [
        "django.contrib.sessions.backends.signed_cookies",
        "django.contrib.sessions.backends.cache",
        # The package has the engine in it, and is none.
        "accounts.sessions",
    ],
)
def test_sessions_that_travel_or_vanish_are_an_error(settings: Settings, engine: str) -> None:
    settings.SESSION_ENGINE = engine
    assert checks.check_sessions(None) == [checks.E004]


def test_an_issuer_of_another_pool_is_an_error(settings: Settings) -> None:
    other = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Another12"
    assert configured(settings, ISSUER=other) == [checks.E005]


def test_a_region_of_another_pool_is_an_error(settings: Settings) -> None:
    assert configured(settings, REGION="us-east-1") == [checks.E008]


def test_a_region_that_is_derived_is_none(settings: Settings) -> None:
    assert configured(settings, REGION="") == []


def test_an_issuer_with_a_slash_at_its_end_is_an_error(settings: Settings) -> None:
    issuer = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Tested123"
    assert configured(settings, ISSUER=issuer) == []
    assert configured(settings, ISSUER=f"{issuer}/") == [checks.E009]


@pytest.mark.parametrize(
    "host",
    [
        "https://cognito-idp.us-east-1.amazonaws.com",
        "https://cognito-idp.eu-west-1.amazonaws.com.evil.example",
        "https://cognito-idp.eu-west-1.evil-amazonaws.com",
        "http://cognito-idp.eu-west-1.amazonaws.com",
        "https://s3.eu-west-1.amazonaws.com",
        "https://evil.example/cognito-idp.eu-west-1.amazonaws.com",
        "cognito-idp.eu-west-1.amazonaws.com",
        "https://[",
        "https://[cognito-idp.eu-west-1.amazonaws.com",
    ],
)
def test_an_issuer_of_another_host_is_an_error(settings: Settings, host: str) -> None:
    assert configured(settings, ISSUER=f"{host}/eu-west-1_Tested123") == [checks.E010]


@pytest.mark.parametrize(
    "host",
    [
        "cognito-idp-fips.eu-west-1.amazonaws.com",
        "cognito-idp.eu-west-1.api.aws",
        "cognito-idp.eu-west-1.amazonaws.com",
    ],
)
def test_an_address_of_cognito_is_no_other_host(settings: Settings, host: str) -> None:
    assert configured(settings, ISSUER=f"https://{host}/eu-west-1_Tested123") == []


def test_an_issuer_on_another_endpoint_may_be_any(settings: Settings) -> None:
    assert configured(settings, ENDPOINT_URL="http://x", ISSUER="http://x/eu-west-1_Tested123") == []


@pytest.mark.parametrize("name", ["SESSION_IDLE_AGE", "SESSION_COOKIE_AGE"])
def test_sessions_that_are_over_at_once_are_an_error(settings: Settings, name: str) -> None:
    setattr(settings, name, 0)
    assert checks.check_sessions(None) == [checks.E011]


@pytest.mark.parametrize(("installed", "found"), [("2.13.9", True), ("1.99", True), ("2.14.0", False), ("10.0", False)])
def test_an_old_pyjwt_is_an_error(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, installed: str, found: bool
) -> None:
    monkeypatch.setattr(checks, "version", {"PyJWT": installed}.__getitem__)
    assert deployed(settings) == [checks.E012] * found


def test_the_key_set_over_http_is_warned_of(settings: Settings) -> None:
    configured(settings, JWKS_URL="http://keys.example/jwks.json")
    assert deployed(settings) == [checks.W010]


def test_a_key_set_derived_from_an_http_issuer_is_warned_of(settings: Settings) -> None:
    configured(settings, ISSUER="http://keys.example/eu-west-1_Tested123")
    assert deployed(settings) == [checks.W010]


def test_the_key_set_over_https_is_not_warned_of(settings: Settings) -> None:
    configured(settings, JWKS_URL="https://keys.example/jwks.json")
    assert deployed(settings) == []


def test_every_host_name_is_warned_of(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["latchkey.example", "*"]
    assert deployed(settings) == [checks.W011]


def test_https_that_nobody_can_tell_of_is_warned_of(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 0
    assert deployed(settings) == [checks.W012]


def test_local_superusers_are_warned_of(settings: Settings) -> None:
    settings.LOCAL_SUPERUSERS = True
    assert deployed(settings) == [checks.W006]


@pytest.mark.parametrize("group", ["staff", "superusers"])
def test_a_default_group_that_grants_rights_is_an_error(settings: Settings, group: str) -> None:
    assert configured(settings, DEFAULT_GROUP=group) == [checks.E006]


def test_a_truncated_client_secret_is_an_error(settings: Settings) -> None:
    assert configured(settings, CLIENT_SECRET="cut-off") == [checks.E007]


def test_a_client_without_a_secret_is_none(settings: Settings) -> None:
    assert configured(settings, CLIENT_SECRET="") == []


def test_a_backend_for_local_passwords_is_warned_of(settings: Settings) -> None:
    settings.AUTHENTICATION_BACKENDS = [
        *settings.AUTHENTICATION_BACKENDS,
        "django.contrib.auth.backends.ModelBackend",
    ]
    assert checks.W001 in configured(settings)


def test_a_site_without_tls_is_warned_of(settings: Settings) -> None:
    settings.SITE_URL, settings.TRUSTED_PROXIES = "http://latchkey.example", 0
    assert deployed(settings) == [checks.W002]


def test_a_cache_of_ones_own_is_warned_of(settings: Settings) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    assert deployed(settings) == [checks.W003]


@pytest.mark.parametrize(
    "backend", ["dummy.DummyCache", "filebased.FileBasedCache", "db.DatabaseCache", "memcached.PyMemcacheCache"]
)
def test_a_cache_that_cannot_count_is_warned_of(settings: Settings, backend: str) -> None:
    settings.CACHES = {"default": {"BACKEND": f"django.core.cache.backends.{backend}"}}
    assert deployed(settings) == [checks.W007]


def test_a_single_thread_is_warned_of(settings: Settings) -> None:
    settings.WEB_THREADS = 1
    assert deployed(settings) == [checks.W008]


def test_another_endpoint_is_warned_of(settings: Settings) -> None:
    settings.COGNITO = {**settings.COGNITO, "ENDPOINT_URL": "http://127.0.0.1:4566"}
    assert deployed(settings) == [checks.W004]


def test_a_talkative_botocore_is_warned_of(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="botocore"):
        assert deployed(settings) == [checks.W005]


@pytest.mark.parametrize("message", [value for name, value in vars(checks).items() if name[1:].isdecimal()])
def test_every_message_says_what_to_do(message: Any) -> None:
    assert message.hint
    assert message.id.startswith("accounts.")


@pytest.mark.parametrize(("registration", "said"), [("self", []), ("admin", [checks.E014]), ("closed", [])])
def test_codes_that_the_site_has_to_mail_need_a_mail_server(
    settings: Settings, registration: str, said: list[CheckMessage]
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    assert configured(settings, REGISTRATION=registration) == said
    assert configured(settings, REGISTRATION=registration, SIGN_IN_WITH="username_email") == said
    assert configured(settings, REGISTRATION=registration, SIGN_IN_WITH="phone") == []
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert configured(settings, REGISTRATION=registration) == []


@pytest.fixture
def no_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without an AWS key, whose home is the directory that is returned."""
    for name in (*checks.KEY_VARIABLES, *checks.KEY_FILES):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


ACTS = [{"REGISTRATION": "admin"}, {"DEFAULT_GROUP": "members"}, {"AUTH_FLOW": "ADMIN_USER_PASSWORD_AUTH"}]


@pytest.mark.parametrize("changes", ACTS)
def test_acting_on_people_without_a_key_in_sight_is_warned_of(
    settings: Settings, no_key: Path, changes: dict[str, str]
) -> None:
    settings.COGNITO = {**settings.COGNITO, **changes}
    assert deployed(settings) == [checks.W014]


def test_who_only_signs_people_in_needs_no_key(settings: Settings, no_key: Path) -> None:
    assert deployed(settings) == []


@pytest.mark.parametrize("variable", checks.KEY_VARIABLES)
def test_a_key_in_the_environment_is_seen(
    settings: Settings, no_key: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    settings.COGNITO = {**settings.COGNITO, "REGISTRATION": "admin"}
    monkeypatch.setenv(variable, "something")
    assert deployed(settings) == []


@pytest.mark.parametrize("usual", checks.KEY_FILES.values())
def test_a_file_of_keys_is_seen(settings: Settings, no_key: Path, usual: str) -> None:
    settings.COGNITO = {**settings.COGNITO, "REGISTRATION": "admin"}
    file = no_key / usual.removeprefix("~/")
    file.parent.mkdir()
    file.write_text("")
    assert deployed(settings) == []


DOMAIN = "https://accounts-example.auth.eu-west-1.amazoncognito.com"


@pytest.mark.parametrize("domain", [DOMAIN, f"{DOMAIN}/", "https://auth.example.com"])
def test_a_domain_and_its_providers_are_fine(settings: Settings, domain: str) -> None:
    providers = ["Google", "Acme=Acme staff", "COGNITO=Our page"]
    assert configured(settings, DOMAIN=domain, PROVIDERS=providers) == []


@pytest.mark.parametrize(
    "domain",
    ["http://auth.example.com", "auth.example.com", f"{DOMAIN}/login", f"{DOMAIN}?x", "https://", "https://[x"],
)
def test_what_is_no_domain_is_an_error(settings: Settings, domain: str) -> None:
    assert configured(settings, DOMAIN=domain) == [checks.E030]


def test_a_local_domain_is_fine_with_a_local_server(settings: Settings) -> None:
    assert configured(settings, DOMAIN="http://localhost:4566", ENDPOINT_URL="http://localhost:4566") == []


def test_providers_without_a_domain_are_an_error(settings: Settings) -> None:
    assert configured(settings, PROVIDERS=["Google"]) == [checks.E031]


@pytest.mark.parametrize(
    "providers",
    [["Google", "Google=Other"], ["=Label"], ["a/b"], ["_x"], ["x" * 33], ["two words"], ["password"], ["choice"]],
)
def test_what_is_no_provider_is_an_error(settings: Settings, providers: list[str]) -> None:
    assert configured(settings, DOMAIN=DOMAIN, PROVIDERS=providers) == [checks.E032]


def test_our_own_ways_in_are_all_named() -> None:
    assert set(CameBy) == checks.OWN_WAYS_IN
