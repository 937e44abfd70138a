"""Connections to Cognito: kept from one sign-in to the next, and enough of them when many sign in at once."""

from collections.abc import Iterator
from dataclasses import replace

from accounts import conf
from accounts.cognito.authentication import Authentication
from accounts.cognito.client import make_client
from accounts.cognito.results import Tokens
from benchmarks import cognito, report
from benchmarks.crowd import at_once
from benchmarks.environment import PASSWORD, PEOPLE, email
from benchmarks.project import Project, sign_in

BOTO3_DEFAULT = 10
LATENCY = 0.2


def gateway(connections: int) -> Authentication:
    """Return the gateway for signing in, with a client of its own that keeps so many connections."""
    config = replace(conf.config(), max_connections=connections)
    return Authentication(make_client("cognito-idp", config.connection), config)


def burst(authentication: Authentication) -> float:
    """Return the seconds until all the PEOPLE, at once, have exchanged their passwords for tokens that were checked."""

    def enter(number: int) -> None:
        tokens = authentication.with_password(email(number), PASSWORD)
        if isinstance(tokens, Tokens):
            conf.verifier().verify_id_token(tokens.id_token)

    return at_once(PEOPLE, enter)[0]


def connections_of_bursts(authentication: Authentication) -> int:
    """Return how many connections 4 bursts open."""
    cognito.counted(latency=LATENCY)
    for _ in range(4):
        burst(authentication)
    return cognito.counted(latency=LATENCY)["connections"]


def lines() -> Iterator[report.Line]:
    """Compare with boto3's default pool. A burst is the exchange and the check: all that waits for Cognito."""
    project, config = Project(), conf.config()
    sign_in(project)
    cognito.counted()
    for _ in range(1000):
        sign_in(project)
    opened = cognito.counted()["connections"]
    yield report.counted("new connections in 1 000 sign-ins one after another", opened, "-", 0)
    ours, default = gateway(config.max_connections), gateway(BOTO3_DEFAULT)
    conf.verifier().warm()
    reference = connections_of_bursts(default)
    yield report.no_more(
        "new connections in 4 bursts of 64 sign-ins",
        connections_of_bursts(ours),
        f"boto3's default pool: {reference}",
        64,
    )
    # The only figure here that is wall time, to which other processes can add and never take away: hence the fastest.
    # https://docs.python.org/3.11/library/timeit.html#timeit.Timer.repeat
    seconds = min(burst(ours) for _ in range(15))
    yield report.at_most(
        "burst of 64 sign-ins, 64 threads, Cognito at 200 ms, fastest of 15",
        f"{seconds * 1000:.0f} ms",
        "200 ms",
        seconds / LATENCY,
        1.3,
    )
    cognito.counted()
