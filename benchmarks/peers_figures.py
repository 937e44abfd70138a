"""What is measured of each side: the check of a token, a request with one, and a sign-in. No module of the site."""

import os
from collections.abc import Callable, Iterator

import boto3
import jwt

from benchmarks import cognito, report
from benchmarks.environment import CLIENT_ID, PASSWORD, POOL_ID, REGION, email
from benchmarks.measuring import Way, compare

SIGN_INS = 20


def of_check(name: str, check: Callable[[], object], token: str) -> report.Line:
    """Tell the CPU of ``check`` beside PyJWT's decode of ``token`` with the key in hand, and what it fetches."""
    url = f"{os.environ['AWS_ENDPOINT_URL']}/{POOL_ID}/.well-known/jwks.json"
    key = jwt.PyJWKClient(url).get_signing_key_from_jwt(token).key
    bare = Way(lambda: jwt.decode(token, key, algorithms=["RS256"], options={"verify_aud": False}))
    found = compare(Way(check), bare, pairs=10, size=20)
    cognito.counted()
    for _ in range(SIGN_INS):
        check()
    fetches = cognito.counted()["JWKS"] / SIGN_INS
    reference = f"jwt.decode: {found.reference:.0f} us"
    return report.told(f"{name}, {fetches:.2g} key sets fetched", f"{found.ours:.0f} us", reference, found.ratio)


def of_sign_in(name: str, sign_in: Callable[[], object]) -> Iterator[report.Line]:
    """Tell the CPU of ``sign_in`` with its tokens verified, beside one call of boto3's, and its calls."""
    client = boto3.client("cognito-idp", region_name=REGION, aws_access_key_id="a", aws_secret_access_key="b")  # noqa: S106

    def call() -> None:
        parameters = {"USERNAME": email(0), "PASSWORD": PASSWORD}
        client.initiate_auth(AuthFlow="USER_PASSWORD_AUTH", ClientId=CLIENT_ID, AuthParameters=parameters)

    found = compare(Way(sign_in), Way(call), pairs=5, size=4)
    cognito.counted()
    for _ in range(SIGN_INS):
        sign_in()
    seen = cognito.counted()
    opened, fetched = (seen[each] / SIGN_INS for each in ("connections", "JWKS"))
    calls = (seen.total() - seen["connections"] - seen["JWKS"]) / SIGN_INS
    told = f"{name}: {calls:.2g} calls, {fetched:.2g} key sets, {opened:.2g} connections"
    yield report.told(told, f"{found.ours:.0f} us", f"boto3 alone: {found.reference:.0f} us", found.ratio)
