"""Chromium before the running site. Every page that is looked at has to be clean: words, colours, sizes, console."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test.testcases import LiveServerThread, QuietWSGIRequestHandler
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts import passkey_offer
from tests.browser.inspection import faults_from_all_sides, faults_of
from tests.checked_client import CheckedClient
from tests.chromium import CHROMIUM
from tests.local_pool import LocalPool

# What Chromium itself has to say of the Clear-Site-Data header, which it honours over TLS only.
EXPECTED = ("Clear-Site-Data",)

expect.set_options(timeout=10_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives a browser."""
    for item in items:
        if "tests/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Launch the Chromium of the system."""
    if not CHROMIUM:
        pytest.skip("There is no Chromium; CHROMIUM says where it is")
    arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": arguments}


def server_at(door: socket.socket) -> type[ThreadedWSGIServer]:
    """Return Django's server of tests, on a socket that listens already, instead of on one of its own."""

    class Server(ThreadedWSGIServer):
        def server_bind(self) -> None:
            self.socket.close()
            self.socket = door.dup()
            self.server_name, self.server_port = door.getsockname()
            self.setup_environ()

    return Server


@pytest.fixture(scope="session")
def live_server(site_door: socket.socket, site_port: int, django_db_setup: None) -> Iterator[LiveServer]:
    """The site, at the address the local AWS knows.

    The test database comes first: of one that is still to be made, Django cannot tell that it is a file, and gives the
    server's threads the connection of the tests.
    """
    with pytest.MonkeyPatch.context() as monkeypatch:
        # Head and body of an answer go out apart, and the second would wait 40 ms for the first to be acknowledged.
        monkeypatch.setattr(QuietWSGIRequestHandler, "disable_nagle_algorithm", True)
        monkeypatch.setattr(LiveServerThread, "server_class", server_at(site_door))
        server = LiveServer(f"localhost:{site_port}")
        yield server
        server.stop()


@pytest.fixture
def site(live_server: LiveServer, pool: LocalPool, settings: Settings) -> str:
    """The address of the site, which signs people in with the local pool."""
    settings.SITE_URL = live_server.url
    settings.DEVCLOUD_OUTBOX = pool.outbox
    return live_server.url


@pytest.fixture
def offered() -> None:
    """Asked for by tests in which people are offered a passkey after they have signed in."""


@pytest.fixture(autouse=True)
def _in_at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "offered" not in request.fixturenames:
        monkeypatch.setattr(passkey_offer, "is_due", lambda *_: False)


@dataclass
class Visitor:
    """Somebody with a browser, who notices what is wrong with a page."""

    page: Page
    site: str
    pool: LocalPool
    javascript: bool = True
    width: int = 1280
    noises: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Write down whatever the console or a script has to say, policy reports among it."""
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.noises.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if not any(expected in message.text for expected in EXPECTED):
            self.noises.append(f"{message.type}: {message.text} ({self.page.url})")

    def go(self, path: str) -> None:
        """Open a page."""
        self.page.goto(f"{self.site}{path}")

    def look(self, name: str, *, but: str = "") -> None:
        """Take a page in: nothing on it may be wrong, but for the rule of axe that is named."""
        self.seen.append(name)
        self.page.wait_for_load_state()
        found = faults_of(self.page, width=self.width, javascript=self.javascript)
        faults = [fault for fault in found if not but or not fault.startswith(but)]
        assert faults == [], f"{name} ({self.page.url}): {faults}"

    def examine(self, name: str, says: str, *, status: int = 200) -> None:
        """Take in a page that says `says`, from all sides: wide and narrow, light and dark.

        Chromium tells its console itself of a page whose `status` is that of an error.
        """
        self.seen.append(name)
        self.page.wait_for_load_state()
        expect(self.page.get_by_text(says).filter(visible=True).first, name).to_be_visible()
        faults = faults_from_all_sides(self.page)
        own = f"the server responded with a status of {status} "
        noises = [noise for noise in self.noises if own not in noise]
        self.noises.clear()
        assert (faults, noises) == ([], []), f"{name} ({self.page.url}): {faults} {noises}"

    def be(self, client: CheckedClient) -> None:
        """Go on as whoever is signed in with another browser."""
        cookies = [(cookie.key, cookie.value) for cookie in client.cookies.values()]
        self.page.context.clear_cookies()
        self.page.context.add_cookies([{"name": name, "value": value, "url": self.site} for name, value in cookies])

    def fill(self, **fields: str) -> None:
        """Type into the fields with these names."""
        for name, value in fields.items():
            self.page.fill(f"main #id_{name}", value)

    def press(self, name: str) -> None:
        """Press the button of that name in the main part of the page."""
        self.page.get_by_role("main").get_by_role("button", name=name, exact=True).click()

    def send(self, button: str, **fields: str) -> None:
        """Type into the fields with these names, and press the button."""
        self.fill(**fields)
        self.press(button)

    def sign_in(self, email: str, password: str) -> None:
        """Sign in at the sign-in page."""
        self.go("/login/")
        self.send("Sign in", username=email, password=password)

    def leave(self) -> None:
        """Sign out."""
        self.page.get_by_role("banner").locator("summary").click()
        self.page.get_by_role("banner").get_by_role("button", name="Sign out").click()


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(browser: Browser, site: str, pool: LocalPool) -> Iterator[Visit]:
    """Opens a browser window of a certain kind; at the end of the test its console must have been silent."""
    visitors: list[Visitor] = []

    def open_(*, width: int = 1280, javascript: bool = True, **options: Any) -> Visitor:
        options = {"reduced_motion": "reduce", "viewport": {"width": width, "height": 800}, **options}
        context = browser.new_context(java_script_enabled=javascript, **options)
        context.set_default_timeout(10_000)
        visitor = Visitor(context.new_page(), site, pool, javascript, width)
        visitor.listen()
        visitors.append(visitor)
        return visitor

    yield open_
    for visitor in visitors:
        visitor.page.context.close()
    assert [noise for visitor in visitors for noise in visitor.noises] == []
