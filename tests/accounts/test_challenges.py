"""The table of challenges is complete: each of Cognito's has a form, a page and what the site has to know of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

from accounts.challenges import CODES_BY_FACTOR, SUPPORTED, supported
from accounts.cognito.challenges import UNSUPPORTED, ChallengeName
from accounts.cognito.factors import Factor
from accounts.cognito.results import Challenge
from accounts.forms.challenges import ChoiceForm
from accounts.pool import ASSUMED_WITH_CHOICE

PAGES = Path(settings.BASE_DIR) / "templates" / "accounts" / "challenges"


def test_every_challenge_has_its_record() -> None:
    assert set(SUPPORTED) == set(ChallengeName)


@pytest.mark.parametrize("name", [*UNSUPPORTED, "NEVER_HEARD_OF_IT", ""])
def test_what_has_no_page_has_no_record(name: str) -> None:
    assert supported(name) is None


@pytest.mark.parametrize("name", list(ChallengeName))
def test_every_challenge_has_a_page(name: ChallengeName) -> None:
    assert get_template(SUPPORTED[name].template_name)


def test_every_page_is_some_challenges() -> None:
    of_the_table = {challenge.template for challenge in SUPPORTED.values()}
    assert {path.stem for path in PAGES.glob("*.html")} - of_the_table == {"code", "unknown"}


def test_cognito_sends_codes_by_mail_and_by_text_and_none_for_an_app() -> None:
    sent = {name for name, challenge in SUPPORTED.items() if challenge.code_sent}
    assert sent == {ChallengeName.EMAIL_OTP, ChallengeName.SMS_OTP, ChallengeName.SMS_MFA}


@pytest.mark.parametrize("name", list(ChallengeName))
def test_every_choice_has_its_choices_and_nothing_else_has_any(name: ChallengeName) -> None:
    offered = Challenge(name, "ada", parameters={"MFAS_CAN_CHOOSE": '["SMS_MFA"]'}, available=("PASSWORD",))
    assert bool(SUPPORTED[name].choices(offered)) is issubclass(SUPPORTED[name].form, ChoiceForm)


def test_every_way_in_of_a_pool_can_be_chosen() -> None:
    ways = {name for name, challenge in SUPPORTED.items() if challenge.way_in}
    assert ASSUMED_WITH_CHOICE.first_factors <= ways


def test_every_second_factor_can_be_chosen() -> None:
    assert set(CODES_BY_FACTOR) == set(Factor)
