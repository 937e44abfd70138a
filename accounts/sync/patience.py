"""Waiting for Cognito where it asks for time, within a bound; everything asked here can be asked again.

Each caller of AWS waits by itself, longer each time and never as long as the next one.
https://docs.aws.amazon.com/prescriptive-guidance/latest/cloud-design-patterns/retry-backoff.html
"""

import logging
import random
import time
from collections.abc import Callable
from typing import TypeVar

from accounts.cognito.errors import Throttled, Unavailable

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds; half of each is left to chance
# Seconds of pauses after which a question is given up: a pool that throttles answers in a while, one that is away may
# be away for long, and the next run goes on where this one stopped.
THROTTLED, AWAY = 300.0, 10.0


def patiently(ask: Callable[[], Answer]) -> Answer:
    """Return what ``ask()`` returns, asked again after a pause where Cognito is throttled or does not answer.

    Raises Unavailable when the bound is reached, and at once whatever else ``ask`` raises.
    """
    waited, pause = 0.0, FIRST_PAUSE
    while True:
        try:
            return ask()
        except Unavailable as error:
            now = pause * random.uniform(0.5, 1.0)  # noqa: S311 -- nothing depends on nobody guessing it
            if waited + now > (THROTTLED if isinstance(error, Throttled) else AWAY):
                raise
            logger.info("waiting for Cognito", extra={"seconds": round(now, 1), "error": str(error)})
        time.sleep(now)
        waited, pause = waited + now, min(2 * pause, LONGEST_PAUSE)
