"""Domains: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain.html."""

from __future__ import annotations

import secrets

import pytest

from tests.devcloud.conformance.conftest import MakePool
from tests.devcloud.conformance.user_pool import AppClient, refused


@pytest.fixture
def app(make_pool: MakePool) -> AppClient:
    """A pool of the test's own."""
    return make_pool()


CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d"


@pytest.mark.parametrize("word", ["aws", "amazon", "cognito"])
def test_a_prefix_has_none_of_the_words_that_are_kept(app: AppClient, word: str) -> None:
    """The guide: "You can't use the text aws, amazon, or cognito in the domain prefix"."""
    with refused("InvalidParameterException", f"reserved word: {word}"):
        app.admin.create_user_pool_domain(UserPoolId=app.pool_id, Domain=f"my-{word}-pool")


@pytest.mark.parametrize("prefix", ["-pool", "pool-", "Pool", "my.pool", "my_pool", "a" * 64])
def test_a_prefix_is_of_small_letters_digits_and_hyphens(app: AppClient, prefix: str) -> None:
    """API_CreateUserPoolDomain, Domain."""
    with refused("InvalidParameterException"):
        app.admin.create_user_pool_domain(UserPoolId=app.pool_id, Domain=prefix)


def test_a_prefix_is_one_pools_and_a_pool_has_one(app: AppClient, make_pool: MakePool) -> None:
    """The guide: "You can have one prefix domain and one custom domain in each user pool"."""
    prefix = f"ours-{secrets.token_hex(6)}"
    app.admin.create_user_pool_domain(UserPoolId=app.pool_id, Domain=prefix)
    with refused("InvalidParameterException", "already exists"):
        app.admin.create_user_pool_domain(UserPoolId=make_pool().pool_id, Domain=prefix)
    with refused("InvalidParameterException", "already has a domain"):
        app.admin.create_user_pool_domain(UserPoolId=app.pool_id, Domain=f"{prefix}-too")


@pytest.mark.parametrize(
    ("name", "certificate"),
    [
        ("example.com", CERTIFICATE),
        ("auth_.example.com", CERTIFICATE),
        ("auth.example.com", "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b2c3d"),
        ("auth.example.com", "arn:aws:iam::123456789012:server-certificate/mine"),
    ],
)
def test_a_domain_of_ones_own_lies_below_another_and_its_certificate_in_us_east_1(
    app: AppClient, name: str, certificate: str
) -> None:
    """https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-add-custom-domain.html."""
    with refused("InvalidParameterException"):
        app.admin.create_user_pool_domain(
            UserPoolId=app.pool_id, Domain=name, CustomDomainConfig={"CertificateArn": certificate}
        )


def test_a_domain_of_ones_own_has_somewhere_to_point_at(app: AppClient) -> None:
    """API_CreateUserPoolDomain, CloudFrontDomain."""
    name = f"auth-{secrets.token_hex(6)}.example.com"
    made = app.admin.create_user_pool_domain(
        UserPoolId=app.pool_id, Domain=name, CustomDomainConfig={"CertificateArn": CERTIFICATE}
    )
    described = app.admin.describe_user_pool_domain(Domain=name)["DomainDescription"]
    assert described["CloudFrontDistribution"] == made["CloudFrontDomain"]
    app.admin.delete_user_pool_domain(UserPoolId=app.pool_id, Domain=name)
    assert not app.admin.describe_user_pool_domain(Domain=name)["DomainDescription"]
