"""The local AWS that tests talk to: one for each test process, started when a test first asks for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from devcloud.start import LocalAWS, free_port


@pytest.fixture(scope="session")
def site_origin() -> str:
    """Return the origin the site has in tests; passkeys belong to it."""
    return f"http://localhost:{free_port()}"


@pytest.fixture(scope="session")
def local_aws(tmp_path_factory: pytest.TempPathFactory, site_origin: str) -> Iterator[LocalAWS]:
    """Start a local AWS in a directory of its own, with the template deployed, and stop it after the last test."""
    with LocalAWS.start(tmp_path_factory.mktemp("var") / "devcloud", origin=site_origin) as started:
        yield started
