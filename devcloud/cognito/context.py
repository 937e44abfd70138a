"""The settings that the running local AWS was installed with."""

from __future__ import annotations

from devcloud.settings import Settings

_installed: list[Settings] = []


def use(settings: Settings) -> None:
    """Make ``settings`` the ones every operation works with; the latest call wins."""
    _installed[:] = [settings]


def settings() -> Settings:
    """Return the settings given to ``use``; raises LookupError before that."""
    if not _installed:
        raise LookupError("devcloud.cognito.install has not been called")
    return _installed[0]
