"""What IAM policies say of people with an identity in an identity pool, and of how a request came.

MiniStack compares ``${cognito-identity.amazonaws.com:sub}`` with the request letter by letter, as if it were no
variable, and knows nothing of the identity behind a session. It also takes every request to this machine for one in
clear, which a bucket that is closed to those would refuse.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace as changed
from typing import Any

from ministack import app
from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import EvalContext, ParsedStatement, ResolvedCredential
from ministack.services import sts

from devcloud.patching import replace

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_LITERAL = {"*": "*", "?": "?", "$": "$"}
_PROVIDER = "cognito-identity.amazonaws.com"
_stock_keys: Callable[[ResolvedCredential], dict[str, Any]] = iam_evaluator._principal_keys
_stock_match: Callable[[EvalContext, list[ParsedStatement], str], ParsedStatement | None] = iam_evaluator._first_match
_stock_pin: Callable[[str, bool], None] = iam_evaluator.pin_request_origin


def principal_keys(credential: ResolvedCredential) -> dict[str, Any]:
    """Return the condition keys of a caller, with those of the identity whose session it is."""
    keys = _stock_keys(credential)
    session = sts._sessions.get(credential.access_key_id) or {}
    if session.get("_identity_id"):
        keys |= {
            f"{_PROVIDER}:sub": session["_identity_id"],
            f"{_PROVIDER}:aud": session["_identity_pool_id"],
            f"{_PROVIDER}:amr": [session["_cognito_auth_type"]],
        }
    return keys


def first_match(ctx: EvalContext, stmts: list[ParsedStatement], effect: str) -> ParsedStatement | None:
    """Return the first statement of this effect that fits, with its variables filled in from the request."""
    return _stock_match(ctx, [filled for each in stmts if (filled := filled_in(each, ctx)) is not None], effect)


def filled_in(statement: ParsedStatement, ctx: EvalContext) -> ParsedStatement | None:
    """Return the statement with the request's values; None where it names a variable that the request does not have.

    AWS takes such a statement for one that fits nothing.
    """
    try:
        return changed(
            statement,
            resources=[_filled(each, ctx) for each in statement.resources],
            not_resources=[_filled(each, ctx) for each in statement.not_resources],
            conditions={
                operator: {key: _filled_all(expected, ctx) for key, expected in block.items()}
                for operator, block in statement.conditions.items()
                if isinstance(block, dict)
            },
        )
    except KeyError:
        return None


def _filled_all(expected: Any, ctx: EvalContext) -> Any:
    if isinstance(expected, list):
        return [_filled(str(each), ctx) for each in expected]
    return _filled(expected, ctx) if isinstance(expected, str) else expected


def _filled(pattern: str, ctx: EvalContext) -> str:
    def value(found: re.Match[str]) -> str:
        name, _, default = found[1].partition(",")
        if name in _LITERAL:
            return _LITERAL[name]
        known = iam_evaluator._resolve_condition_key(name.strip(), ctx)
        if isinstance(known, str):
            return known
        if not default:
            raise KeyError(name)
        return default.strip().strip("'")

    return _VARIABLE.sub(value, pattern)


def pin_request_origin(source_ip: str, secure_transport: bool) -> None:
    """Take a request for a secure one: nothing of it leaves this machine, as nobody listens in on TLS."""
    _stock_pin(source_ip, True)


def install() -> None:
    """Have policies speak of identities, and of requests to this machine as of secure ones."""
    replace(iam_evaluator, "_principal_keys", principal_keys)
    replace(iam_evaluator, "_first_match", first_match)
    replace(app, "pin_request_origin", pin_request_origin)
