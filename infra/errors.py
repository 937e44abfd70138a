"""Why nothing was deployed, in words for the person at the terminal. AWS's own reasons are passed on there."""

from __future__ import annotations


class DeploymentError(Exception):
    """Base of the reasons; the message says what happened and what mends it."""


class Misused(DeploymentError):
    """What was asked for cannot be asked: an unknown parameter, no region, a file that cannot be written."""


class NotAllowed(DeploymentError):
    """There is no AWS key, or AWS does not take it, or it may not do this."""


class Refused(DeploymentError):
    """AWS said no, or what AWS would do is refused here because it loses something."""


class Unreachable(DeploymentError):
    """AWS did not answer, or not in time."""
