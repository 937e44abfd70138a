"""A request with an access token: the check of the token, and the request against one with a session."""

from collections.abc import Iterator

import jwt
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import conf
from accounts.models import User
from benchmarks import report
from benchmarks.environment import ISSUER
from benchmarks.measuring import Way, compare
from benchmarks.project import Project, session_of, sign_in
from benchmarks.reference import plain_project
from benchmarks.tokens import signed_in

CHECK_GOAL, REQUEST_GOAL = 1.15, 0.85
BY_TOKEN, BY_SESSION = "/reference/bearer/", "/reference/session/"


def lines() -> Iterator[report.Line]:
    """Compare the check with PyJWT's decode with the key in hand, and then whole requests for the same answer."""
    yield check()
    yield from requests()


def check() -> report.Line:
    """Compare with PyJWT's decode, which checks signature, times and issuer and nothing else."""
    verifier, token = conf.verifier(), signed_in().access_token
    key = jwt.PyJWKClient(conf.config().jwks_url).get_signing_key_from_jwt(token).key
    found = compare(
        Way(lambda: verifier.verify_access_token(token)),
        Way(lambda: jwt.decode(token, key, algorithms=["RS256"], issuer=ISSUER)),
        pairs=40,
        size=200,
        goal=CHECK_GOAL,
    )
    return report.at_most(
        "bearer check CPU", f"{found.ours:.1f} us", f"jwt.decode: {found.reference:.1f} us", found.ratio, CHECK_GOAL
    )


def requests() -> Iterator[report.Line]:
    """Compare a view that takes tokens with the same behind one of Django's sessions, of the same person."""
    project, plain = Project(), plain_project()
    sign_in(project)
    with plain.in_force():
        session = session_of(sign_in(plain, "/reference/login/"))
    bearer = f"Bearer {signed_in().access_token}"
    User.objects.filter(last_login=None).update(last_login=timezone.now())
    yield report.counted("bearer request: SQL", statements(project, bearer), "the person", 1)
    found = compare(
        Way(lambda: project.get(BY_TOKEN, authorization=bearer), project.in_force),
        Way(lambda: plain.get(BY_SESSION, session), plain.in_force),
        pairs=100,
        size=25,
        goal=REQUEST_GOAL,
    )
    yield report.at_most(
        "bearer request CPU",
        f"{found.ours:.0f} us",
        f"plain session: {found.reference:.0f} us",
        found.ratio,
        REQUEST_GOAL,
    )


def statements(project: Project, bearer: str) -> int:
    """Return how many statements the request runs. Raises RuntimeError where it is refused."""
    with project.in_force(), CaptureQueriesContext(connection) as captured:
        if project.get(BY_TOKEN, authorization=bearer).status != 200:
            raise RuntimeError("the token is refused")
    return len(captured)
