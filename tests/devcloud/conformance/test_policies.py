"""IAM for people with an identity: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from devcloud.start import LocalAWS
from tests.devcloud.conformance.test_identity_pools import IdentityPool, client, identities, keys, role

__all__ = ["identities", "keys", "role"]
OWN = "${cognito-identity.amazonaws.com:sub}"


class Person:
    """Somebody with an identity, and their S3 client."""

    def __init__(self, server: LocalAWS, identity_pool: IdentityPool) -> None:
        logins = identity_pool.logins()
        self.id = identity_pool.public.get_id(IdentityPoolId=identity_pool.id, Logins=logins)["IdentityId"]
        given = identity_pool.credentials(logins)
        self.s3 = client(
            server,
            "s3",
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretKey"],
            aws_session_token=given["SessionToken"],
        )


@pytest.fixture
def bucket(server: LocalAWS, keys: dict[str, str]) -> str:
    """A bucket that is closed to requests in clear."""
    name = f"conformance-{secrets.token_hex(6)}"
    s3 = client(server, "s3", **keys)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": server.settings.region})
    closed = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [closed]}))
    return name


@pytest.fixture
def allowed(
    server: LocalAWS, keys: dict[str, str], identities: IdentityPool, role: Callable[..., str]
) -> Callable[..., tuple[Person, Person]]:
    """Makes two people whose role may do what the statements say."""
    iam = client(server, "iam", **keys)

    def make(*statements: dict[str, Any]) -> tuple[Person, Person]:
        arn = role(identities.id)
        policy = {"Version": "2012-10-17", "Statement": list(statements)}
        iam.put_role_policy(RoleName=arn.rpartition("/")[2], PolicyName="p", PolicyDocument=json.dumps(policy))
        identities.assign(arn)
        return Person(server, identities), Person(server, identities)

    return make


def denied(call: Callable[..., Any], **parameters: str) -> bool:
    """Whether IAM refuses the call."""
    try:
        call(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"] in {"AccessDenied", "403"}
    return False


def test_the_variable_in_a_resource_is_the_callers_identity(
    bucket: str, allowed: Callable[..., tuple[Person, Person]]
) -> None:
    ada, bob = allowed({"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/{OWN}/*"})
    assert not denied(ada.s3.put_object, Bucket=bucket, Key=f"{ada.id}/a.txt")
    assert denied(ada.s3.put_object, Bucket=bucket, Key=f"{bob.id}/a.txt")
    assert denied(ada.s3.put_object, Bucket=bucket, Key=f"{OWN}/a.txt")
    assert denied(ada.s3.get_object, Bucket=bucket, Key=f"{ada.id}/a.txt")


def test_the_variable_in_a_condition_is_the_callers_identity(
    bucket: str, allowed: Callable[..., tuple[Person, Person]]
) -> None:
    condition = {"StringLike": {"s3:prefix": [f"{OWN}/*"]}}
    ada, bob = allowed(
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}", "Condition": condition}
    )
    assert not denied(ada.s3.list_objects_v2, Bucket=bucket, Prefix=f"{ada.id}/")
    assert denied(ada.s3.list_objects_v2, Bucket=bucket, Prefix=f"{bob.id}/")
    assert denied(ada.s3.list_objects_v2, Bucket=bucket, Prefix="")
    assert denied(ada.s3.list_objects_v2, Bucket=bucket)


@pytest.mark.parametrize("variable", ["${aws:PrincipalTag/team}", "${made-up:key}"])
def test_a_statement_with_a_variable_that_the_request_does_not_have_allows_nothing(
    bucket: str, allowed: Callable[..., tuple[Person, Person]], variable: str
) -> None:
    ada, _ = allowed({"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/{variable}*"})
    assert denied(ada.s3.put_object, Bucket=bucket, Key="a.txt")
    assert denied(ada.s3.put_object, Bucket=bucket, Key=f"{variable}a.txt")


def test_a_default_and_an_escaped_star_are_read_as_aws_reads_them(
    bucket: str, allowed: Callable[..., tuple[Person, Person]]
) -> None:
    ada, _ = allowed(
        {
            "Effect": "Allow",
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{bucket}/${{aws:PrincipalTag/t, 'x'}}/a",
        }
    )
    assert not denied(ada.s3.put_object, Bucket=bucket, Key="x/a")
    assert denied(ada.s3.put_object, Bucket=bucket, Key="y/a")
