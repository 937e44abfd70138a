"""What the commands on people share: whom a name means, and how an act that was refused ends."""

from accounts import administration
from accounts.administration import ActRefused
from accounts.cognito.errors import Unavailable
from accounts.management.exit_codes import ExitCode, failure
from accounts.models import User


def one(name: str) -> User:
    """Return the person called ``name``. Raises CommandError for nobody, and for several, whom it lists."""
    found = administration.called(name)
    if not found:
        raise failure(f"Nobody in the pool, or known here, is called {name}.", ExitCode.USAGE)
    if len(found) > 1:
        listed = "\n".join(f"  {user.sub}  {user.username}  {user.email}  {user.cognito_status}" for user in found)
        raise failure(f"Several people are called {name}. Name one by the sub:\n{listed}", ExitCode.USAGE)
    return found[0]


def exit_code_of(refusal: ActRefused) -> ExitCode:
    """Return how a command ends after ``refusal``: a limit passes."""
    return ExitCode.UNAVAILABLE if isinstance(refusal.__cause__, Unavailable) else ExitCode.REFUSED
