"""What can be changed in a Python file: one place at a time, as a piece of its text that is replaced by another."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from tests.mutation import operators
from tests.mutation.source import Source


@dataclass(frozen=True)
class Mutant:
    """One change of one file.

    `first` and `last` are the lines whose run decides which tests matter: those of the statement that is changed, or,
    where a file runs it only once, when it is imported, those of the function or class it belongs to, whose `name`
    tests may mention.
    """

    path: str
    line: int
    start: int
    end: int
    replacement: str
    before: str
    after: str
    first: int
    last: int
    imported: bool = False
    name: str = ""

    @property
    def place(self) -> str:
        """Where it is, as editors write it."""
        return f"{self.path}:{self.line}"

    def apply(self, source: bytes) -> bytes:
        """Return the file's text with the change made."""
        return source[: self.start] + self.replacement.encode() + source[self.end :]


@dataclass(frozen=True)
class Scope:
    """Where the walk is: in which statement's lines, whether a file runs them only at import, and in whose body."""

    first: int
    last: int
    imported: bool = True
    name: str = ""


def mutants_of(path: str, text: bytes) -> list[Mutant]:
    """Return every mutant of the file `path` with this `text`, in the order of its lines; each is a valid program."""
    source = Source(text)
    whole = Scope(1, text.count(b"\n") + 1)
    found: dict[tuple[int, int, str], Mutant] = {}
    for node, scope in walk(source.tree, whole):
        for (start, end), replacement in operators.changes(node, source, in_function=not scope.imported):
            mutant = made(path, source, scope, start, end, replacement)
            if mutant is not None:
                found.setdefault((start, end, replacement), mutant)
    return sorted(found.values(), key=lambda mutant: (mutant.line, mutant.start, mutant.end))


def made(path: str, source: Source, scope: Scope, start: int, end: int, replacement: str) -> Mutant | None:
    """Return the mutant, None for one that is no program or the same one."""
    changed = source.text[:start] + replacement.encode() + source.text[end:]
    try:
        if ast.dump(ast.parse(changed)) == source.meaning:
            return None
    except SyntaxError:
        return None
    before, after = source.lines_around(start, end, replacement)
    line = source.line_of(start)
    return Mutant(
        path, line, start, end, replacement, before, after, scope.first, scope.last, scope.imported, scope.name
    )


def walk(node: ast.AST, scope: Scope) -> Iterator[tuple[ast.AST, Scope]]:
    """Yield each node below `node` that may be changed, with its scope."""
    for child in operators.changeable_children(node):
        inner = scope_of(node, child, scope)
        yield child, inner
        yield from walk(child, inner)


def scope_of(parent: ast.AST, child: ast.AST, scope: Scope) -> Scope:
    """Return the scope of `child` of `parent`, which is in `scope`."""
    if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef) and child in parent.body:
        return Scope(*header(child), imported=False, name=parent.name)
    if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and scope.imported:
        return Scope(child.lineno, child.end_lineno or child.lineno, name=child.name)
    if isinstance(child, ast.stmt | ast.ExceptHandler) and not scope.imported:
        return Scope(*header(child), imported=False, name=scope.name)
    if isinstance(child, ast.Assign) and isinstance(parent, ast.Module) and isinstance(child.targets[0], ast.Name):
        return Scope(scope.first, scope.last, name=child.targets[0].id)
    return scope


def header(node: ast.AST) -> tuple[int, int]:
    """Return the first and last line of a statement, without the block it opens."""
    if not isinstance(node, ast.stmt | ast.ExceptHandler):
        raise TypeError(node)
    body = getattr(node, "body", None)
    last = node.end_lineno or node.lineno
    if isinstance(body, list) and body:
        # The first line inside counts too: a handler or a `try` has no line of its own that is run.
        last = body[0].lineno
    return node.lineno, last
