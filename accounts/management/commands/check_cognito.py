"""``manage.py check_cognito``: look at the pool as it is now, and say what is wrong with it.

https://docs.djangoproject.com/en/5.2/howto/custom-management-commands/
"""

import json
from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from accounts import conf
from accounts.cognito.config import CognitoConfig
from accounts.doctor import rules  # noqa: F401 -- importing registers them
from accounts.doctor.examination import Report, examine, reads_of
from accounts.doctor.registry import RULES, Rule, Severity
from accounts.doctor.site import Site
from accounts.doctor.snapshot import Snapshot, Unread, take
from accounts.management.exit_codes import ExitCode, failure

# Without these there is nothing to judge.
ESSENTIAL = ("pool", "client")


class Command(BaseCommand):
    """Only reads, and only what the rules that were asked for need. Prints no secret."""

    help = (
        "Reads how the user pool is set up and says what is wrong, why it matters and what mends it. Ends with 0 when "
        "nothing was found, 1 when something was, 2 when called wrongly, 3 when Cognito cannot answer now, and 4 when "
        "the settings name no pool or app client, or the AWS key may not even read them."
    )
    # The pool is another matter than the settings, and may be looked at while those are not in order yet.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add ``--rule``, ``--json``, ``--fail-level``, ``--principal`` and ``--request``."""
        parser.add_argument(
            "--rule", action="append", metavar="ID", help="Only this rule, as in cognito.E104. Repeatable."
        )
        parser.add_argument("--json", action="store_true", help="Print the report as one JSON object.")
        levels = [severity.name.lower() for severity in reversed(Severity)]
        parser.add_argument(
            "--fail-level", choices=levels, default="error", help="The least finding that ends with 1 (error)."
        )
        parser.add_argument(
            "--principal",
            default="",
            metavar="ARN",
            help="The user or role the site runs as, where this key is another's.",
        )
        parser.add_argument(
            "--request",
            metavar="ID",
            help="Print the request that mends what this rule finds, for the AWS CLI's --cli-input-json.",
        )

    def handle(
        self,
        *args: Any,
        rule: list[str] | None,
        json: bool,
        fail_level: str,
        principal: str,
        request: str | None,
        **options: Any,
    ) -> None:
        """Look, print, and end as the class says."""
        chosen = chosen_rules([request] if request else rule)
        refuse_no_pool(conf.config())
        wanted = reads_of(chosen) | set(ESSENTIAL)
        snapshot = take(conf.inspection(), Site.from_settings(), wanted, principal=principal)
        report = examine(snapshot, chosen)
        if request:
            self.print_request(report, chosen[0])
            return
        self.stdout.write(as_json(report) if json else "\n".join(lines(report)))
        end(report, snapshot, Severity[fail_level.upper()])

    def print_request(self, report: Report, rule: Rule) -> None:
        """Print what mends the finding of ``rule``, and nothing else: it goes into a pipe."""
        finding = report.findings.get(rule.id)
        if finding is None:
            reason = next((one.unread.reason for one in report.not_judged), "there is nothing to mend")
            raise failure(f"{rule.id}: {reason}.", ExitCode.REFUSED)
        if not finding.fix.operation:
            raise failure(f"{rule.id} is not mended by one request. {finding.fix.line(rule.id)}", ExitCode.REFUSED)
        self.stdout.write(finding.fix.request_json())


def chosen_rules(ids: Collection[str] | None) -> list[Rule]:
    """Return the rules called ``ids``, all but silenced ones for none. Ends the command for one that does not exist."""
    if not ids:
        heard = [rule for rule in RULES.values() if rule.id not in settings.SILENCED_SYSTEM_CHECKS]
        return sorted(heard, key=lambda rule: rule.number)
    names = [name if name.startswith("cognito.") else f"cognito.{name}" for name in ids]
    unknown = sorted(set(names) - RULES.keys())
    if unknown:
        raise failure(f"There is no rule {', '.join(unknown)}. docs/doctor.md lists them.", ExitCode.USAGE)
    return [RULES[name] for name in dict.fromkeys(names)]


def refuse_no_pool(config: CognitoConfig) -> None:
    """End the command where the settings name nothing that could be looked at."""
    named = {
        "COGNITO_USER_POOL_ID": config.user_pool_id,
        "COGNITO_CLIENT_ID": config.client_id,
        "AWS_REGION": config.region,
    }
    empty = [name for name, value in named.items() if not value]
    if empty:
        raise failure(f"There is no pool to look at. Empty: {', '.join(empty)}.", ExitCode.MISCONFIGURED)


def lines(report: Report) -> list[str]:
    """Return the report, one line a rule: the worst first, then what could not be judged, then how many of each."""
    by_severity = sorted(report.findings, key=lambda rule_id: -RULES[rule_id].severity)
    found = [
        f"{RULES[rule_id].severity.name} {rule_id}: {report.findings[rule_id].what} {RULES[rule_id].why} "
        f"Mend: {report.findings[rule_id].fix.line(rule_id)}"
        for rule_id in by_severity
    ]
    skipped = [
        f"NOT JUDGED {one.rule.id}: {one.rule.holds} Not known, because {one.unread.reason}."
        for one in report.not_judged
    ]
    return [*found, *skipped, summary(report)]


def summary(report: Report) -> str:
    """Return how many rules came to what."""
    counted = {
        severity: sum(RULES[rule_id].severity is severity for rule_id in report.findings)
        for severity in reversed(Severity)
    }
    found = ", ".join(f"{count} {severity.name.lower()}" for severity, count in counted.items())
    silenced = len(RULES.keys() & set(settings.SILENCED_SYSTEM_CHECKS))
    return (
        f"{found}; {len(report.in_order)} in order, {len(report.not_judged)} not judged"
        f"{f', {silenced} silenced' if silenced else ''}."
    )


def as_json(report: Report) -> str:
    """Return the report for a script."""
    findings = [
        {
            "id": rule_id,
            "severity": RULES[rule_id].severity.name.lower(),
            "what": finding.what,
            "why": RULES[rule_id].why,
            "fix": finding.fix.words,
            "command": finding.fix.command_for(rule_id),
        }
        for rule_id, finding in report.findings.items()
    ]
    skipped = [
        {"id": one.rule.id, "reason": one.unread.reason, "action": one.unread.action} for one in report.not_judged
    ]
    return json.dumps({"findings": findings, "not_judged": skipped, "in_order": list(report.in_order)}, indent=2)


def end(report: Report, snapshot: Snapshot, fail_level: Severity) -> None:
    """End the command as a script has to know: what was found comes before what could not be looked at."""
    worst = report.worst()
    if worst is not None and worst >= fail_level:
        raise SystemExit(ExitCode.REFUSED)
    missing = [value for name in ESSENTIAL if isinstance(value := getattr(snapshot, name), Unread)]
    if any(one.outage for one in missing) or any(one.unread.outage for one in report.not_judged):
        raise failure("Cognito cannot answer now: not all could be looked at.", ExitCode.UNAVAILABLE)
    if missing:
        raise failure(f"The pool could not be looked at: {missing[0].reason}.", ExitCode.MISCONFIGURED)
