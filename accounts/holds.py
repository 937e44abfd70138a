"""Names whose account may have a password that the owner of the mailbox never chose.

Somebody may register another person's address, with a password of their own; it is the owner who types the mailed code
and makes the account usable. From just before that moment the name is held: nobody comes in as an account this site has
never seen, until mailbox and password have been proved together (docs/adr/0020). Only a code that Cognito took leaves
a row behind, so that strangers cannot hold anybody's name.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils.crypto import salted_hmac

from accounts.cognito.errors import CognitoError, may_be_done
from accounts.models import UnprovenPassword


@contextmanager
def held(name: str) -> Iterator[None]:
    """Hold ``name`` from now on; an error inside the block with which nothing was done undoes it.

    Cognito may have done what was asked before its answer got lost, and a trigger that fails runs once the account is
    confirmed. Each block has a row of its own, so that a wrong code typed at the same moment does not undo the hold of
    the right one.
    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-post-confirmation.html
    """
    row = UnprovenPassword.objects.create(name_digest=digest(name))
    try:
        yield
    except CognitoError as error:
        if not may_be_done(error):
            row.delete()
        raise


def is_held(names: Iterable[str]) -> bool:
    """Whether one of ``names`` is held; one statement."""
    return UnprovenPassword.objects.filter(name_digest__in=digests(names)).exists()


def lift(names: Iterable[str]) -> None:
    """Hold none of ``names`` any longer: whoever has the password now has the mailbox, too."""
    UnprovenPassword.objects.filter(name_digest__in=digests(names)).delete()


def digests(names: Iterable[str]) -> list[str]:
    """Return what may be kept of ``names``: a hold outlives the secret key it was made with, as long as that is known.

    https://docs.djangoproject.com/en/5.2/ref/settings/#secret-key-fallbacks
    """
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [digest(name, key) for name in names if name for key in keys]


def digest(name: str, key: str = "") -> str:
    """Return what is kept of ``name``, in whatever case it was typed: 64 hexadecimal digits."""
    hashed = salted_hmac("accounts.holds", name.casefold(), secret=key or None, algorithm="sha256")
    return hashed.hexdigest()
