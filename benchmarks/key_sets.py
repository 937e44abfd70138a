"""The pool's keys: how often they are fetched, who waits for that, and what an outage of their endpoint breaks."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import jwt

from accounts import conf
from accounts.cognito.errors import CognitoError
from accounts.cognito.key_set import KeySet
from accounts.cognito.verifier import TokenVerifier
from benchmarks import cognito, report
from benchmarks.environment import ISSUER
from benchmarks.tokens import signed_in

CHECKS = 10_000
THREADS = 8
STALL = 0.25  # seconds; a check takes a ten-thousandth of one, and the endpoint is made to take half of one

Check = Callable[[str], object]


def ours(lifespan: float) -> Check:
    """Return our check, with keys that are fetched again after ``lifespan`` seconds."""
    return TokenVerifier(conf.config(), KeySet(conf.config().jwks_url, lifespan=lifespan)).verify_access_token


def pyjwt(lifespan: float) -> Check:
    """Return PyJWT's check, the same way."""
    keys = jwt.PyJWKClient(conf.config().jwks_url, lifespan=int(lifespan))
    return lambda token: jwt.decode(
        token, keys.get_signing_key_from_jwt(token).key, algorithms=["RS256"], issuer=ISSUER
    )


@dataclass
class Seen:
    """What happened to the checks of several threads."""

    checks: int = 0
    stalls: int = 0
    errors: int = 0


def fetches(check: Check, token: str) -> int:
    """Return how often the keys are fetched for CHECKS checks."""
    cognito.counted()
    for _ in range(CHECKS):
        check(token)
    return cognito.counted()["JWKS"]


def kept_busy(check: Check, token: str, seconds: float) -> Seen:
    """Return what happens to THREADS threads that check for so long."""
    seen, end = Seen(), time.monotonic() + seconds

    def work() -> None:
        while time.monotonic() < end:
            start = time.monotonic()
            try:
                check(token)
            except (CognitoError, jwt.PyJWTError):
                seen.errors += 1
            seen.stalls += time.monotonic() - start > STALL
            seen.checks += 1
            time.sleep(0.01)

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def renewed(make: Callable[[float], Check], token: str, *, down: bool) -> Seen:
    """Return what happens while keys that are known have to be fetched again from an endpoint that is slow, or down."""
    check = make(1.0)
    check(token)
    cognito.counted(keys_latency=0.0 if down else 2 * STALL, keys_down=down)
    seen = kept_busy(check, token, seconds=2.5)
    cognito.counted()
    return seen


def lines() -> Iterator[report.Line]:
    """Compare with PyJWKClient, in the same run."""
    token = signed_in().access_token
    reference = fetches(pyjwt(300.0), token)
    yield report.counted("JWKS fetches for 10 000 checks", fetches(ours(3600.0), token), f"PyJWKClient: {reference}", 1)
    mine, theirs = renewed(ours, token, down=False), renewed(pyjwt, token, down=False)
    yield report.counted(
        "checks that wait for a slow renewal of the keys", mine.stalls, f"PyJWKClient: {theirs.stalls}", 0
    )
    mine, theirs = renewed(ours, token, down=True), renewed(pyjwt, token, down=True)
    yield report.counted(
        "checks that fail with the key endpoint down",
        mine.errors,
        f"PyJWKClient: {theirs.errors} of {theirs.checks}",
        0,
    )
