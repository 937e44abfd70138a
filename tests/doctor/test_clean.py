"""The template's own pool, and the list of rules."""

from __future__ import annotations

import re
from dataclasses import fields, replace

from accounts.cognito.config import CognitoConfig, Provider
from accounts.cognito.inspection import Inspection
from accounts.doctor.examination import examine, reads_of
from accounts.doctor.registry import RULES, Severity
from accounts.doctor.snapshot import Snapshot, take
from devcloud.deploy import Deployment, development_parameters
from devcloud.provider import OutsideProvider
from devcloud.start import LocalAWS
from infra import environment
from infra.deploy import deploy
from infra.stack import Stack
from infra.template import Template
from tests.doctor.conftest import clients_with
from tests.documents import text_of

# What the development site has on purpose, to try it out: devcloud/deploy.py.
MEANT = {
    "cognito.I103": "the flow for an AWS key is allowed beside the one in use",
    "cognito.I507": "people may sign in with a mailed code",
}


def test_the_templates_pool_has_nothing_but_what_is_meant(clean: Snapshot) -> None:
    report = examine(clean, RULES.values())
    assert {rule_id: finding.what for rule_id, finding in report.findings.items() if rule_id not in MEANT} == {}
    assert report.findings.keys() == MEANT.keys()
    assert [one.rule.id for one in report.not_judged] == []


def test_nor_has_the_one_with_another_provider(local_aws: LocalAWS, clean: Snapshot) -> None:
    aws = Deployment(local_aws.settings)
    provider = OutsideProvider("Elsewhere", "Elsewhere Inc", "http://localhost:1", "pool", "secret")
    stack = Stack(aws.account, "federated", Template.read(), poll=0.02)
    ours = development_parameters(local_aws.settings, {"SignInWith": "email"})
    variables = environment.variables(
        aws.account, deploy(stack, ours | {"Name": "federated"} | aws.outside_parameters(provider)).state
    )
    config = replace(
        clean.site.config,
        user_pool_id=variables["COGNITO_USER_POOL_ID"],
        client_id=variables["COGNITO_CLIENT_ID"],
        domain=variables["COGNITO_DOMAIN"],
        providers=tuple(Provider.of(each, "") for each in variables["COGNITO_PROVIDERS"].split(",")),
    )
    names = reads_of(RULES.values()) & {"pool", "client", "providers", "domains"}
    taken = take(Inspection(clients_with(local_aws.root_env), config), replace(clean.site, config=config), names)
    rules = [rule for rule in RULES.values() if rule.id[-3] == "7" and set(rule.reads) <= names | {"site"}]
    report = examine(taken, rules)
    assert report.findings == {}
    assert len(report.in_order) >= 15
    assert [provider.name for provider in config.providers] == ["Elsewhere", "COGNITO"]


def test_there_are_rules_enough_and_each_says_what_has_to_hold_and_why() -> None:
    assert len(RULES) >= 40
    for rule in RULES.values():
        assert re.fullmatch(r"cognito\.[EWI]\d{3}", rule.id)
        assert rule.holds.endswith((".", ")"))
        assert rule.why.endswith(".")


def test_every_reading_serves_a_rule() -> None:
    read = {name for rule in RULES.values() for name in rule.reads}
    assert {entry.name for entry in fields(Snapshot)} == read


def test_the_table_in_the_document_is_the_registry() -> None:
    rows = re.findall(r"^\| `(cognito\.\w+)` \| (\w+) \| (.+) \| (.+) \|$", text_of("docs/doctor.md"), re.MULTILINE)
    by_number = sorted(RULES.values(), key=lambda rule: rule.number)
    assert rows == [(rule.id, rule.severity.name.lower(), rule.holds, rule.why) for rule in by_number]


def test_the_letter_of_an_id_is_its_severity() -> None:
    assert [Severity.of(f"cognito.{letter}001") for letter in "EWI"] == [
        Severity.ERROR,
        Severity.WARNING,
        Severity.INFO,
    ]


def test_nothing_that_was_read_holds_the_secret(clean: Snapshot) -> None:
    config = clean.site.config
    assert isinstance(config, CognitoConfig)
    assert config.client_secret
    everything = repr([getattr(clean, entry.name) for entry in fields(Snapshot) if entry.name != "site"])
    requests = [str(getattr(getattr(clean, name), "update", "")) for name in ("pool", "client", "factors")]
    assert config.client_secret not in everything + "".join(requests) + repr(config)
