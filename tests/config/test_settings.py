"""The settings of a production deploy, read in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = dict(
    line.split("=", 1) for line in (ROOT / "tests/production.env").read_text().splitlines() if line[:1].isalpha()
)
SHOW = """
import json, sys
from django.conf import settings
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}, default=str))
"""


def run(code: str, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run `code` with the settings of a production environment, with these `changes`."""
    env = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": str(ROOT),
        **PRODUCTION,
        **changes,
    }
    command = [sys.executable, "-W", "error", "-c", code, *arguments]
    # Elsewhere than in the project: a developer's .env there is not a production deploy's.
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


def settings(*names: str, **changes: str) -> dict[str, Any]:
    done = run(SHOW, *names, **changes)
    assert done.returncode == 0, done.stderr
    shown: dict[str, Any] = json.loads(done.stdout)
    return shown


def test_the_cookies_of_an_https_site_are_bound_to_it() -> None:
    found = settings(
        "SESSION_COOKIE_NAME",
        "CSRF_COOKIE_NAME",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SESSION_COOKIE_HTTPONLY",
        "SESSION_COOKIE_SAMESITE",
        "SESSION_COOKIE_DOMAIN",
        "SESSION_COOKIE_PATH",
    )
    assert list(found.values()) == ["__Host-sessionid", "__Host-csrftoken", True, True, True, "Lax", None, "/"]


def test_an_https_site_stays_one() -> None:
    found = settings("SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS")
    assert (found["SECURE_SSL_REDIRECT"], found["SECURE_HSTS_INCLUDE_SUBDOMAINS"]) == (True, True)
    assert found["SECURE_HSTS_SECONDS"] >= 365 * 24 * 60 * 60


def test_no_script_reads_the_cookies() -> None:
    found = settings("CSRF_COOKIE_HTTPONLY", "SESSION_COOKIE_HTTPONLY")
    assert found == {"CSRF_COOKIE_HTTPONLY": True, "SESSION_COOKIE_HTTPONLY": True}


def test_debugging_is_off_unless_it_is_asked_for() -> None:
    assert settings("DEBUG") == {"DEBUG": False}


@pytest.mark.parametrize("name", ["SECRET_KEY"])
def test_a_missing_secret_is_told_by_its_name(name: str) -> None:
    done = run(SHOW, "DEBUG", **{name: ""})
    assert done.returncode == 1
    assert f"{name} is not set" in done.stderr


def test_a_mistyped_flow_is_told_with_the_choices() -> None:
    done = run(SHOW, "DEBUG", COGNITO_AUTH_FLOW="PASSWORD")
    assert done.returncode == 1
    assert "COGNITO_AUTH_FLOW is 'PASSWORD'" in done.stderr
    assert "USER_SRP_AUTH" in done.stderr


def test_no_other_host_is_answered() -> None:
    assert settings("ALLOWED_HOSTS", ALLOWED_HOSTS="") == {"ALLOWED_HOSTS": ["latchkey.example"]}


def test_a_forwarded_scheme_is_believed_behind_a_proxy_only() -> None:
    assert settings("SECURE_PROXY_SSL_HEADER", TRUSTED_PROXIES="0") == {"SECURE_PROXY_SSL_HEADER": None}
    assert settings("SECURE_PROXY_SSL_HEADER", TRUSTED_PROXIES="1")["SECURE_PROXY_SSL_HEADER"]


def test_there_is_no_inbox_without_debugging() -> None:
    assert settings("DEVCLOUD_OUTBOX", DEVCLOUD_OUTBOX="outbox.jsonl") == {"DEVCLOUD_OUTBOX": None}


def test_the_libraries_that_print_secrets_are_quiet() -> None:
    loggers = settings("LOGGING")["LOGGING"]["loggers"]
    assert [loggers[name]["level"] for name in ("botocore", "boto3", "urllib3")] == ["WARNING"] * 3


def test_production_writes_json() -> None:
    assert settings("LOGGING")["LOGGING"]["handlers"]["console"]["formatter"] == "json"


def test_cors_costs_nothing_where_no_origin_is_named() -> None:
    assert "corsheaders.middleware.CorsMiddleware" not in settings("MIDDLEWARE")["MIDDLEWARE"]
    found = settings("MIDDLEWARE", "CORS_ALLOWED_ORIGINS", API_CORS_ORIGINS="https://app.example.com")
    assert found["CORS_ALLOWED_ORIGINS"] == ["https://app.example.com"]
    names = found["MIDDLEWARE"]
    # Before what redirects: a browser takes no redirect for an answer to its first question.
    assert names.index("corsheaders.middleware.CorsMiddleware") < names.index(
        "django.middleware.security.SecurityMiddleware"
    )


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("", {}),
        ("?ssl_cert_reqs=required", {"ssl_cert_reqs": "required"}),
        ("?key_prefix=latchkey", {}),
        ("?socket_timeout=3", {"socket_timeout": 3}),
    ],
)
def test_a_redis_that_hangs_is_waited_for_a_second_whatever_else_is_set(query: str, options: dict[str, Any]) -> None:
    found = settings("CACHES", CACHE_URL=f"rediss://redis.example:6379/0{query}")["CACHES"]["default"]
    assert found["OPTIONS"] == {"socket_connect_timeout": 1, "socket_timeout": 1, **options}
