"""How the commands of this site end, so that a script knows what to do next."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from django.core.management.base import CommandError

from accounts.cognito.errors import CognitoError, Misconfigured, Unavailable


class ExitCode(IntEnum):
    """What a command ends with. docs/operating.md tells operators."""

    DONE = 0
    # Nothing was changed, or not all of it: Cognito or a rule of this site said no, or a check found something.
    REFUSED = 1
    # The command was called wrongly; argparse ends with it too.
    USAGE = 2
    # Cognito cannot answer now: the same call may succeed later.
    UNAVAILABLE = 3
    # Pool, client, key or its rights are not what the settings say: the same call will fail again.
    MISCONFIGURED = 4


def failure(message: str, code: ExitCode) -> CommandError:
    """Return what ends a command with ``code``, after ``message`` on standard error.

    https://docs.djangoproject.com/en/5.2/howto/custom-management-commands/#django.core.management.CommandError
    """
    return CommandError(message, returncode=code.value)


@contextmanager
def for_scripts() -> Iterator[None]:
    """Turn what Cognito's gateways raise inside the block into the end of the command.

    The error names the operation, AWS's code and request id, and never the person or AWS's own words.
    """
    try:
        yield
    except Unavailable as error:
        raise failure(f"Cognito cannot answer now, try again later. {error}", ExitCode.UNAVAILABLE) from error
    except Misconfigured as error:
        text = f"Pool, app client or AWS key are not what the settings say. {error}"
        raise failure(text, ExitCode.MISCONFIGURED) from error
    except CognitoError as error:
        raise failure(f"Cognito refused. {error}", ExitCode.REFUSED) from error
