"""The command line: `python -m tests.pictures`, or `make pictures`.

Starts the site on a local AWS of its own, on free ports and in a directory that goes with it, makes invented people,
walks through the pages with Chromium, and writes docs/pictures.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, FilePayload, sync_playwright

from devcloud.ports import free_port
from devcloud.site import ROOT, Site
from devcloud.start import LocalAWS
from tests.chromium import CHROMIUM
from tests.local_pool import LocalPool, Person
from tests.pictures.palette import small
from tests.pictures.people import Cast, invented
from tests.pictures.scenes import HEIGHTS, SCENES, Scene
from tests.second_factors import AuthenticatorApp

DIRECTORY = ROOT / "docs/pictures"
PHONE = 390
FILES = {"Invoice 2026-09.pdf": 251_000, "Invoice 2026-10.pdf": 248_000, "Lease.png": 1_900_000, "Notes.txt": 2_100}


@contextmanager
def running(directory: Path) -> Iterator[tuple[str, Cast]]:
    """Run site and local AWS in `directory`; yield the site's address and who looks at it."""
    port = free_port()
    origin = f"http://localhost:{port}"
    with LocalAWS.start(directory / "devcloud", origin=origin) as local_aws:
        variables = {**local_aws.env, "DATABASE_URL": f"sqlite:///{directory}/db.sqlite3", "SITE_URL": origin}
        site = Site(port, variables)
        site.migrate()
        site.start()
        try:
            cast = invented(LocalPool(local_aws))
            know_everybody(variables)
            yield origin, cast
        finally:
            site.stop()


def know_everybody(variables: Mapping[str, str]) -> None:
    """Have the site know the people of the pool, as cron does."""
    environment = {**os.environ, **variables, "DEBUG": "on"}
    subprocess.run([sys.executable, "manage.py", "sync_users"], cwd=ROOT, env=environment, check=True)


def window(browser: Browser, scene: Scene | None = None, state: Any = None) -> BrowserContext:
    """Open a window for `scene`, for somebody whose cookies are in `state`."""
    width = scene.width if scene else 1280
    return browser.new_context(
        viewport={"width": width, "height": HEIGHTS[width]},
        device_scale_factor=2 if width == PHONE else 1,
        color_scheme=scene.scheme if scene else "light",
        reduced_motion="reduce",
        locale="en-US",
        timezone_id="Europe/London",
        storage_state=state,
    )


def signed_in(browser: Browser, origin: str, person: Person, app: AuthenticatorApp | None) -> Any:
    """Sign `person` in, and return their cookies."""
    context = window(browser)
    page = context.new_page()
    page.goto(f"{origin}/login/")
    page.fill("#id_username", person.email)
    page.fill("#id_password", person.password)
    page.press("#id_password", "Enter")
    if app:
        page.fill("#id_code", app.code())
        page.press("#id_code", "Enter")
    page.wait_for_url(f"{origin}/account/**")
    page.goto(f"{origin}/account/")
    state = context.storage_state()
    context.close()
    return state


def upload(browser: Browser, origin: str, state: Any) -> None:
    """Fill the folder that is pictured."""
    context = window(browser, state=state)
    page = context.new_page()
    page.goto(f"{origin}/files/?in=Invoices/")
    sent = [FilePayload(name=name, mimeType="", buffer=b"-" * size) for name, size in FILES.items()]
    with page.expect_navigation():
        page.set_input_files("#id_files", sent)
    # The message that they were uploaded is shown once.
    page.goto(f"{origin}/files/")
    context.close()


def take(browser: Browser, origin: str, states: Mapping[str, Any]) -> None:
    """Take all pictures."""
    for scene in SCENES:
        context = window(browser, scene, states.get(scene.by))
        page = context.new_page()
        page.goto(f"{origin}{scene.path}")
        picture = small(page.screenshot())
        (DIRECTORY / scene.file).write_bytes(picture)
        print(f"{scene.file:32} {len(picture) // 1000:>4} kB", flush=True)
        context.close()


def walk(origin: str, cast: Cast) -> None:
    """Look at the site as everybody does, and write what is seen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        states = {
            "person": signed_in(browser, origin, cast.person, cast.app),
            "administrator": signed_in(browser, origin, cast.administrator, None),
        }
        upload(browser, origin, states["person"])
        take(browser, origin, states)
        browser.close()


def main() -> None:
    """Take the pictures, in the place of those that are there."""
    with tempfile.TemporaryDirectory() as directory, running(Path(directory)) as (origin, cast):
        for old in DIRECTORY.glob("*.png"):
            old.unlink()
        walk(origin, cast)


if __name__ == "__main__":
    main()
