"""The page that came before the browser had told its time zone is put right by a script, in the site's own words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.browser.conftest import Visit, Visitor
from tests.checked_client import CheckedClient


def said(visitor: Visitor, of: str) -> list[str]:
    """Return the words of the moments on the page."""
    return visitor.page.locator(f"main time{of}").all_text_contents()


@pytest.mark.parametrize("language", ["en-US", "de-DE", "fr-FR"])
def test_the_first_page_is_put_right_in_the_words_of_the_next(
    visit: Visit, signed_in: CheckedClient, language: str
) -> None:
    # Where another day has begun, or has not.
    zone = "Pacific/Kiritimati" if datetime.now(UTC).hour >= 11 else "Pacific/Pago_Pago"
    plain = visit(javascript=False, timezone_id=zone, locale=language)
    plain.be(signed_in)
    plain.go("/account/sessions/")
    visitor = visit(timezone_id=zone, locale=language)
    visitor.be(signed_in)
    visitor.go("/account/sessions/")
    dates, moments, clocks = (said(visitor, of) for of in ("[data-day]", ".at", ":not(.at)"))
    assert dates
    assert dates != said(plain, "[data-day]")
    assert clocks
    assert clocks == said(plain, ":not(.at)")
    visitor.page.reload()
    assert said(visitor, ".at") == moments
    assert said(visitor, ":not(.at)") != clocks
