"""People's files: the exchange of tokens and a page of a folder beside bare boto3, and what a long folder takes."""

import os
from collections.abc import Iterator
from unittest.mock import patch

import boto3
import botocore.session
from botocore import UNSIGNED
from botocore.config import Config
from django.http import HttpRequest

from accounts import conf, files
from accounts.models import User
from accounts.sessions.engine import SessionStore
from benchmarks import cognito, report
from benchmarks.environment import FILES, ISSUER, REGION
from benchmarks.measuring import Way, compare
from benchmarks.project import Project, session_of, sign_in
from benchmarks.stub_files import CREDENTIALS, IDENTITY_ID
from benchmarks.sync_worker import forget_most, most_bytes
from benchmarks.tokens import signed_in

GOAL = 1.3
FEW, MANY = 1_000, 100_000
REQUESTS = 50
MEBIBYTE = 2**20


def lines() -> Iterator[report.Line]:
    """Compare the exchange and a page of a listing with bare boto3; count clients and connections; weigh a folder."""
    cognito.counted(objects=MANY)
    yield exchange()
    project = Project()
    session = session_of(sign_in(project))
    yield from listing(project, session)
    yield from reuse(project, session)
    yield memory(session)


def exchange() -> report.Line:
    """Compare the exchange of an ID token for credentials with the same two calls on a client of boto3's."""
    token = signed_in().id_token
    gateway, logins = conf.identity_pool(), {ISSUER.removeprefix("https://"): token}
    client = boto3.client(
        "cognito-identity",
        region_name=REGION,
        endpoint_url=os.environ["AWS_ENDPOINT_URL"],
        config=Config(signature_version=UNSIGNED),
    )

    def bare() -> None:
        found = client.get_id(IdentityPoolId=FILES["COGNITO_IDENTITY_POOL_ID"], Logins=logins)
        client.get_credentials_for_identity(IdentityId=found["IdentityId"], Logins=logins)

    found = compare(Way(lambda: gateway.credentials(token)), Way(bare), pairs=30, size=20, goal=GOAL)
    ours, reference = f"{found.ours:.0f} us", f"bare boto3: {found.reference:.0f} us"
    return report.at_most("token exchange CPU", ours, reference, found.ratio, GOAL)


def request_of(session: str) -> HttpRequest:
    """Return a request with that session."""
    request = HttpRequest()
    request.session, request.user = SessionStore(session), User.objects.get()
    return request


def listing(project: Project, session: str) -> Iterator[report.Line]:
    """Compare a page of a folder, with the credentials of the session, with the same call on a client of boto3's."""
    client = boto3.client(
        "s3",
        region_name=REGION,
        endpoint_url=os.environ["AWS_ENDPOINT_URL"],
        aws_access_key_id=CREDENTIALS["AccessKeyId"],
        aws_secret_access_key=CREDENTIALS["SecretKey"],
        aws_session_token=CREDENTIALS["SessionToken"],
        config=Config(s3={"addressing_style": "path"}),
    )
    asked = {"Bucket": FILES["FILES_BUCKET"], "Prefix": f"{IDENTITY_ID}/", "Delimiter": "/", "MaxKeys": files.PAGE}
    bare = Way(lambda: client.list_objects_v2(**asked))
    request = request_of(session)
    with project.in_force():
        found = compare(Way(lambda: files.listing(request, "")), bare, pairs=30, size=5, goal=GOAL)
    name, reference = f"files listing CPU, a page of {files.PAGE}", f"bare boto3: {found.reference:.0f} us"
    yield report.at_most(name, f"{found.ours:.0f} us", reference, found.ratio, GOAL)
    whole = compare(Way(lambda: project.get("/files/", session), project.in_force), bare, pairs=6, size=5)
    yield report.told("the whole page /files/ CPU", f"{whole.ours:.0f} us", reference, whole.ratio)


def reuse(project: Project, session: str) -> Iterator[report.Line]:
    """Count the clients that are made and the connections that are opened by asking for the page again."""
    make = botocore.session.Session.create_client
    cognito.counted(objects=MANY)
    with patch.object(botocore.session.Session, "create_client", autospec=True, side_effect=make) as made:
        answered = [project.get("/files/", session).status for _ in range(REQUESTS)]
    seen = cognito.counted(objects=MANY)
    if answered != [200] * REQUESTS or seen["ListObjectsV2"] != REQUESTS:
        raise RuntimeError("the page is not what it should be")
    # The stand-in's own connection for control is another port's.
    yield report.counted(f"clients made in {REQUESTS} requests for /files/", made.call_count, "one a process", 0)
    yield report.counted(f"connections opened in {REQUESTS} requests for /files/", seen["connections"], "kept alive", 0)


def most_memory(request: HttpRequest, objects: int) -> int:
    """Return the most bytes of this process while every page of a folder of so many ``objects`` is asked for."""
    cognito.counted(objects=objects)
    forget_most()
    page = files.listing(request, "")
    met = len(page.entries)
    while page.token_for_more:
        page = files.listing(request, "", token=page.token_for_more)
        met += len(page.entries)
    if met != objects:
        raise RuntimeError(f"{met} objects were listed")
    return most_bytes()


def memory(session: str) -> report.Line:
    """Compare the most memory with a folder of MANY with that of one of FEW."""
    request = request_of(session)
    few, many = most_memory(request, FEW), most_memory(request, MANY)
    more = (many - few) / MEBIBYTE
    name, reference = f"memory of paging through {MANY} objects", f"{FEW}: {few / MEBIBYTE:.1f} MiB"
    return report.Line(name, f"+{more:.1f} MiB", reference, "<= 5 MiB", more <= 5)
