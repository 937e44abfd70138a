"""Computes the contrast of colour pairs as WCAG 2.2 defines it, from the custom properties of a style sheet."""

from __future__ import annotations

import re

# https://www.w3.org/TR/WCAG22/#dfn-relative-luminance
PROPERTY = re.compile(r"--([\w-]+)\s*:\s*(#[0-9a-fA-F]{3,6})\b")
DARK = re.compile(r"@media[^{]*prefers-color-scheme:\s*dark[^{]*\{")


def schemes(css: str) -> dict[str, dict[str, str]]:
    """Return the colours of a style sheet by scheme: {"light": {"text": "#16202c", ...}, "dark": {...}}."""
    dark_blocks = [_block(css, match.end()) for match in DARK.finditer(css)]
    light_css = css
    for block in dark_blocks:
        light_css = light_css.replace(block, "")
    light = dict(PROPERTY.findall(light_css))
    return {"light": light, "dark": {**light, **dict(PROPERTY.findall("".join(dark_blocks)))}}


def _block(css: str, start: int) -> str:
    depth = 1
    for end in range(start, len(css)):
        depth += {"{": 1, "}": -1}.get(css[end], 0)
        if depth == 0:
            return css[start:end]
    raise ValueError("a media query without its closing brace")


def luminance(colour: str) -> float:
    """Return the relative luminance, 0 to 1, of `#rgb` or `#rrggbb`."""
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    channels = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)
