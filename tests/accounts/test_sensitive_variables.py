"""Whatever reports a mistake, Django's own filter included, is told which variables hold what nobody may read."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "accounts"
# What a parameter or a variable that holds a password, a token or a key is called.
SECRETS = {"password", "tokens", "cognito_tokens", "refresh_token", "refresh_tokens", "access_token", "nonce", "secret"}
# Django-free: nothing of Django's can be named there.
GATEWAYS = APP / "cognito"


def held_by(function: ast.FunctionDef) -> set[str]:
    """Return the names of `function` that hold secrets: its parameters, and the variables it fills."""
    arguments = {argument.arg for argument in [*function.args.args, *function.args.kwonlyargs]}
    stored = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return (arguments | stored) & SECRETS


def declared_by(function: ast.FunctionDef) -> set[str]:
    """Return the names that the decorator of `function` declares."""
    return {
        argument.value
        for decorator in function.decorator_list
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "sensitive_variables"
        for argument in decorator.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def is_generator(function: ast.FunctionDef) -> bool:
    """Whether `function` yields: its frame then hangs under no decorator, and what one declares is not found."""
    return any(isinstance(node, ast.Yield) for node in ast.walk(function))


def undeclared(source: str) -> list[tuple[str, str]]:
    """Return the functions in `source` that do not declare a secret they hold, with its name."""
    functions = [
        node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef) and not is_generator(node)
    ]
    return [
        (function.name, name) for function in functions for name in sorted(held_by(function) - declared_by(function))
    ]


def test_every_function_that_holds_a_secret_says_so() -> None:
    sources = {path: path.read_text() for path in APP.rglob("*.py") if GATEWAYS not in path.parents}
    assert {path.name: found for path, source in sources.items() if (found := undeclared(source))} == {}


@pytest.mark.parametrize(
    "source",
    [
        "def f(password): ...",
        "def f(*, tokens): ...",
        "def f():\n    refresh_token = g()",
        "@sensitive_variables('tokens')\ndef f(password): ...",
        "@sensitive_variables\ndef f(password): ...",
    ],
)
def test_one_that_did_not_would_be_noticed(source: str) -> None:
    assert undeclared(source) != []
