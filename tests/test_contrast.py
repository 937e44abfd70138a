"""Text and controls stand out from what they lie on, in both colour schemes (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from tests.contrast import contrast, schemes

TOKENS = Path("static/css/tokens.css")
GROUNDS = ("canvas", "surface", "raised", "sunken")
TINTS = ("accent-tint", "success-tint", "warning-tint", "danger-tint")
TEXT = [
    *[(colour, ground) for colour in ("ink", "muted", "accent", "accent-strong") for ground in GROUNDS],
    *[("ink", ground) for ground in TINTS],
    ("muted", "accent-tint"),
    *[(kind, f"{kind}-tint") for kind in ("accent", "success", "warning", "danger")],
    *[(kind, ground) for kind in ("success", "warning", "danger") for ground in ("canvas", "surface")],
    *[("on-accent", ground) for ground in ("accent", "accent-strong")],
    *[("on-destroy", ground) for ground in ("destroy", "destroy-strong")],
]
CONTROLS = [
    *[(colour, ground) for colour in ("control", "accent", "danger") for ground in ("canvas", "surface", "raised")],
    ("control", "accent-tint"),
]
SHEETS = sorted(path for path in Path("static/css").glob("*.css") if path.name != "tokens.css")


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


# A QR code is read on white, whatever the scheme.
OWN_COLOURS = {"components.css": {"#ffffff"}}


@pytest.mark.parametrize("sheet", [TOKENS, *SHEETS], ids=lambda sheet: sheet.name)
def test_the_dark_scheme_changes_colours_and_shadows_alone(sheet: Path) -> None:
    """So that whatever else is wrong with a page is found in the light (tests/browser/inspection.py)."""
    rule = r"@media \(prefers-color-scheme: dark\) \{\n(.*?)^\}"
    declared = re.findall(r"([\w-]+): (.*?);", "".join(re.findall(rule, sheet.read_text(), re.DOTALL | re.MULTILINE)))
    colours = {name for name, value in declared if re.fullmatch(r"#[0-9a-f]{6}|rgb\([\d ./]+\)", value)}
    assert {name for name, _ in declared} - colours <= {"box-shadow", "--shadow-card", "--shadow-menu"}
    assert all(name.startswith("--") for name in colours)
    assert sheet != TOKENS or len(colours) > 15


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_colours_stand_in_one_place(sheet: Path) -> None:
    found = set(re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsl", sheet.read_text()))
    assert found == OWN_COLOURS.get(sheet.name, set())


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_token_that_is_used_is_defined(sheet: Path) -> None:
    defined = set(re.findall(r"(--[\w-]+):", TOKENS.read_text() + sheet.read_text()))
    assert set(re.findall(r"var\((--[\w-]+)\)", sheet.read_text())) - defined == set()


SMALL = 14_000  # bytes, compressed, of all that a page may load


def test_the_sheets_of_the_site_are_small() -> None:
    sheets = [path for path in Path("static/css").glob("*.css") if not path.name.startswith("admin")]
    assert sum(len(gzip.compress(path.read_bytes())) for path in sheets) < SMALL


def test_the_sheet_of_the_administration_is_small() -> None:
    assert len(gzip.compress(Path("static/css/admin.css").read_bytes())) < 4_000


def test_the_schemes_differ() -> None:
    found = schemes(TOKENS.read_text())
    assert found["light"]["canvas"] != found["dark"]["canvas"]


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
