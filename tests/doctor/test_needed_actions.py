"""What the doctor wants the key of the site to be allowed, what the code calls, what the template allows: one set."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from accounts.cognito.config import CognitoConfig, Provider
from accounts.cognito.sign_in_names import SignInWith
from accounts.doctor.site import ADMINISTERING, Site
from infra.template import COGNITO, _Loader

GATEWAYS = Path(__file__).resolve().parents[2] / "accounts" / "cognito"
# Whose every call is signed with the site's key, and the service that each calls.
SIGNED = {"directory.py": "cognito-idp", "groups.py": "cognito-idp", "text_messages.py": "sns"}
# How the gateways call an operation by its name.
CALLS = {"_call", "_on", "_pages"}

# What asks for more than every site needs, by the condition of the template that allows it.
SETTINGS: dict[str, dict[str, Any]] = {
    "HasDefaultGroup": {"default_group": "members"},
    "RegistersPeople": {"registration": "admin"},
    "HasAdminPasswordAuth": {"auth_flow": "ADMIN_USER_PASSWORD_AUTH"},
    "HasProviders": {"providers": (Provider("Elsewhere", "Elsewhere"),)},
    "TextsNewcomers": {"registration": "admin", "sign_in_with": SignInWith.PHONE},
}
PLAIN: dict[str, Any] = {
    "default_group": "",
    "registration": "self",
    "auth_flow": "USER_PASSWORD_AUTH",
    "providers": (),
    "sign_in_with": SignInWith.EMAIL,
}


def needed(**config: Any) -> frozenset[str]:
    """Return what a site that is set so needs."""
    changed = replace(CognitoConfig.from_settings(settings.COGNITO), **{**PLAIN, **config})
    site = Site(config=changed, url="", session_seconds=0, challenge_seconds=0, refresh_margin=0)
    return site.needed_actions()


def names_called(module: str, calls: set[str]) -> Iterator[str]:
    """Return the operations that the gateway in `module` calls by name."""
    for node in ast.walk(ast.parse((GATEWAYS / module).read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in calls:
            for argument in node.args[:1]:
                if isinstance(argument, ast.Constant):
                    yield str(argument.value)


def called() -> set[str]:
    """Return every action that the code of the site takes with its key."""
    found = {f"{service}:{name}" for module, service in SIGNED.items() for name in names_called(module, CALLS)}
    return found | {f"cognito-idp:Admin{name}" for name in names_called("authentication.py", {"_sign_in_call"})}


def policy() -> dict[str, set[str]]:
    """Return the actions of the template's SitePolicy by their condition, "" for those that are always allowed."""
    template = yaml.load(COGNITO.read_text(), _Loader)  # noqa: S506
    found: dict[str, set[str]] = defaultdict(set)
    for statement in template["Resources"]["SitePolicy"]["Properties"]["PolicyDocument"]["Statement"]:
        condition, entry = unfolded(statement)
        actions = entry["Action"] if isinstance(entry["Action"], list) else [entry["Action"]]
        for action in actions:
            own_condition, name = unfolded(action)
            found[own_condition or condition].add(name)
    return found


def unfolded(value: Any) -> tuple[str, Any]:
    """Return the condition of an `Fn::If` without an else, "" for none, and what it allows."""
    if not isinstance(value, dict) or "Fn::If" not in value:
        return "", value
    condition, allowed, otherwise = value["Fn::If"]
    assert otherwise == {"Ref": "AWS::NoValue"}
    return condition, allowed


def test_the_key_is_asked_for_what_the_code_calls_and_for_nothing_else() -> None:
    everything = needed(**{name: value for changes in SETTINGS.values() for name, value in changes.items()})
    assert everything | ADMINISTERING == called()


@pytest.mark.parametrize("condition", SETTINGS)
def test_a_setting_asks_for_what_the_template_then_allows(condition: str) -> None:
    others = {"registration": "admin"} if condition == "TextsNewcomers" else {}
    assert needed(**SETTINGS[condition]) - needed(**others) == policy()[condition]


def test_without_any_of_them_the_key_reads_and_no_more() -> None:
    assert needed() == policy()[""]


@pytest.mark.parametrize("sign_in_with", [each for each in SignInWith if each.contact == "email"])
def test_whoever_has_a_mailbox_is_texted_nothing(sign_in_with: SignInWith) -> None:
    assert "sns:Publish" not in needed(registration="admin", sign_in_with=sign_in_with)
    assert "sns:Publish" not in needed(sign_in_with=SignInWith.PHONE)


def test_the_administration_is_what_its_parameter_allows() -> None:
    assert policy()["HasAdministration"] == ADMINISTERING
    assert policy().keys() == {"", "HasAdministration", *SETTINGS}
