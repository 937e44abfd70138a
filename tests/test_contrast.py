"""Text and controls stand out from what they lie on, in both colour schemes (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contrast import contrast, schemes

TOKENS = Path("static/css/tokens.css")
GROUNDS = ("bg", "surface", "sunken")
TEXT = [
    *[(colour, ground) for colour in ("text", "muted") for ground in GROUNDS],
    *[(colour, ground) for colour in ("accent", "accent-hover", "danger") for ground in ("bg", "surface")],
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    *[(kind, f"{kind}-bg") for kind in ("danger", "success", "warning", "info")],
    *[("text", f"{kind}-bg") for kind in ("danger", "success", "warning", "info")],
]
CONTROLS = [(colour, ground) for colour in ("field", "focus", "accent", "danger") for ground in ("bg", "surface")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("colour", "ground"), TEXT)
def test_text_stands_out(scheme: str, colour: str, ground: str) -> None:
    tokens = schemes(TOKENS.read_text())[scheme]
    assert contrast(tokens[colour], tokens[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("colour", "ground"), CONTROLS)
def test_controls_and_focus_stand_out(scheme: str, colour: str, ground: str) -> None:
    tokens = schemes(TOKENS.read_text())[scheme]
    assert contrast(tokens[colour], tokens[ground]) >= 3


def test_the_schemes_differ() -> None:
    found = schemes(TOKENS.read_text())
    assert found["light"]["bg"] != found["dark"]["bg"]


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
