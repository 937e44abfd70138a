"""What `manage.py check` says of how the company is shown: each setting once right, once wrong."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import checks as django_checks
from pytest_django import Settings

from accounts import brand_checks
from accounts.forms.fields import LONGEST_CODE, SHORTEST_CODE


def test_the_defaults_are_not_remarked_on() -> None:
    assert brand_checks.check_brand(None) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BRAND_ACCENT", "#1F7A3F"),
        ("BRAND_LOGO_DARK", "img/latchkey.svg"),
        ("SITE_NAME", "Ärzte & Söhne (UK)"),
        ("SUPPORT_URL", "https://acme.example/help"),
        ("SUPPORT_EMAIL", "help@acme.example"),
        ("DISPLAY_TIME_ZONE", "Europe/London"),
        ("CODE_LENGTH", 0),
        ("SIGN_IN_CODE_LENGTH", 10),
    ],
)
def test_what_is_right_is_not_remarked_on(settings: Settings, name: str, value: Any) -> None:
    setattr(settings, name, value)
    assert brand_checks.check_brand(None) == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        *[("BRAND_ACCENT", value, brand_checks.E040) for value in ("", "red", "#fff", "#12345g", "#14566e;")],
        ("BRAND_LOGO", "img/nowhere.svg", brand_checks.E041),
        ("BRAND_LOGO", "css/site.css", brand_checks.E041),
        ("BRAND_LOGO", "../manage.py.svg", brand_checks.E041),
        ("BRAND_LOGO_DARK", "/etc/passwd.png", brand_checks.E041),
        ("DISPLAY_TIME_ZONE", "Mars/Olympus", brand_checks.E042),
        ("DISPLAY_TIME_ZONE", "../../etc/passwd", brand_checks.E042),
        *[("SITE_NAME", value, brand_checks.E043) for value in ("", "A:B", 'A"B', "A\nB", "A<B>", "A\\B")],
        ("SUPPORT_URL", "javascript:alert(1)", brand_checks.E044),
        ("SUPPORT_URL", "acme.example/help", brand_checks.E044),
        ("SUPPORT_URL", "https://", brand_checks.E044),
        ("SUPPORT_URL", "https:///help", brand_checks.E044),
        ("TERMS_URL", "https://[", brand_checks.E044),
        ("PRIVACY_URL", "data:text/html,x", brand_checks.E044),
        ("SUPPORT_EMAIL", "help", brand_checks.E044),
        ("CODE_LENGTH", 3, brand_checks.E045),
        ("SIGN_IN_CODE_LENGTH", 11, brand_checks.E045),
    ],
)
def test_what_is_wrong_is_an_error(settings: Settings, name: str, value: Any, said: django_checks.Error) -> None:
    setattr(settings, name, value)
    assert brand_checks.check_brand(None) == [said]


def test_the_lengths_are_those_that_the_field_takes() -> None:
    assert {0, *range(SHORTEST_CODE, LONGEST_CODE + 1)} == brand_checks.CODE_LENGTHS


def test_a_site_without_a_contact_is_warned_of_when_it_is_deployed(settings: Settings) -> None:
    assert brand_checks.check_contact(None) == [brand_checks.W040]
    settings.SUPPORT_URL = "https://acme.example/help"
    assert brand_checks.check_contact(None) == []


def test_the_checks_are_registered() -> None:
    registry = django_checks.registry.registry
    always, deployed = ([str(check) for check in registry.get_checks(deploy)] for deploy in (False, True))
    assert any("check_brand" in name for name in always)
    assert any("check_contact" in name for name in deployed)
    assert not any("check_contact" in name for name in always)
