"""One of each gateway per process, and everything the settings say of the pool in one object."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from pytest_django import Settings

from accounts import conf


def test_a_burst_of_first_sign_ins_builds_one_client() -> None:
    conf.reset(setting="COGNITO")
    with ThreadPoolExecutor(8) as threads:
        gateways = set(threads.map(lambda _: id(conf.authentication()), range(16)))
    assert len(gateways) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SIGN_IN_WITH", "username"),
        ("REGISTRATION", "closed"),
        ("DEFAULT_GROUP", "newcomers"),
        ("STAFF_GROUP", "clerks"),
        ("SUPERUSER_GROUP", "owners"),
        ("AUTH_FLOW", "USER_SRP_AUTH"),
        ("USER_POOL_ID", "eu-west-1_Another12"),
        ("CLIENT_ID", "another"),
        ("CLIENT_SECRET", "another"),
        ("ISSUER", "https://issuer.example/pool"),
        ("JWKS_URL", "https://keys.example/"),
        ("REGION", "eu-central-1"),
        ("ENDPOINT_URL", "https://cognito.example"),
    ],
)
def test_every_value_of_the_setting_stands_on_the_configuration(settings: Settings, name: str, value: str) -> None:
    settings.COGNITO = {**settings.COGNITO, name: value}
    assert getattr(conf.config(), name.lower()) == value


def test_no_value_of_the_setting_is_left_out(settings: Settings) -> None:
    asked: set[str] = set()

    class Asked(dict[str, Any]):
        def __getitem__(self, name: str) -> Any:
            asked.add(name)
            return super().__getitem__(name)

    settings.COGNITO = Asked(settings.COGNITO)
    conf.config()
    assert asked == set(settings.COGNITO)


def test_nobody_changes_the_configuration() -> None:
    with pytest.raises(FrozenInstanceError):
        conf.config().staff_group = "everybody"  # type: ignore[misc]
