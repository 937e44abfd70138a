from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from devcloud.start import LocalAWS
from tests.devcloud.conftest import Clients, clients

REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("admin_delete_user", {"Username": "staff@example.com"}),
    ("admin_get_user", {"Username": "staff@example.com"}),
    ("list_users", {}),
    ("admin_set_user_password", {"Username": "staff@example.com", "Password": "Password-123"}),
    ("create_user_pool_client", {"ClientName": "mine"}),
    ("create_group", {"GroupName": "mine"}),
    ("delete_group", {"GroupName": "staff"}),
    ("delete_user_pool", {}),
    ("set_user_pool_mfa_config", {"MfaConfiguration": "OFF"}),
    ("update_user_pool", {}),
]


def test_the_site_may_read_how_its_pool_is_set_up(site: Clients, pool_id: str) -> None:
    assert site("cognito-idp").describe_user_pool(UserPoolId=pool_id)["UserPool"]["Id"] == pool_id


@pytest.mark.parametrize(("operation", "arguments"), REFUSED)
def test_the_site_may_not(site: Clients, pool_id: str, operation: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        getattr(site("cognito-idp"), operation)(UserPoolId=pool_id, **arguments)


def test_the_site_may_not_read_another_pool(site: Clients, administrator: Clients) -> None:
    other = administrator("cognito-idp").create_user_pool(PoolName="other")["UserPool"]["Id"]
    with pytest.raises(ClientError, match="AccessDenied"):
        site("cognito-idp").describe_user_pool(UserPoolId=other)


def test_the_site_may_not_use_another_service(site: Clients) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        site("iam").list_users()
    with pytest.raises(ClientError, match="AccessDenied"):
        site("s3").list_buckets()
    with pytest.raises(ClientError, match="AccessDenied"):
        site("cloudformation").describe_stacks()


def test_another_secret_is_refused(local_aws: LocalAWS, pool_id: str) -> None:
    forged = clients({**local_aws.env, "AWS_SECRET_ACCESS_KEY": "x" * 40})
    with pytest.raises(ClientError, match="InvalidSignatureException"):
        forged("cognito-idp").list_users(UserPoolId=pool_id)
