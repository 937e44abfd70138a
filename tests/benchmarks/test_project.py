"""What is measured is what it is called."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from accounts import limits
from benchmarks.project import Project, sign_in
from benchmarks.sign_in import counted_in_process, uncounted
from tests.local_pool import LocalPool

pytestmark = pytest.mark.usefixtures("one_connection")

WRONG = "Wrong-horse-1"

WithoutLimits = Callable[[Project], AbstractContextManager[None]]


@pytest.mark.parametrize("without_limits", [uncounted, counted_in_process])
def test_a_refused_sign_in_is_refused_by_the_form_and_by_no_limit(
    pool: LocalPool, without_limits: WithoutLimits
) -> None:
    project = Project()
    with without_limits(project):
        answers = [sign_in(project, password=WRONG).status for _ in range(limits.LOGIN_BY_NAME.most + 1)]
    assert set(answers) == {200}


def test_a_sign_in_that_a_limit_answers_is_not_measured(pool: LocalPool) -> None:
    project = Project()
    for _ in range(limits.LOGIN_BY_NAME.most):
        sign_in(project, password=WRONG)
    with pytest.raises(RuntimeError, match="429"):
        sign_in(project, password=WRONG)


def test_a_right_password_that_is_refused_is_not_measured(pool: LocalPool) -> None:
    with pytest.raises(RuntimeError, match="200"):
        sign_in(Project())


def test_an_error_is_not_measured(pool: LocalPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "begin", lambda *_: 1 / 0)
    with pytest.raises(RuntimeError, match="500"):
        sign_in(Project(), password=WRONG)
