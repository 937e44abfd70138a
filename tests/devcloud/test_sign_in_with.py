"""The pool that the template makes for each way of signing in, and what the local AWS refuses there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from devcloud import env_file
from devcloud.deploy import deploy
from devcloud.start import LocalAWS
from tests.devcloud.conftest import clients

WAYS = {
    "phone": (["phone_number"], [], {"phone_number"}),
    "username_email": ([], ["email"], {"email"}),
    "username_phone": ([], ["phone_number"], {"phone_number"}),
    "username_email_phone": ([], ["email", "phone_number"], {"email"}),
}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[tuple[str, LocalAWS]]:
    """A local AWS with the template deployed for one way of signing in."""
    parameters = {"SignInWith": request.param, "Registration": "admin"}
    with LocalAWS.start(tmp_path / "devcloud", parameters=parameters) as local_aws:
        yield request.param, local_aws


def test_each_way_has_its_pool_and_a_staff_person(way: tuple[str, LocalAWS]) -> None:
    name, local_aws = way
    names, aliases, required = WAYS[name]
    root = clients(local_aws.root_env)
    cognito, pool_id = root("cognito-idp"), local_aws.env["COGNITO_USER_POOL_ID"]
    pool = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    assert (pool.get("UsernameAttributes", []), pool.get("AliasAttributes", [])) == (names, aliases)
    needed = {each["Name"] for each in pool["SchemaAttributes"] if each.get("Required")}
    assert needed - {"sub"} == required
    assert ("SmsConfiguration" in pool, local_aws.env["COGNITO_SIGN_IN_WITH"]) == (True, name)
    ways = sorted(pool["AccountRecoverySetting"]["RecoveryMechanisms"], key=lambda each: each["Priority"])
    assert ways[0]["Name"] == f"verified_{required.copy().pop()}"
    staff = env_file.read(local_aws.settings.staff_env)["STAFF_NAME"]
    groups = cognito.admin_list_groups_for_user(UserPoolId=pool_id, Username=staff)["Groups"]
    assert {group["GroupName"] for group in groups} == {"staff", "superusers"}
    assert deploy(local_aws.settings) == local_aws.env
    # Only a site that proves numbers itself may text them, and it may publish to no topic.
    sns, texted = clients(local_aws.env)("sns"), required == {"phone_number"}
    refusal = "" if texted else "not authorized"
    assert refused(sns, PhoneNumber="+441632960002", Message="hello") == refusal
    topic = root("sns").create_topic(Name="news")["TopicArn"]
    assert refused(sns, TopicArn=topic, Message="hello") == "not authorized"
    outbox = local_aws.settings.outbox
    assert outbox.exists() is texted
    assert not texted or "hello" in outbox.read_text()


def refused(sns: Any, **message: str) -> str:
    """Return "not authorized" where the key may not publish `message`, "" where it may."""
    try:
        sns.publish(**message)
    except sns.exceptions.AuthorizationErrorException:
        return "not authorized"
    return ""
