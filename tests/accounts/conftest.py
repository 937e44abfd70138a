"""Puts the site before another pool, or another view of the same one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_django import Settings

from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool

UsePool = Callable[..., LocalPool]


@pytest.fixture
def use_pool(cognito: FaultProxy, settings: Settings, monkeypatch: pytest.MonkeyPatch, db: None) -> UsePool:
    """Has the site sign people in with the given pool, with these changes of its `COGNITO` setting."""

    def use(pool: LocalPool, **changes: str) -> LocalPool:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, pool.env[name])
        settings.COGNITO = pool.cognito_setting(**{"ENDPOINT_URL": cognito.url, **changes})
        return pool

    return use
