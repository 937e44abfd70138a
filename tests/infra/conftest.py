"""Stacks on the local AWS of the test process, beside the one of the site."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest
from botocore.stub import Stubber

from devcloud.deploy import root_session
from devcloud.start import LocalAWS
from infra.account import Account
from infra.stack import Stack
from infra.template import Template

MakeStack: TypeAlias = Callable[..., Stack]
DEVELOPMENT = {"Environment": "development", "Name": "another"}


@pytest.fixture
def account(local_aws: LocalAWS) -> Account:
    """The local AWS, with its administrator's key."""
    return Account.of(root_session(local_aws.settings), local_aws.settings.endpoint)


@pytest.fixture
def new_stack(account: Account) -> MakeStack:
    """Makes stacks that are not there yet, of the site's template unless told."""

    def make(template: Template | None = None, name: str = "") -> Stack:
        name = name or f"stack-{secrets.token_hex(6)}"
        return Stack(account, name, template or Template.read(), poll=0.02, patience=30)

    return make


@pytest.fixture
def answered(account: Account) -> Iterator[tuple[Stack, Stubber]]:
    """A stack whose AWS says what the test has it say, where the local AWS says no such thing."""
    stack = Stack(account, "pool", Template("Resources: {}", {"Name": "latchkey"}), poll=0, patience=5)
    stack.client = account._session.client("cloudformation", region_name="eu-west-1")  # not the shared one
    with Stubber(stack.client) as stubber:
        yield stack, stubber
        stubber.assert_no_pending_responses()


def change_sets(stack: Stack) -> list[dict[str, Any]]:
    """Return the change sets that wait at a stack."""
    found: list[dict[str, Any]] = stack.client.list_change_sets(StackName=stack.name)["Summaries"]
    return found
