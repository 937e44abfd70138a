from __future__ import annotations

import re
import time
from typing import Any

import pytest

from infra.change_set import ParameterChange, Plan
from infra.deploy import Outcome, deploy
from infra.errors import Misused, Refused, Unreachable
from infra.stack import Event, Stack
from infra.template import COGNITO, Template
from tests.infra.conftest import DEVELOPMENT, MakeStack, change_sets


def with_text(old: str, new: str) -> Template:
    """Return the site's template with a passage replaced."""
    text = COGNITO.read_text()
    assert old in text
    return Template.parse(text.replace(old, new))


BROKEN = "      ClientName: !Sub ${Name}-${Environment}\n      GenerateSecret: true"
# A mailed second factor without an SES identity, which the rules of the site's template would refuse before.
WITHOUT_RULES = Template.parse(re.sub(r"(?s)\nRules:.*?\nConditions:", "\nConditions:", COGNITO.read_text()))
IMPOSSIBLE = {**DEVELOPMENT, "EmailMfa": "on"}


def test_a_stack_that_is_not_there_is_made(new_stack: MakeStack) -> None:
    stack, events = new_stack(), list[Event]()
    made = deploy(stack, DEVELOPMENT, told=events.append)
    assert made.outcome is Outcome.DEPLOYED
    assert made.plan.creates
    assert {change.action for change in made.plan.changes} == {"Add"}
    assert made.state.status == "CREATE_COMPLETE"
    assert made.state.outputs["UserPoolId"].startswith("eu-west-1_")
    assert not made.state.protected
    assert [event.status for event in events if event.logical_id == "UserPool"] == [
        "CREATE_IN_PROGRESS",
        "CREATE_COMPLETE",
    ]
    assert events[-1] == Event(stack.name, "AWS::CloudFormation::Stack", "CREATE_COMPLETE")


def test_given_parameters_are_new_and_the_others_keep_their_values(new_stack: MakeStack) -> None:
    stack = new_stack()
    deploy(stack, {**DEVELOPMENT, "SiteName": "Example", "StaffGroup": "crew"})
    changed = deploy(stack, {"SiteName": "Other"})
    assert changed.outcome is Outcome.DEPLOYED
    assert not changed.plan.creates
    assert changed.plan.parameters == (ParameterChange("SiteName", "Example", "Other"),)
    assert {each.logical_id for each in changed.plan.changes} >= {"UserPool"}
    assert changed.state.parameters["StaffGroup"] == "crew"
    assert changed.state.parameters["Environment"] == "development"


def test_only_the_events_of_this_deployment_are_told(new_stack: MakeStack) -> None:
    stack, events = new_stack(), list[Event]()
    deploy(stack, DEVELOPMENT)
    deploy(stack, {"SiteName": "Other"}, told=events.append)
    assert not [event for event in events if event.status.startswith("CREATE")]


def test_nothing_to_change_changes_nothing_and_leaves_no_change_set(new_stack: MakeStack) -> None:
    stack, events = new_stack(), list[Event]()
    deploy(stack, DEVELOPMENT)
    before = stack.state()
    again = deploy(stack, DEVELOPMENT, told=events.append)
    assert again.outcome is Outcome.NOTHING_TO_CHANGE
    assert again.state == before
    assert events == []
    assert [each["ExecutionStatus"] for each in change_sets(stack)] == ["EXECUTE_COMPLETE"]


def test_an_output_alone_is_deployed(new_stack: MakeStack) -> None:
    stack = new_stack()
    deploy(stack, DEVELOPMENT)
    more = with_text("  SitePolicyArn:\n", "  Two:\n    Value: second\n  SitePolicyArn:\n")
    assert deploy(new_stack(more, stack.name), {}).state.outputs["Two"] == "second"


def test_a_parameter_that_is_new_in_the_template_has_its_default(new_stack: MakeStack) -> None:
    earlier = with_text(
        "  AdminPasswordAuth:\n    Type", "  Was:\n    Type: String\n    Default: x\n  AdminPasswordAuth:\n    Type"
    )
    stack = new_stack(earlier)
    deploy(stack, {**DEVELOPMENT, "Was": "y"})
    later = with_text(
        "  AdminPasswordAuth:\n    Type", "  Is:\n    Type: String\n    Default: z\n  AdminPasswordAuth:\n    Type"
    )
    plan = new_stack(later, stack.name).plan({"SiteName": "Other"})
    assert ParameterChange("Is", None, "z") in plan.parameters


def test_a_plan_that_is_not_agreed_to_changes_nothing(new_stack: MakeStack) -> None:
    stack, asked = new_stack(), list[Plan]()
    deploy(stack, DEVELOPMENT)
    before = stack.state()

    def no(plan: Plan) -> bool:
        asked.append(plan)
        return False

    left = deploy(stack, {"SiteName": "Other"}, agreed=no)
    assert left.outcome is Outcome.NOT_DONE
    assert asked == [left.plan]
    assert stack.state() == before
    assert len(change_sets(stack)) == 1


def test_a_stack_that_was_only_looked_at_is_made_the_next_time(new_stack: MakeStack) -> None:
    stack = new_stack()
    left = deploy(stack, DEVELOPMENT, agreed=lambda _plan: False)
    assert left.state.status == "REVIEW_IN_PROGRESS"
    assert change_sets(stack) == []
    made = deploy(stack, DEVELOPMENT)
    assert made.state.status == "CREATE_COMPLETE"
    assert made.state.stack_id == left.state.stack_id


def test_a_change_set_does_not_outlive_whoever_was_asked(new_stack: MakeStack) -> None:
    stack = new_stack()

    def interrupted(_plan: Plan) -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deploy(stack, DEVELOPMENT, agreed=interrupted)
    assert change_sets(stack) == []


def test_a_name_that_no_parameter_has_is_refused_before_aws_is_asked(new_stack: MakeStack) -> None:
    stack = new_stack()
    with pytest.raises(Misused, match="SiteURL"):
        stack.plan({"SiteURL": "https://a.example.com"})
    assert stack.state().status == ""


@pytest.mark.parametrize("given", [{"SiteUrl": "no address"}, {"SignInWith": "telephone"}, {"DefaultGroup": "staff"}])
def test_what_the_template_does_not_take_leaves_no_stack(new_stack: MakeStack, given: dict[str, str]) -> None:
    stack = new_stack()
    with pytest.raises(Refused, match=next(iter(given))):
        deploy(stack, DEVELOPMENT | given)
    assert stack.state().status == ""


def test_a_template_that_is_none_leaves_no_stack(new_stack: MakeStack) -> None:
    stack = new_stack(Template.parse("Description: nothing"))
    with pytest.raises(Refused, match="Resources"):
        deploy(stack, {})
    assert stack.state().status == ""


def test_the_pool_is_not_let_go(new_stack: MakeStack) -> None:
    stack = new_stack()
    pool_id = deploy(stack, DEVELOPMENT).state.outputs["UserPoolId"]
    elsewhere = Template.parse(
        COGNITO.read_text()
        .replace("UserPool:\n    Type", "OtherPool:\n    Type")
        .replace("!Ref UserPool\n", "!Ref OtherPool\n")
        .replace("!GetAtt UserPool.", "!GetAtt OtherPool.")
        .replace("${UserPool.", "${OtherPool.")
    )
    with pytest.raises(Refused, match=r"(?s)replace Client.*remove UserPool .*everybody's account"):
        deploy(new_stack(elsewhere, stack.name), {}, let_go=["UserPool"])
    assert stack.state().outputs["UserPoolId"] == pool_id
    assert len(change_sets(stack)) == 1


def test_a_group_is_renamed_only_when_it_is_let_go(new_stack: MakeStack) -> None:
    stack = new_stack()
    deploy(stack, DEVELOPMENT)
    with pytest.raises(Refused, match=r"replace StaffUserPoolGroup .*who is in it would be lost.*--let-go"):
        deploy(stack, {"StaffGroup": "crew"})
    assert deploy(stack, {"StaffGroup": "crew"}, let_go=["StaffUserPoolGroup"]).state.outputs["StaffGroup"] == "crew"


def test_an_app_client_is_not_replaced_by_another(new_stack: MakeStack) -> None:
    stack = new_stack()
    deploy(stack, DEVELOPMENT)
    public = with_text(BROKEN, BROKEN.replace("true", "false"))
    with pytest.raises(Refused, match=r"replace Client .*its id and secret"):
        deploy(new_stack(public, stack.name), {})


def test_what_people_sign_in_with_is_not_changed(new_stack: MakeStack) -> None:
    stack = new_stack()
    deploy(stack, DEVELOPMENT)
    with pytest.raises(Refused, match=r"UsernameAttributes of UserPool .* cannot be changed"):
        deploy(stack, {"SignInWith": "username"})


def test_a_first_deployment_that_fails_is_told_with_its_reason_and_leads_nowhere(new_stack: MakeStack) -> None:
    stack = new_stack(WITHOUT_RULES)
    with pytest.raises(Refused, match=r"(?s)could not deploy it.*ROLLBACK_COMPLETE.*\nUserPool: .*DEVELOPER"):
        deploy(stack, IMPOSSIBLE)
    with pytest.raises(Refused, match=f"is in ROLLBACK_COMPLETE.*delete-stack --stack-name {stack.name}`"):
        deploy(stack, DEVELOPMENT)
    assert stack.state().status == "ROLLBACK_COMPLETE"  # nothing is ever deleted from here


def test_an_update_that_fails_is_undone_and_can_be_tried_again(new_stack: MakeStack) -> None:
    stack = new_stack(WITHOUT_RULES)
    pool_id = deploy(stack, DEVELOPMENT).state.outputs["UserPoolId"]
    with pytest.raises(Refused, match=r"(?s)UPDATE_ROLLBACK_COMPLETE.*UserPool: "):
        deploy(stack, IMPOSSIBLE)
    again = deploy(stack, {"SiteName": "Other"})
    assert again.state.outputs["UserPoolId"] == pool_id
    assert again.state.parameters["EmailMfa"] == "off"


def test_a_stack_for_production_is_protected_whenever_it_is_not(new_stack: MakeStack) -> None:
    stack = new_stack()
    production = {"Environment": "production", "SiteUrl": "https://a.example.com", "Name": "protected"}
    assert deploy(stack, production).state.protected
    stack.client.update_termination_protection(StackName=stack.name, EnableTerminationProtection=False)
    again = deploy(stack, {})
    assert again.outcome is Outcome.NOTHING_TO_CHANGE
    assert again.state.protected


def test_a_stack_that_was_only_looked_at_is_not_protected(new_stack: MakeStack) -> None:
    production = {"Environment": "production", "SiteUrl": "https://a.example.com"}
    assert not deploy(new_stack(), production, agreed=lambda _plan: False).state.protected


def test_what_takes_too_long_goes_on_without_us(new_stack: MakeStack, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = new_stack()
    plan = stack.plan(DEVELOPMENT)
    times = iter([0.0, 0.0, 7200.0])
    with monkeypatch.context() as patched:
        patched.setattr(Stack, "_new_events", lambda *_arguments: list[dict[str, Any]]())
        patched.setattr(time, "monotonic", lambda: next(times))
        with pytest.raises(Unreachable, match=f"AWS goes on by itself: .*--stack-name {stack.name}`"):
            list(stack._events(plan.stack_id, "token"))
