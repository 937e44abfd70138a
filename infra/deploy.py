"""Deploys a stack: plan, refuse what loses something, ask, do, protect. The order is the same on AWS and locally."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from infra.change_set import Plan, refuse_losses
from infra.errors import DeploymentError
from infra.stack import Event, Stack, State

PROTECTED = "production"  # value of the parameter Environment


class Outcome(StrEnum):
    """What came of it."""

    DEPLOYED = "deployed"
    NOTHING_TO_CHANGE = "nothing to change"
    NOT_DONE = "not done"


@dataclass(frozen=True, slots=True)
class Deployment:
    """What was planned, what came of it, and the stack as it is now."""

    plan: Plan
    outcome: Outcome
    state: State


def unasked(_plan: Plan) -> bool:
    """Agree to every plan."""
    return True


def untold(_event: Event) -> None:
    """Hear of an event, and say nothing."""


def deploy(
    stack: Stack,
    given: Mapping[str, str],
    *,
    agreed: Callable[[Plan], bool] = unasked,
    told: Callable[[Event], None] = untold,
    let_go: Collection[str] = (),
) -> Deployment:
    """Bring ``stack`` to what its template and the ``given`` parameters say, and return what came of it.

    ``agreed`` is asked with the plan before anything is changed, ``told`` hears each event, ``let_go`` names app
    clients, groups and second factors that may be lost. Nothing is ever deleted but the change set that is not
    executed. Raises DeploymentError in one of its kinds; the change set is gone then.
    """
    plan = stack.plan(given)
    if not plan.change_set_id:
        return Deployment(plan, Outcome.NOTHING_TO_CHANGE, _protected(stack))
    try:
        refuse_losses(plan.changes, let_go, plan.parameters)
        wanted = agreed(plan)
    except BaseException:
        with suppress(DeploymentError):  # the reason to give up is the one to hear of
            stack.discard(plan)
        raise
    if not wanted:
        stack.discard(plan)
        return Deployment(plan, Outcome.NOT_DONE, stack.state())
    stack.execute(plan, told)
    return Deployment(plan, Outcome.DEPLOYED, _protected(stack))


def _protected(stack: Stack) -> State:
    """Return the stack as it is, protected from deletion first where it is for production."""
    state = stack.state()
    if state.parameters.get("Environment") == PROTECTED and not state.protected:
        stack.protect()
        return stack.state()
    return state
