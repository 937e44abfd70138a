"""The check of an access token."""

from collections.abc import Iterator

import jwt

from accounts import conf
from benchmarks import report
from benchmarks.environment import ISSUER
from benchmarks.measuring import Way, compare
from benchmarks.tokens import signed_in

GOAL = 1.15


def lines() -> Iterator[report.Line]:
    """Compare with PyJWT's decode with the key in hand, which checks signature, times and issuer and nothing else."""
    verifier, token = conf.verifier(), signed_in().access_token
    key = jwt.PyJWKClient(conf.config().jwks_url).get_signing_key_from_jwt(token).key
    found = compare(
        Way(lambda: verifier.verify_access_token(token)),
        Way(lambda: jwt.decode(token, key, algorithms=["RS256"], issuer=ISSUER)),
        pairs=40,
        size=200,
        goal=GOAL,
    )
    yield report.at_most(
        "bearer check CPU", f"{found.ours:.1f} us", f"jwt.decode: {found.reference:.1f} us", found.ratio, GOAL
    )
