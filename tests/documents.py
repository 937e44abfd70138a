"""The project's documents: where they are, and what they say."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/*.md", "docs/adr/*.md")
    for path in ROOT.glob(pattern)
)


def text_of(document: str) -> str:
    """Return what stands in a document, named by its path from the top of the project."""
    return (ROOT / document).read_text()


def code_in(text: str) -> list[str]:
    """Return what ``text`` sets as code: within a line, each on one line, and the lines of its blocks."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return [
        *(" ".join(found.split()) for found in re.findall(r"`([^`]+)`", rest)),
        *(line for block in blocks for line in block.splitlines()),
    ]


def anchors_of(text: str) -> set[str]:
    """Return the anchors of the headings of ``text``, as GitHub makes them."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    }
