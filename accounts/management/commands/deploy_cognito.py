"""``manage.py deploy_cognito``: make or change the user pool as infra/cognito.yaml says, by a change set.

It needs nothing of the site's configuration but what every command does (``SECRET_KEY``): there is no pool yet.
https://docs.djangoproject.com/en/5.2/howto/custom-management-commands/
"""

import json
import sys
from argparse import ArgumentTypeError
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.management.exit_codes import ExitCode, failure
from accounts.management.progress import Progress
from infra import drift, env_file, environment
from infra.account import Account
from infra.change_set import Plan
from infra.deploy import Deployment, Outcome, deploy
from infra.errors import DeploymentError, Misused, NotAllowed, Unreachable
from infra.stack import Event, Stack
from infra.template import Template

STACK = "latchkey"
POLL = {True: 2.0, False: 0.1}  # seconds between two looks, by whether it is AWS that is looked at
CODES = {
    Misused: ExitCode.USAGE,
    NotAllowed: ExitCode.MISCONFIGURED,
    Unreachable: ExitCode.UNAVAILABLE,
}


def parameter(text: str) -> tuple[str, str]:
    """Return name and value of ``Name=Value``; raises ArgumentTypeError for anything else."""
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise ArgumentTypeError(f"{text!r} is not Name=Value")
    return name, value


class Command(BaseCommand):
    """Safe to run again: what is as it should be stays so. It never deletes a stack, and never lets a pool go."""

    help = (
        "Makes or changes the CloudFormation stack of infra/cognito.yaml, and says which variables the site needs then."
        " Shows first what will change."
    )
    requires_system_checks = []  # they would ask for the pool that is to be made

    def add_arguments(self, parser: CommandParser) -> None:
        """Add which stack is meant, what it is to be like, and what to do with the answer."""
        add = parser.add_argument
        add("--stack-name", default=STACK, metavar="NAME", help=f"The stack ({STACK}).")
        add("--parameter", action="append", type=parameter, default=[], metavar="NAME=VALUE", dest="given")
        add("--region", default="", help="The AWS region (AWS_REGION, or the profile's).")
        add("--profile", default="", help="The profile of the AWS configuration whose key is used.")
        add("--dry-run", action="store_true", help="Show what would change, and change nothing.")
        add("--yes", action="store_true", help="Do not ask before anything is changed.")
        add(
            "--let-go",
            action="append",
            default=[],
            metavar="NAME",
            help="What may be lost, by the name of its resource or parameter in the template.",
        )
        add("--drift", action="store_true", help="Show what was changed by hand since the last deployment.")
        add("--write-env", type=Path, metavar="FILE", help="Set the variables in FILE, the secret too (mode 0600).")
        add("--show-secret", action="store_true", help="Print the client's secret with the other variables.")
        add("--json", action="store_true", help="Print one JSON document instead of variables.")

    def handle(self, *args: Any, given: Sequence[tuple[str, str]], **options: Any) -> None:
        """Plan, ask, deploy, and print the variables; what is said meanwhile goes to standard error."""
        self.options = options
        self.executing = False
        with self.ended():
            parameters = self.checked(given)
            account = Account(region=options["region"], profile=options["profile"])
            template = Template.read()
            stack = Stack(account, options["stack_name"], template, poll=POLL[not account.endpoint])
            if options["write_env"]:
                env_file.refuse_another_pool(options["write_env"], stack.state().outputs.get("UserPoolId", ""))
            drifted = self.drifted(stack) if options["drift"] else None
            deployment = deploy(stack, parameters, agreed=self.agreed, told=self.told, let_go=options["let_go"])
            self.finish(account, deployment, drifted)

    def checked(self, given: Sequence[tuple[str, str]]) -> dict[str, str]:
        """Return the parameters by name; raises Misused for what need not be tried, before AWS is asked."""
        parameters = dict(given)
        if len(parameters) < len(given):
            raise Misused("A parameter is given twice.")
        template = Template.read()
        template.refuse_unknown(parameters)
        template.refuse_secrets(parameters)
        if not (self.options["yes"] or self.options["dry_run"] or sys.stdin.isatty()):
            raise Misused("Nobody is there to be asked. Add --yes to deploy without asking, or --dry-run.")
        return parameters

    @contextmanager
    def ended(self) -> Iterator[None]:
        """Turn what ends a deployment into the end of the command."""
        try:
            yield
        except DeploymentError as error:
            raise failure(str(error), CODES.get(type(error), ExitCode.REFUSED)) from error
        except KeyboardInterrupt:
            after = "AWS goes on with the deployment by itself." if self.executing else "Nothing was changed."
            raise failure(f"\nStopped. {after}", ExitCode.REFUSED) from None

    def say(self, words: str = "", ending: str = "\n") -> None:
        """Write to standard error, in no colour: standard output is for the variables."""
        self.stderr.write(words, lambda text: text, ending=ending)

    def drifted(self, stack: Stack) -> list[drift.Drift]:
        """Show what was changed by hand, and return it."""
        found = drift.detect(stack) if stack.state().outputs else []
        self.say("Changed by hand since the last deployment:" if found else "Nothing was changed by hand.")
        for each in found:
            words = f"{each.path}: {each.expected} in the template, {each.actual} now" if each.path else "is gone"
            self.say(f"  {each.logical_id} {words}")
        return found

    def agreed(self, plan: Plan) -> bool:
        """Show ``plan``, and return whether it is to be done."""
        self.show(plan)
        if self.options["dry_run"]:
            kept = " The stack stays, empty and in review, until it is deployed." if plan.creates else ""
            self.say(f"Nothing was changed.{kept}")
            return False
        if not self.options["yes"] and not self.confirmed():
            raise failure("Nothing was changed.", ExitCode.REFUSED)
        live = getattr(self.stderr, "isatty", bool)()
        done = {change.logical_id: change.done for change in plan.changes}
        self.progress = Progress(self.say, done, live=live)
        self.executing = True
        return True

    def show(self, plan: Plan) -> None:
        """Say what AWS would do, resource by resource, and which parameters change."""
        what = "make" if plan.creates else "change"
        self.say(f"This will {what} the stack {plan.stack} in account {plan.account}, {plan.region}:")
        for each in plan.parameters:
            was = "" if each.before is None else f"{each.before or 'empty'} -> "
            self.say(f"  parameter  {each.name}: {was}{each.after or 'empty'}")
        for change in plan.changes:
            properties = f": {', '.join(change.properties)}" if change.properties else ""
            self.say(f"  {change.words:<9}  {change.logical_id} ({change.resource_type}){properties}")
        if not plan.changes:
            self.say("  no resource, only what the stack puts out")

    def confirmed(self) -> bool:
        """Ask whoever sits at the terminal."""
        self.say("Deploy this? [y/N] ", ending="")
        try:
            return input().strip().lower() in {"y", "yes"}
        except EOFError:
            return False

    def told(self, event: Event) -> None:
        """Pass an event on to the terminal."""
        self.progress.tell(event)

    def finish(self, account: Account, deployment: Deployment, drifted: list[drift.Drift] | None) -> None:
        """Say what came of it, and write or print the variables."""
        plan, state, path = deployment.plan, deployment.state, self.options["write_env"]
        variables = environment.variables(account, state)
        if deployment.outcome is not Outcome.NOT_DONE:
            self.say("Nothing to change." if deployment.outcome is Outcome.NOTHING_TO_CHANGE else "Done.")
            if any(change.logical_id == "SitePolicy" and change.makes for change in plan.changes):
                self.say(f"Attach {state.outputs['SitePolicyArn']} to the role or user that the site runs as.")
            if path:
                env_file.merge(path, variables | environment.secret(account, state))
                self.say(f"The variables of the site are in {path}, the client's secret too.")
        if variables and self.options["show_secret"]:
            variables |= environment.secret(account, state)
        if self.options["json"]:
            self.stdout.write(json.dumps(document(deployment, variables, drifted), indent=2))
        elif not path and deployment.outcome is not Outcome.NOT_DONE:
            self.stdout.write("\n".join(f"{name}='{value}'" for name, value in variables.items()))
            if not self.options["show_secret"]:
                self.say(
                    "COGNITO_CLIENT_SECRET is not shown: --write-env FILE writes it to a file, --show-secret prints it."
                )


def document(deployment: Deployment, variables: dict[str, str], drifted: list[drift.Drift] | None) -> dict[str, Any]:
    """Return what ``--json`` prints; ``drift`` is in it where it was looked for."""
    plan = deployment.plan
    return {
        "outcome": deployment.outcome,
        "stack": plan.stack,
        "stack_id": plan.stack_id,
        "account": plan.account,
        "region": plan.region,
        "changes": [asdict(change) for change in plan.changes],
        "parameters": [asdict(change) for change in plan.parameters],
        "outputs": dict(deployment.state.outputs),
        "environment": variables,
        **({} if drifted is None else {"drift": [asdict(each) for each in drifted]}),
    }
