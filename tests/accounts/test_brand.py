"""One colour, both schemes: whatever company's colour is set, everything can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from accounts import brand
from tests.contrast import contrast, schemes

TOKENS = schemes(Path("static/css/tokens.css").read_text())
COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)

# The colours of the default, a green, an orange, a violet, a yellow and a black, as they were drawn.
EXAMPLES = {
    "#14566e": "#14566e #014257 #e5f2f8 #7cb9d5 #8fcde8 #16323e #061921",
    "#1f7a3f": "#1b773c #03612c #e8f3ea #6fc484 #82d897 #1e3423 #0b1a0f",
    "#ff6a00": "#b04703 #913902 #f9ece7 #ff9767 #feb595 #3f271d #21110a",
    "#7c3aed": "#7c3aed #6919d4 #efeefa #b7a4fe #c9bdfe #2e2a40 #161322",
    "#ffd400": "#7d6701 #665404 #f3f0e4 #f8d553 #ffeba8 #342d15 #1a1606",
    "#111111": "#111111 #040404 #efefef #b1b1b1 #c4c4c4 #2e2e2e #161616",
}


@pytest.mark.parametrize(("colour", "made"), EXAMPLES.items())
def test_the_colours_of_the_examples_are_made_to_the_digit(colour: str, made: str) -> None:
    light, dark = brand.light_accents(colour), brand.dark_accents(colour)
    got = [light.accent, light.strong, light.tint, dark.accent, dark.strong, dark.tint, dark.on]
    assert (" ".join(got), light.on) == (made, "#ffffff")


def test_the_default_is_what_the_tokens_say() -> None:
    for scheme, made in (("light", brand.light_accents), ("dark", brand.dark_accents)):
        accents, tokens = made(brand.DEFAULT_ACCENT), TOKENS[scheme]
        assert [tokens[name] for name in ("accent", "accent-strong", "accent-tint", "on-accent")] == [
            accents.accent,
            accents.strong,
            accents.tint,
            accents.on,
        ]


@hypothesis_settings(max_examples=500, deadline=None, derandomize=True)
@given(COLOURS)
def test_any_colour_can_be_read_in_the_light(colour: str) -> None:
    made, tokens = brand.light_accents(colour), TOKENS["light"]
    assert contrast(made.accent, "#ffffff") >= 5.5
    assert contrast(made.strong, "#ffffff") >= 5.5
    assert min(contrast(made.accent, tokens[ground]) for ground in ("canvas", "raised", "sunken")) >= 4.5
    assert contrast(made.accent, made.tint) >= 4.5
    assert contrast(tokens["ink"], made.tint) >= 4.5
    assert contrast(tokens["muted"], made.tint) >= 4.5
    assert contrast(tokens["control"], made.tint) >= 3


@hypothesis_settings(max_examples=500, deadline=None, derandomize=True)
@given(COLOURS)
def test_any_colour_can_be_read_in_the_dark(colour: str) -> None:
    made, tokens = brand.dark_accents(colour), TOKENS["dark"]
    assert contrast(made.on, made.accent) >= 4.5
    assert contrast(made.on, made.strong) >= 4.5
    grounds = ("canvas", "surface", "raised", "sunken")
    assert min(contrast(made.accent, tokens[ground]) for ground in grounds) >= 4.5
    assert contrast(made.accent, made.tint) >= 4.5
    assert contrast(tokens["ink"], made.tint) >= 4.5
    assert contrast(tokens["muted"], made.tint) >= 4.5
    assert contrast(tokens["control"], made.tint) >= 3


@hypothesis_settings(max_examples=200, deadline=None, derandomize=True)
@given(COLOURS)
def test_contrast_is_reckoned_as_the_standard_does(colour: str) -> None:
    assert brand.contrast(colour, "#282623") == pytest.approx(contrast(colour, "#282623"))


def test_a_sheet_sets_the_four_colours_of_each_scheme_and_nothing_else() -> None:
    css = brand.stylesheet("#FF6A00")
    found = schemes(css)
    assert found["light"] == {
        "accent": "#b04703",
        "accent-strong": "#913902",
        "accent-tint": "#f9ece7",
        "on-accent": "#ffffff",
    }
    assert found["dark"]["accent"] == "#ff9767"
    assert set(re.findall(r"--[\w-]+", css)) == {"--accent", "--accent-strong", "--accent-tint", "--on-accent"}


@pytest.mark.parametrize("colour", [brand.DEFAULT_ACCENT, "#14566E", "", "red", "#fff", "#12345g", "#1234567", "}*{"])
def test_the_default_and_what_is_no_colour_need_no_sheet(colour: str) -> None:
    assert brand.stylesheet(colour) == ""


def test_each_colour_has_a_version_of_its_own() -> None:
    one, other = (brand.version(brand.stylesheet(colour)) for colour in ("#ff6a00", "#ff7a00"))
    assert one != other
    assert re.fullmatch("[0-9a-f]{8}", one)


@pytest.mark.parametrize(
    ("email", "url", "href", "words"),
    [
        ("help@acme.example", "", "mailto:help@acme.example", "help@acme.example"),
        ("", "https://acme.example/help/", "https://acme.example/help/", "acme.example/help"),
        ("help@acme.example", "https://acme.example/help", "https://acme.example/help", "help@acme.example"),
    ],
)
def test_the_url_is_the_link_and_the_address_the_words(
    settings: Settings, email: str, url: str, href: str, words: str
) -> None:
    settings.SUPPORT_EMAIL, settings.SUPPORT_URL = email, url
    assert brand.contact() == brand.Contact(href, words)


def test_where_nobody_is_named_there_is_no_contact() -> None:
    assert brand.contact() is None
