"""Reading environment variables, with errors that name the variable, its value and the remedy."""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()
# A value may start with "$" when the dollar is escaped; otherwise it names another variable.
env.escape_proxy = True


def read(path: Path) -> None:
    """Take the variables in the file at ``path``, if there is one. Those already set in the environment win."""
    if path.is_file():
        env.read_env(path)


def text(name: str, default: str = "") -> str:
    """Return the variable ``name`` without surrounding space; an empty one counts as not set."""
    return str(env.str(name, default="")).strip() or default


def flag(name: str, default: bool = False) -> bool:
    """Return the variable ``name`` as a bool. Raises ImproperlyConfigured for anything but on/off and their like."""
    value = text(name).lower()
    if value in {"on", "true", "yes", "1"}:
        return True
    if value in {"off", "false", "no", "0"}:
        return False
    if value:
        raise ImproperlyConfigured(f"{name} is {value!r}. Set it to on or off.")
    return default


def number(name: str, default: int) -> int:
    """Return the variable ``name`` as a whole number, 0 or more. Raises ImproperlyConfigured for anything else."""
    value = text(name)
    if not value:
        return default
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} is {value!r}. Set it to a whole number, such as {default}.")
    return int(value)


def listing(name: str) -> list[str]:
    """Return the comma-separated items of the variable ``name``, without space around them."""
    return [item.strip() for item in text(name).split(",") if item.strip()]


def choice(name: str, options: tuple[str, ...]) -> str:
    """Return the variable ``name``, by default the first of ``options``. Raises ImproperlyConfigured for another."""
    value = text(name, options[0])
    if value not in options:
        raise ImproperlyConfigured(f"{name} is {value!r}. Set it to one of: {', '.join(options)}.")
    return value
