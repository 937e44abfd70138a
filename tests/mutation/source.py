"""A Python file's text, and where the nodes of its syntax tree stand in it. Offsets count bytes, as `ast` does."""

from __future__ import annotations

import ast
from functools import cached_property
from itertools import accumulate

Span = tuple[int, int]


class Source:
    """The text of one file."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.tree = ast.parse(text)
        self._starts = [0, *accumulate(len(line) for line in text.splitlines(keepends=True))]

    @cached_property
    def meaning(self) -> str:
        """The syntax tree written out, without where its nodes stand: two texts with the same do the same."""
        return ast.dump(self.tree)

    def span(self, node: ast.AST) -> Span:
        """Return where `node` begins and ends; parentheses around an expression do not belong to it."""
        place = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
        line, column, last_line, last_column = place
        return self._starts[line - 1] + column, self._starts[last_line - 1] + last_column

    def read(self, span: Span) -> str:
        """Return the text of a span."""
        return self.text[span[0] : span[1]].decode()

    def code(self, node: ast.AST) -> str:
        """Return the text of a node."""
        return self.read(self.span(node))

    def line_of(self, offset: int) -> int:
        """Return the number of the line that `offset` is in, counted from 1."""
        return self.text.count(b"\n", 0, offset) + 1

    def lines_around(self, start: int, end: int, replacement: str) -> tuple[str, str]:
        """Return the whole lines from `start` to `end` as they are and with `replacement`, on one line each."""
        first = self.text.rfind(b"\n", 0, start) + 1
        last = self.text.find(b"\n", end)
        last = len(self.text) if last == -1 else last
        before = self.read((first, last))
        after = self.read((first, start)) + replacement + self.read((end, last))
        return " ".join(before.split()), " ".join(after.split())
