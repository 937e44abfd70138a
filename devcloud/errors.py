"""Why a command of this package gives up; each message says what to do about it."""

from __future__ import annotations


class CannotStart(Exception):
    """The local AWS or the site cannot start."""


class UnreadableEnvFile(CannotStart):
    """A file of variables holds a line that is neither empty, nor a comment, nor ``NAME=value``."""


class DeploymentFailed(CannotStart):
    """The local AWS refused the template; the message is what it said."""
