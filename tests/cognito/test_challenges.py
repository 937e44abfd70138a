"""The table of challenges is kept up with botocore's own list."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from accounts.cognito.challenges import ANSWER_KEYS, UNSUPPORTED, ChallengeName


def botocores_list() -> set[str]:
    client = boto3.Session().client(
        "cognito-idp", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    model: Any = client.meta.service_model
    return set(model.shape_for("ChallengeNameType").enum)


def test_every_challenge_is_handled_or_explained() -> None:
    assert botocores_list() - {*ChallengeName, *UNSUPPORTED} == set()


def test_nothing_is_both_handled_and_explained_away() -> None:
    assert set(ChallengeName) & UNSUPPORTED.keys() == set()


def test_no_challenge_is_made_up() -> None:
    assert {*ChallengeName, *UNSUPPORTED} - botocores_list() == set()


@pytest.mark.parametrize("name", [name for name in ChallengeName if name != ChallengeName.MFA_SETUP])
def test_every_question_has_a_place_for_its_answer(name: ChallengeName) -> None:
    assert ANSWER_KEYS[name]
