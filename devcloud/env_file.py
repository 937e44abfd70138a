"""Files of environment variables, readable by their owner only."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from devcloud.errors import UnreadableEnvFile

_LINE = re.compile(r"""^([A-Z][A-Z0-9_]*)=(?:"([^"]*)"|'([^']*)'|([^\s"']*))$""")


def read(path: Path) -> dict[str, str]:
    """Return the variables of ``path``; a file that does not exist holds none. Raises UnreadableEnvFile."""
    if not path.exists():
        return {}
    variables = {}
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.match(line)
        if match is None:
            raise UnreadableEnvFile(
                f"{path}, line {number} is not NAME=value. Correct it, or delete the file to have it made again."
            )
        name, double_quoted, single_quoted, bare = match.groups()
        variables[name] = double_quoted or single_quoted or bare or ""
    return variables


def write(path: Path, variables: Mapping[str, str]) -> None:
    """Replace ``path`` by one ``NAME='value'`` line for each variable, mode 0600.

    The file is complete or as it was before, never half-written. Raises ValueError for a value with a quote or a
    line break in it, and for one that django-environ would take as a reference because it starts with ``$``.
    """
    for name, value in variables.items():
        if any(character in value for character in "'\"\n\\") or value.startswith("$"):
            raise ValueError(f"{name} has a value that cannot be written down in an environment file")
    temporary = path.with_name(f"{path.name}.new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.writelines(f"{name}='{value}'\n" for name, value in variables.items())
    temporary.replace(path)
