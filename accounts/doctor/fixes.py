"""How a finding is mended: in words, which name the template's parameter or our setting, and by a command.

UpdateUserPool, UpdateUserPoolClient and SetUserPoolMfaConfig put back what a request leaves out. So a command that
named the one changed setting would break the others: the commands here send all that the pool has now, with the change.
"""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts.cognito.inspected import AppClientSettings, FactorSettings, UserPoolSettings

TEMPLATE = "infra/cognito.yaml"


@dataclass(frozen=True, kw_only=True)
class Fix:
    """``words`` for people. For a shell a ``command``, or an ``operation`` of the AWS CLI that takes ``request``."""

    words: str = ""
    command: str = ""
    operation: str = ""
    request: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def request_json(self) -> str:
        """Return the request for ``aws cognito-idp <operation> --cli-input-json``."""
        return json.dumps(self.request, default=str)

    def command_for(self, rule_id: str) -> str:
        """Return the command that mends the finding of ``rule_id``, "" for none."""
        if not self.operation:
            return self.command
        return (
            f"python manage.py check_cognito --request {rule_id} | "
            f"aws cognito-idp {self.operation} --region {region_of(self.request['UserPoolId'])} "
            "--cli-input-json file:///dev/stdin"
        )

    def line(self, rule_id: str) -> str:
        """Return words and command in one line. An operation does what the words say in another way."""
        link = " Or: " if self.operation else " With: "
        return link.join(part for part in (self.words, self.command_for(rule_id)) if part)


def template(words: str) -> str:
    """Return what to say of the template: ``words`` name its parameter or property."""
    return f"Deploy {TEMPLATE} with {words}."


def another_pool() -> "Fix":
    """Return the fix of what a pool keeps as it was made."""
    return by_hand(
        "It stays as the pool was made. A second stack of "
        f"{TEMPLATE} makes a pool that has it right, and its people have to register again or be imported."
    )


def template_sets(name: str) -> str:
    """Return what to say of a property that the template sets whatever its parameters."""
    return f"Deploy {TEMPLATE}, which sets {name}."


def by_hand(words: str) -> Fix:
    """Return a fix that no command makes."""
    return Fix(words=words)


def setting(name: str, value: str) -> Fix:
    """Return the fix of a variable of the site's environment."""
    return Fix(words=f"Set {name}={value} in the site's environment." if value else f"Leave {name} empty.")


def aws(service: str, operation: str, words: str = "", *, region: str, **parameters: str) -> Fix:
    """Return ``aws <service> <operation>`` with its options, for an operation that changes nothing else."""
    options = [f"--{name.replace('_', '-')}={value}" for name, value in {"region": region, **parameters}.items()]
    return Fix(words=words, command=shlex.join(["aws", service, operation, *options]))


def region_of(pool_id: str) -> str:
    """Return the region in the id of a pool."""
    return pool_id.partition("_")[0]


def change_client(client: AppClientSettings, words: str = "", **changes: Any) -> Fix:
    """Return the fix that changes members of the app client and keeps all others; None takes one out."""
    return Fix(words=words, operation="update-user-pool-client", request=changed(client.update, changes))


def change_pool(pool: UserPoolSettings, words: str = "", **changes: Any) -> Fix:
    """Return the fix that changes members of the pool and keeps all others; None takes one out."""
    return Fix(words=words, operation="update-user-pool", request=changed(pool.update, changes))


def change_factors(factors: FactorSettings, words: str = "", **changes: Any) -> Fix:
    """Return the fix that changes the pool's factors and keeps all others; None takes one out."""
    return Fix(words=words, operation="set-user-pool-mfa-config", request=changed(factors.update, changes))


def changed(request: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``request`` with ``changes``. A mapping is merged into the one that is there."""
    merged = dict(request)
    for name, value in changes.items():
        before = merged.get(name)
        merged[name] = {**before, **value} if isinstance(before, Mapping) and isinstance(value, Mapping) else value
    return {name: value for name, value in merged.items() if value is not None}
