from __future__ import annotations

import io
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pytest
from django.core.management import CommandError, call_command

from accounts.management.progress import Progress
from devcloud.start import LocalAWS
from infra.stack import Event
from tests.devcloud.conftest import clients

ROOT = Path(__file__).parents[2]
DEVELOPMENT = "--parameter=Environment=development"


@dataclass(frozen=True)
class Said:
    """What a call printed, and what it said meanwhile."""

    out: str
    err: str

    @property
    def variables(self) -> dict[str, str]:
        """The variables it printed."""
        pairs = [line.partition("=") for line in self.out.splitlines()]
        return {name: value.strip("'") for name, _equals, value in pairs}


Call: TypeAlias = Callable[..., Said]


@pytest.fixture
def stack() -> str:
    """The name of a stack that is not there."""
    return f"stack-{secrets.token_hex(6)}"


@pytest.fixture
def administrator(local_aws: LocalAWS, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of whoever deploys: the local AWS's address, its administrator's key, and no pool."""
    for name, value in local_aws.root_env.items():
        monkeypatch.setenv(name, value)
    return local_aws.root_env


@pytest.fixture
def call(administrator: dict[str, str], stack: str) -> Call:
    """Calls the command for the stack; what it said is there also where it ended in an error."""

    def called(*arguments: str, said: list[Said] | None = None) -> Said:
        out, err = io.StringIO(), io.StringIO()
        try:
            call_command("deploy_cognito", f"--stack-name={stack}", *arguments, stdout=out, stderr=err)
        finally:
            if said is not None:
                said.append(Said(out.getvalue(), err.getvalue()))
        return Said(out.getvalue(), err.getvalue())

    return called


def refused(call: Call, *arguments: str) -> tuple[int, str]:
    """Return the exit code and the words of a call that is refused."""
    with pytest.raises(CommandError) as error:
        call(*arguments)
    return error.value.returncode, str(error.value)


def answering(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    """Let somebody sit at the terminal and answer."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal(answer))


def test_it_says_what_will_change_then_what_is_done_and_prints_the_variables(call: Call, local_aws: LocalAWS) -> None:
    said = call("--yes", DEVELOPMENT)
    assert "This will make the stack" in said.err
    assert "in account 000000000000, eu-west-1:" in said.err
    assert "  parameter  Environment: development\n" in said.err
    assert "  add        UserPool (AWS::Cognito::UserPool)\n" in said.err
    assert "[1/5] UserPool made\n" in said.err
    assert "[5/5] " in said.err
    assert "Attach arn:aws:iam::" in said.err
    variables = said.variables
    assert variables.pop("COGNITO_USER_POOL_ID").startswith("eu-west-1_")
    assert variables.pop("COGNITO_CLIENT_ID")
    assert variables.pop("COGNITO_JWKS_URL").startswith(local_aws.settings.endpoint)
    assert variables.pop("COGNITO_ISSUER").startswith("https://cognito-idp.")
    assert variables == {
        "SITE_URL": "http://localhost:8000",
        "AWS_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": local_aws.settings.endpoint,
        "COGNITO_SIGN_IN_WITH": "email",
        "COGNITO_REGISTRATION": "self",
        "COGNITO_DOMAIN": "",
        "COGNITO_PROVIDERS": "",
        "COGNITO_DEFAULT_GROUP": "",
        "COGNITO_STAFF_GROUP": "staff",
        "COGNITO_SUPERUSER_GROUP": "superusers",
        "COGNITO_IDENTITY_POOL_ID": "",
        "FILES_BUCKET": "",
    }


def test_what_changes_is_told_with_the_values_before_and_after(call: Call) -> None:
    call("--yes", DEVELOPMENT)
    said = call("--yes", "--parameter=Registration=closed", "--parameter=DefaultGroup=members")
    assert "This will change the stack" in said.err
    assert "  parameter  Registration: self -> closed\n" in said.err
    assert "  parameter  DefaultGroup: empty -> members\n" in said.err
    assert "  add        DefaultUserPoolGroup" in said.err
    assert "  change     UserPool (AWS::Cognito::UserPool): AdminCreateUserConfig\n" in said.err
    assert "DefaultUserPoolGroup made\n" in said.err
    assert "Attach" not in said.err
    assert said.variables["COGNITO_REGISTRATION"] == "closed"
    assert said.variables["COGNITO_DEFAULT_GROUP"] == "members"


def test_nothing_to_change_is_said_and_the_variables_are_printed(call: Call) -> None:
    first = call("--yes", DEVELOPMENT)
    again = call("--yes")
    assert again.err.startswith("Nothing to change.\n")
    assert again.out == first.out


def test_a_dry_run_changes_nothing_and_prints_no_variables(call: Call) -> None:
    said = call("--dry-run", DEVELOPMENT)
    assert "Nothing was changed. The stack stays, empty and in review" in said.err
    assert said.out == ""
    assert "This will make" in call("--dry-run", DEVELOPMENT).err
    call("--yes", DEVELOPMENT)
    dry = call("--dry-run", "--parameter=SiteName=Other")
    assert "  parameter  SiteName: Latchkey -> Other\n" in dry.err
    assert dry.err.endswith("Nothing was changed.\n")
    assert "SiteName: Latchkey -> Other" in call("--dry-run", "--parameter=SiteName=Other").err


@pytest.mark.parametrize("answer", ["n\n", "\n", "", "yesterday\n"])
def test_without_a_yes_nothing_is_changed(call: Call, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    answering(monkeypatch, answer)
    assert refused(call, DEVELOPMENT) == (1, "Nothing was changed.")
    assert "This will make" in call("--dry-run", DEVELOPMENT).err


def test_a_yes_at_the_terminal_deploys(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "y\n")
    assert "Deploy this? [y/N] " in call(DEVELOPMENT).err
    answering(monkeypatch, "")
    assert "Nothing to change." in call().err


def test_ctrl_c_instead_of_an_answer_changes_nothing(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "")

    def interrupted() -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", interrupted)
    code, words = refused(call, DEVELOPMENT)
    assert (code, words.strip()) == (1, "Stopped. Nothing was changed.")
    assert "This will make" in call("--dry-run", DEVELOPMENT).err


def test_ctrl_c_while_aws_deploys_says_that_it_goes_on(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_progress: Progress, _event: Event) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Progress, "tell", interrupted)
    code, words = refused(call, "--yes", DEVELOPMENT)
    assert (code, words.strip()) == (1, "Stopped. AWS goes on with the deployment by itself.")


def test_where_nobody_can_be_asked_it_takes_a_yes(call: Call) -> None:
    assert refused(call, DEVELOPMENT)[0] == 2
    assert "This will make" in call("--dry-run", DEVELOPMENT).err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--parameter=Environment"], 1, "is not Name=Value"),
        (["--parameter==x"], 1, "is not Name=Value"),
        (["--parameter=SiteURL=https://a.example.com"], 2, "no parameter SiteURL. Is SiteUrl meant?"),
        (["--parameter=SiteName=a", "--parameter=SiteName=b"], 2, "given twice"),
        (["--parameter=GoogleSecret=GOCSPX-in-clear"], 2, "GoogleSecret takes the ARN of a secret"),
        (["--profile=nobody"], 2, "nobody"),
        (["--write-env=/nonexistent/site.env"], 2, "Nothing can be written in"),
        (["--stack-name=no name"], 1, "stackName"),
        (["--parameter=Environment=test"], 1, "Environment"),
        ([], 1, "Set SiteUrl to the address of your site"),
    ],
)
def test_what_cannot_be_is_refused_in_words(call: Call, arguments: list[str], code: int, words: str) -> None:
    found = refused(call, "--yes", *arguments)
    assert words in found[1]
    assert found[0] == code
    assert "GOCSPX" not in found[1]


def test_a_parameter_that_is_none_is_wrong_usage_for_a_script() -> None:
    ended = subprocess.run(
        [sys.executable, "manage.py", "deploy_cognito", "--parameter", "Environment"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "SECRET_KEY": "unused"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert "'Environment' is not Name=Value" in ended.stderr


def test_a_site_that_knows_no_pool_yet_can_deploy_one(
    administrator: dict[str, str], stack: str, tmp_path: Path
) -> None:
    """With a secret key and an AWS key alone, as docs/your-own-pool.md begins."""
    arguments = ["--stack-name", stack, "--yes", DEVELOPMENT, "--write-env", str(tmp_path / ".env")]
    ended = subprocess.run(
        [sys.executable, "manage.py", "deploy_cognito", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "SECRET_KEY": "unused", "COGNITO_USER_POOL_ID": "", **administrator},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (0, "")
    assert "COGNITO_USER_POOL_ID='eu-west-1_" in (tmp_path / ".env").read_text()


def test_the_pool_is_never_let_go(call: Call) -> None:
    call("--yes", DEVELOPMENT)
    code, words = refused(call, "--yes", "--parameter=StaffGroup=crew")
    assert code == 1
    assert "--let-go StaffUserPoolGroup" in words
    said = call("--yes", "--parameter=StaffGroup=crew", "--let-go=StaffUserPoolGroup")
    assert "  replace    StaffUserPoolGroup" in said.err
    assert "StaffUserPoolGroup replaced" in said.err
    assert said.variables["COGNITO_STAFF_GROUP"] == "crew"


def test_passkeys_and_texted_second_factors_go_only_when_they_are_named(call: Call) -> None:
    call("--yes", DEVELOPMENT, "--parameter=RelyingPartyId=a.example.com", "--parameter=TextMessages=on")
    changes = ["--yes", "--parameter=RelyingPartyId=example.com", "--parameter=TextMessages=off"]
    code, words = refused(call, *changes, "--let-go=TextMessages")
    assert code == 1
    assert words == (
        "RelyingPartyId would be example.com instead of a.example.com, and with it everybody's passkeys would be lost. "
        "If that is meant, add --let-go RelyingPartyId."
    )
    said = call(*changes, "--let-go=RelyingPartyId", "--let-go=TextMessages")
    assert "  parameter  RelyingPartyId: a.example.com -> example.com\n" in said.err


def test_a_server_that_is_away_is_worth_another_try(
    call: Call, monkeypatch: pytest.MonkeyPatch, local_aws: LocalAWS
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    code, words = refused(call, "--yes", DEVELOPMENT)
    assert code == 3
    assert "could not be reached" in words


def test_a_key_that_may_not_deploy_is_told_so(call: Call, local_aws: LocalAWS, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, local_aws.env[name])
    code, words = refused(call, "--yes", DEVELOPMENT)
    assert code == 4
    assert "may not do DescribeStacks" in words


def secret_of(local_aws: LocalAWS, variables: dict[str, str]) -> str:
    """Return the secret of the client that was made, as Cognito knows it."""
    client = clients(local_aws.root_env)("cognito-idp")
    described = client.describe_user_pool_client(
        UserPoolId=variables["COGNITO_USER_POOL_ID"], ClientId=variables["COGNITO_CLIENT_ID"]
    )
    return str(described["UserPoolClient"]["ClientSecret"])


def test_the_secret_is_shown_only_to_who_asks(call: Call, local_aws: LocalAWS, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    printed = call("--yes", DEVELOPMENT)
    secret = secret_of(local_aws, printed.variables)
    assert "--write-env FILE writes it" in printed.err
    written, as_json = call("--yes", f"--write-env={file}"), call("--yes", "--json")
    for said in (printed, written, as_json):
        assert secret not in said.out + said.err
    assert f"COGNITO_CLIENT_SECRET='{secret}'\n" in file.read_text()
    assert written.out == ""
    asked = call("--yes", "--show-secret")
    assert asked.variables["COGNITO_CLIENT_SECRET"] == secret
    assert secret not in asked.err


def test_a_file_of_another_pool_is_refused_before_anything_is_made(call: Call, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("COGNITO_USER_POOL_ID=eu-west-1_other\n")
    code, words = refused(call, "--yes", DEVELOPMENT, f"--write-env={file}")
    assert code == 1
    assert "is for the pool eu-west-1_other" in words
    assert "This will make" in call("--dry-run", DEVELOPMENT).err


def test_a_dry_run_writes_no_file(call: Call, tmp_path: Path) -> None:
    call("--dry-run", DEVELOPMENT, f"--write-env={tmp_path / '.env'}")
    assert list(tmp_path.iterdir()) == []


def test_a_script_gets_one_document(call: Call, stack: str) -> None:
    document = json.loads(call("--yes", DEVELOPMENT, "--json").out)
    assert document["outcome"] == "deployed"
    assert (document["stack"], document["account"], document["region"]) == (stack, "000000000000", "eu-west-1")
    assert {"action": "Add", "logical_id": "UserPool"}.items() <= document["changes"][-1].items()
    assert document["outputs"]["UserPoolId"] == document["environment"]["COGNITO_USER_POOL_ID"]
    assert "drift" not in document
    again = json.loads(call("--yes", "--json").out)
    assert (again["outcome"], again["changes"]) == ("nothing to change", [])
    dry = json.loads(call("--dry-run", "--json", "--drift", "--parameter=SiteName=Other").out)
    assert (dry["outcome"], dry["drift"]) == ("not done", [])
    assert dry["parameters"] == [{"name": "SiteName", "before": "Latchkey", "after": "Other"}]


def test_what_was_changed_by_hand_is_shown(call: Call, local_aws: LocalAWS, stack: str) -> None:
    assert "Nothing was changed by hand." in call("--yes", DEVELOPMENT, "--parameter=TextMessages=on", "--drift").err
    make = clients(local_aws.root_env)
    resource = make("cloudformation").describe_stack_resource(StackName=stack, LogicalResourceId="TextMessageRole")
    role = resource["StackResourceDetail"]["PhysicalResourceId"]
    document = '{"Version": "2012-10-17", "Statement": []}'
    make("iam").update_assume_role_policy(RoleName=role, PolicyDocument=document)
    said = call("--dry-run", "--drift")
    assert "Changed by hand since the last deployment:\n  TextMessageRole /AssumeRolePolicyDocument" in said.err


def told(*events: Event, live: bool = False) -> str:
    """Return what is said of events in a deployment that adds a client and changes the pool."""
    lines: list[str] = []
    progress = Progress(
        lambda words, ending: lines.append(words + ending), {"Client": "made", "UserPool": "changed"}, live=live
    )
    for event in events:
        progress.tell(event)
    return "".join(lines)


POOL, CLIENT = "AWS::Cognito::UserPool", "AWS::Cognito::UserPoolClient"


def test_what_is_only_begun_makes_no_line_where_lines_stay() -> None:
    begun, done = Event("UserPool", POOL, "UPDATE_IN_PROGRESS"), Event("UserPool", POOL, "UPDATE_COMPLETE")
    assert told(begun, done) == "[1/2] UserPool changed\n"
    assert told(begun, done, live=True) == "\r\x1b[K[0/2] UserPool ...\r\x1b[K[1/2] UserPool changed\n"


def test_a_resource_is_counted_once_and_one_that_does_not_change_is_not() -> None:
    done = Event("UserPool", POOL, "UPDATE_COMPLETE")
    other = Event("StaffUserPoolGroup", "AWS::Cognito::UserPoolGroup", "UPDATE_COMPLETE")
    assert told(done, other, done, Event("Client", CLIENT, "CREATE_COMPLETE")) == (
        "[1/2] UserPool changed\n[2/2] Client made\n"
    )


def test_a_failure_is_told_with_its_reason_and_what_follows_from_it_is_not() -> None:
    failed = Event("UserPool", POOL, "UPDATE_FAILED", "No such identity")
    cancelled = Event("Client", CLIENT, "CREATE_FAILED", "Resource creation cancelled")
    undone = Event("stack", "AWS::CloudFormation::Stack", "UPDATE_ROLLBACK_IN_PROGRESS", "The pool failed.")
    kept = Event("UserPool", POOL, "DELETE_SKIPPED")
    assert told(failed, cancelled, undone, kept) == (
        "[0/2] UserPool failed: No such identity\nAWS undoes it. The pool failed.\n"
        "[0/2] UserPool kept, outside the stack\n"
    )
