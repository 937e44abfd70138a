"""What the tests of the profile share: its rows, and one change at a time."""

from __future__ import annotations

import re

from tests.checked_client import CheckedClient
from tests.markup import Page

PROFILE = "/account/profile/"
VERIFY = "/account/profile/verify/"
RESEND = "/account/profile/verify/resend/"
CANCEL = "/account/profile/verify/cancel/"
NUMBER = "+442079460888"
READ = "+44 20 7946 0888"  # as the pages write it


def fact(page: Page, attribute: str) -> str:
    """Return the words of one row of the profile."""
    return shown(page)[attribute]


def shown(page: Page) -> dict[str, str]:
    """Return the words of each row of the profile, by attribute."""
    rows = [element for element in page.all("li") if re.match(r"fact\b", element["class"])]
    return {row["id"]: " ".join(row.text.split()) for row in rows}


def change(client: CheckedClient, **values: str) -> Page:
    """Change one attribute, and return the page that follows."""
    ((attribute, value),) = values.items()
    response = client.post(PROFILE, {"attribute": attribute, attribute: value})
    return Page.of(response.content) if response.status_code == 200 else client.page(response.url.partition("#")[0])
