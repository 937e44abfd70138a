from __future__ import annotations

import pytest

from infra.change_set import Change, ParameterChange, Plan, refuse_losses
from infra.errors import Refused

POOL, CLIENT, GROUP = "AWS::Cognito::UserPool", "AWS::Cognito::UserPoolClient", "AWS::Cognito::UserPoolGroup"
DOMAIN, PROVIDER = "AWS::Cognito::UserPoolDomain", "AWS::Cognito::UserPoolIdentityProvider"
GONE = [("Remove", ""), ("Modify", "True"), ("Modify", "Conditional"), ("Remove", "False")]


@pytest.mark.parametrize(("action", "replacement"), GONE)
@pytest.mark.parametrize("resource_type", [POOL, "AWS::S3::Bucket", "AWS::Cognito::IdentityPool"])
def test_nothing_lets_go_of_what_people_have(resource_type: str, action: str, replacement: str) -> None:
    change = Change(action, "Kept", resource_type, replacement)
    with pytest.raises(Refused, match=r"would be lost\. That is never done from here"):
        refuse_losses([change], ["Kept"])


@pytest.mark.parametrize(("action", "replacement"), GONE)
@pytest.mark.parametrize("resource_type", [CLIENT, GROUP, DOMAIN, PROVIDER])
def test_ways_in_and_groups_go_only_when_they_are_named(resource_type: str, action: str, replacement: str) -> None:
    change = Change(action, "Old", resource_type, replacement)
    with pytest.raises(Refused, match="--let-go Old"):
        refuse_losses([change], ["Other"])
    refuse_losses([change], ["Old"])


@pytest.mark.parametrize("name", ["UsernameAttributes", "AliasAttributes", "UsernameConfiguration"])
def test_what_a_pool_is_made_with_is_not_changed(name: str) -> None:
    with pytest.raises(Refused, match=f"{name} of UserPool .* set when the pool is made"):
        refuse_losses([Change("Modify", "UserPool", POOL, "False", ("Policies", name))])


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        (ParameterChange("RelyingPartyId", "a.example.com", "b.example.com"), "everybody's passkeys"),
        (ParameterChange("RelyingPartyId", "a.example.com", ""), "everybody's passkeys"),
        (ParameterChange("TextMessages", "on", "off"), "text messages as the second factor"),
        (ParameterChange("EmailMfa", "on", "off"), "mailed codes as the second factor"),
    ],
)
def test_what_people_prove_themselves_with_goes_only_when_it_is_named(change: ParameterChange, lost: str) -> None:
    with pytest.raises(Refused, match=f"{lost}.* would be lost.* --let-go {change.name}"):
        refuse_losses([], ["Other"], [change])
    refuse_losses([], [change.name], [change])


@pytest.mark.parametrize(
    "change",
    [
        ParameterChange("RelyingPartyId", None, "a.example.com"),
        ParameterChange("RelyingPartyId", "", "a.example.com"),
        ParameterChange("TextMessages", "off", "on"),
        ParameterChange("SiteName", "Latchkey", "Other"),
    ],
)
def test_a_value_that_nobody_depends_on_is_changed(change: ParameterChange) -> None:
    refuse_losses([], [], [change])


def test_every_objection_is_said_at_once() -> None:
    with pytest.raises(Refused, match=r"(?s)One .*\n.*Two"):
        refuse_losses([Change("Remove", "One", POOL), Change("Remove", "Two", CLIENT)])


@pytest.mark.parametrize(
    "change",
    [
        Change("Add", "UserPool", POOL),
        Change("Modify", "UserPool", POOL, "False", ("Policies",)),
        Change("Modify", "SitePolicy", "AWS::IAM::ManagedPolicy", "True"),
        Change("Remove", "TextMessageRole", "AWS::IAM::Role"),
        Change("Modify", "Client", CLIENT, "False", ("ClientName",)),
    ],
)
def test_what_loses_nothing_is_not_refused(change: Change) -> None:
    refuse_losses([change])


def test_a_change_is_read_as_aws_documents_it() -> None:
    detail = {"Target": {"Attribute": "Properties", "Name": "Policies", "RequiresRecreation": "Never"}}
    twice = {"Target": {"Attribute": "Tags", "RequiresRecreation": "Never"}}
    answer = {
        "Action": "Modify",
        "LogicalResourceId": "UserPool",
        "PhysicalResourceId": "eu-west-1_abc",
        "ResourceType": POOL,
        "Replacement": "False",
        "Scope": ["Properties", "Tags"],
        "Details": [detail, detail, twice],
    }
    assert Change.read(answer) == Change("Modify", "UserPool", POOL, "False", ("Policies", "Tags"))
    added = {"Action": "Add", "LogicalResourceId": "UserPool", "ResourceType": POOL}
    assert Change.read(added) == Change("Add", "UserPool", POOL)


@pytest.mark.parametrize(
    ("action", "replacement", "words", "done"),
    [
        ("Add", "", "add", "made"),
        ("Modify", "False", "change", "changed"),
        ("Modify", "True", "replace", "replaced"),
        ("Modify", "Conditional", "perhaps replace", "changed"),
        ("Remove", "", "remove", "removed"),
        ("Dynamic", "", "perhaps change", "changed"),
    ],
)
def test_a_change_is_said_in_a_word_before_and_after(action: str, replacement: str, words: str, done: str) -> None:
    change = Change(action, "Client", CLIENT, replacement)
    assert (change.words, change.done) == (words, done)


def test_a_plan_says_where_the_stack_is() -> None:
    plan = Plan("latchkey", "arn:aws:cloudformation:eu-west-1:123456789012:stack/latchkey/8a", creates=True)
    assert (plan.account, plan.region) == ("123456789012", "eu-west-1")
