"""What somebody changes by what is there, from no more than one browser at a time: ways in, and second steps."""

from collections.abc import Iterator
from contextlib import contextmanager

from accounts import counters, limits
from accounts.http import AuthenticatedRequest
from accounts.limits import Limit

# One at a time, and no longer than Cognito's answers may take together.
CHANGING = Limit("changing-user", 1, 60)


class UnderWay(Exception):
    """The person is changing something just now, in another tab: what is there is not known."""


@contextmanager
def one_at_a_time(request: AuthenticatedRequest) -> Iterator[None]:
    """Have the person change nothing else while the block runs, whatever browser they use. Raises UnderWay.

    The block has to read what is there itself: what was read before may be gone. The database says who was first, on
    any number of hosts, and forgets it soon where the block never ends.
    """
    store, charge = counters.DatabaseStore(), CHANGING.charge_of(limits.person(request))
    if not store.charge([charge]).charged:
        raise UnderWay
    try:
        yield
    finally:
        store.refund([charge.key])
