"""A site's file of environment variables: some of its values are set, the rest stays as somebody wrote it."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

from infra.errors import Misused, Refused

_POOL = "COGNITO_USER_POOL_ID"
_UNQUOTABLE = frozenset("'\"\\\n\r")


def read(path: Path) -> list[str]:
    """Return the lines of the file at ``path``, none where there is no file.

    Raises Misused for what could not be written there: a link, a directory, a place that does not exist.
    """
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise Misused(f"{path} is no plain file. The client's secret is written into a file of its owner's only.")
    if not os.access(path.parent, os.W_OK):
        raise Misused(f"Nothing can be written in {path.parent}.")
    try:
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    except (OSError, UnicodeDecodeError) as error:
        raise Misused(f"{path} cannot be read ({error}).") from error


def refuse_another_pool(path: Path, pool_id: str) -> None:
    """Raise Refused where the file at ``path`` is for another pool than ``pool_id``: a site would change pools.

    An empty ``pool_id`` stands for a pool that is not made yet. Raises Misused as ``read`` does.
    """
    for line in read(path):
        found = _assignment(_POOL).match(line)
        named = found["value"].strip().strip("'\"") if found else ""
        if named and named != pool_id:
            raise Refused(
                f"{path} is for the pool {named}, and this stack has {pool_id or 'one of its own'}. Name another file, "
                f"or delete the line {_POOL} there first."
            )


def merge(path: Path, variables: Mapping[str, str]) -> None:
    """Set ``variables`` in the file at ``path``, where they stand or at its end, and leave the other lines alone.

    A line that exports its variable goes on doing so. The file is readable by its owner only, and complete or as it was
    before. Raises Refused for another pool's file and for a value that such a file cannot hold, Misused as ``read``
    does.
    """
    refuse_another_pool(path, variables.get(_POOL, ""))
    lines = read(path)
    for name, value in variables.items():
        if _UNQUOTABLE & set(value) or value.startswith("$"):
            raise Refused(f"{name} has a value that a file of variables cannot hold: no quote, backslash or first $.")
        found = {place: match for place, line in enumerate(lines) if (match := _assignment(name).match(line))}
        if found:
            first, *others = found
            lines[first] = f"{'export ' if found[first]['export'] else ''}{name}='{value}'"
            lines = [line for place, line in enumerate(lines) if place not in others]
        else:
            lines.append(f"{name}='{value}'")
    try:
        _replace(path, "".join(f"{line}\n" for line in lines))
    except OSError as error:
        raise Refused(f"{path} could not be written ({error}).") from error


def _assignment(name: str) -> re.Pattern[str]:
    """Return what a line that sets ``name`` looks like."""
    return re.compile(rf"\s*(?P<export>export\s+)?{name}\s*=(?P<value>.*)")


def _replace(path: Path, text: str) -> None:
    """Put a new file with ``text`` in the place of ``path``, mode 0600."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
