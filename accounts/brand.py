"""The company's one colour, made into the four of each scheme so that every pair of them can be read.

The colour is moved in OKLCH, where equal steps look equal: https://www.w3.org/TR/css-color-4/#ok-lab
Contrast is WCAG's: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
"""

import hashlib
import math
import re
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

DEFAULT_ACCENT = "#14566e"
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")

WHITE, DARK_GROUND = "#ffffff", "#282623"
LIGHT_CONTRAST, DARK_CONTRAST = 5.5, 7.0
STEP, CHROMA_STEP = 0.005, 0.002
TOLERANCE = 1e-4  # of a channel, for what rounding makes of a colour at the edge of sRGB


@dataclass(frozen=True)
class Oklch:
    """A colour by lightness (0 to 1), chroma and hue (radians)."""

    lightness: float
    chroma: float
    hue: float

    def at(self, lightness: float, most_chroma: float = math.inf) -> "Oklch":
        """Return the same hue at ``lightness``, no more colourful than ``most_chroma``."""
        return Oklch(lightness, min(self.chroma, most_chroma), self.hue)


@dataclass(frozen=True)
class Accents:
    """The four colours of one scheme, each as #rrggbb."""

    accent: str
    strong: str
    tint: str
    on: str


def channels(colour: str) -> tuple[float, float, float]:
    """Return red, green and blue of ``colour`` (#rrggbb) as amounts of light, 0 to 1."""
    values = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values)
    return red, green, blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    red, green, blue = zip(channels(one), channels(other), strict=True)
    first, second = (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05 for r, g, b in zip(red, green, blue, strict=True))
    return max(first, second) / min(first, second)


def to_oklch(colour: str) -> Oklch:
    """Return ``colour`` (#rrggbb) as lightness, chroma and hue."""
    red, green, blue = channels(colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return Oklch(lightness, math.hypot(a, b), math.atan2(b, a))


def to_light(colour: Oklch) -> tuple[float, float, float]:
    """Return red, green and blue of ``colour`` as amounts of light, outside of 0 to 1 where no screen shows it."""
    a, b = colour.chroma * math.cos(colour.hue), colour.chroma * math.sin(colour.hue)
    long = (colour.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (colour.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (colour.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def to_hex(colour: Oklch) -> str:
    """Return ``colour`` as #rrggbb, less colourful where sRGB has it not."""
    light = to_light(colour)
    while colour.chroma > 0 and not all(-TOLERANCE <= amount <= 1 + TOLERANCE for amount in light):
        colour = colour.at(colour.lightness, max(0.0, colour.chroma - CHROMA_STEP))
        light = to_light(colour)
    return "#" + "".join(f"{round(255 * encoded(amount)):02x}" for amount in light)


def encoded(amount: float) -> float:
    """Return an amount of light as a channel of sRGB, 0 to 1."""
    amount = min(1.0, max(0.0, amount))
    return 12.92 * amount if amount <= 0.0031308 else 1.055 * amount ** (1 / 2.4) - 0.055


def light_accents(colour: str) -> Accents:
    """Return the four colours for light pages: dark enough for white text on them and for text on any ground."""
    base = to_oklch(colour)
    accent = base
    while contrast(to_hex(accent), WHITE) < LIGHT_CONTRAST:
        accent = accent.at(accent.lightness - STEP)
    return Accents(
        to_hex(accent), to_hex(accent.at(max(0.0, accent.lightness - 0.07))), to_hex(base.at(0.953, 0.016)), WHITE
    )


def dark_accents(colour: str) -> Accents:
    """Return the four colours for dark pages: light enough to be text there, and to carry near-black."""
    base = to_oklch(colour)
    accent = base.at(max(base.lightness, 0.74), 0.15)
    while contrast(to_hex(accent), DARK_GROUND) < DARK_CONTRAST:
        accent = accent.at(accent.lightness + STEP)
    return Accents(
        to_hex(accent),
        to_hex(accent.at(min(0.95, accent.lightness + 0.06))),
        to_hex(base.at(0.30, 0.04)),
        to_hex(base.at(0.20, 0.03)),
    )


@lru_cache
def stylesheet(colour: str) -> str:
    """Return the style sheet that puts ``colour`` in place of the default accent, "" where it is that or no colour."""
    if colour.lower() == DEFAULT_ACCENT or not COLOUR.fullmatch(colour):
        return ""
    light, dark = (declared(accents) for accents in (light_accents(colour.lower()), dark_accents(colour.lower())))
    return f":root{{{light}}}\n@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"


def declared(accents: Accents) -> str:
    """Return ``accents`` as the custom properties of static/css/tokens.css."""
    return (
        f"--accent:{accents.accent};--accent-strong:{accents.strong};"
        f"--accent-tint:{accents.tint};--on-accent:{accents.on}"
    )


def version(css: str) -> str:
    """Return eight hexadecimal digits that change with ``css``, so that browsers may keep it for good."""
    return hashlib.sha256(css.encode()).hexdigest()[:8]


@dataclass(frozen=True)
class Contact:
    """Whom people may ask: where a link leads ("" for nowhere), and its words."""

    href: str
    words: str


def contact() -> Contact | None:
    """Return the contact of SUPPORT_URL and SUPPORT_EMAIL, None where neither is set.

    The address is the words and the URL the link, where both are there.
    """
    url, email = settings.SUPPORT_URL, settings.SUPPORT_EMAIL
    if not url and not email:
        return None
    return Contact(url or f"mailto:{email}", email or url.partition("://")[2].rstrip("/"))
