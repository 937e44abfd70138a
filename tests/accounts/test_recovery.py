"""Ways back to a forgotten password: what is promised is what the pool does, with these second steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from pytest_django import Settings

from accounts import recovery
from accounts.cognito.factors import Factor
from accounts.cognito.results import PoolDescription, Profile
from accounts.models import User
from accounts.recovery import Readiness, Recovery

EMAIL, NUMBER = "ada@example.com", "+442079460042"
READ = "+44 20 7946 0042"  # as pages write it
PROVED = {"email_verified": "true", "phone_number_verified": "true"}
BOTH = {"email": EMAIL, "phone_number": NUMBER, **PROVED}
BY_BOTH, BY_EMAIL = ("email", "phone_number"), ("email",)


def ada(attributes: Mapping[str, str]) -> Profile:
    return Profile(username="ada", attributes=attributes)


def pool(*recovers_by: str) -> PoolDescription:
    return PoolDescription(recovers_by=recovers_by)


@pytest.mark.parametrize(
    ("order", "attributes", "factors", "expected"),
    [
        (BY_BOTH, BOTH, (), Recovery(Readiness.READY, "email", EMAIL)),
        (BY_BOTH[::-1], BOTH, (), Recovery(Readiness.READY, "phone_number", READ)),
        (BY_BOTH, BOTH, (Factor.TOTP,), Recovery(Readiness.READY, "email", EMAIL)),
        (BY_BOTH, BOTH, (Factor.EMAIL,), Recovery(Readiness.READY, "phone_number", READ)),
        (BY_EMAIL, BOTH, (Factor.EMAIL,), Recovery(Readiness.SECOND_STEP, "email", EMAIL)),
        (BY_BOTH, BOTH, (Factor.EMAIL, Factor.SMS), Recovery(Readiness.SECOND_STEP, "email", EMAIL)),
        (BY_EMAIL, {"email": EMAIL}, (), Recovery(Readiness.UNPROVED, "email", EMAIL)),
        (BY_EMAIL, {"phone_number": NUMBER, **PROVED, "email": ""}, (), Recovery(Readiness.UNPROVED, "email")),
        (("phone_number",), {"email": EMAIL, **PROVED}, (), Recovery(Readiness.UNPROVED, "phone_number")),
        ((), BOTH, (), Recovery(Readiness.BY_STAFF)),
        # A way that Cognito may learn one day.
        (("pigeon",), BOTH, (), Recovery(Readiness.UNPROVED, "pigeon", "")),
    ],
)
def test_codes_go_to_what_is_proved_and_is_no_second_step(
    order: tuple[str, ...], attributes: Mapping[str, str], factors: tuple[Factor, ...], expected: Recovery
) -> None:
    assert recovery.of(ada(attributes), pool(*order), factors) == expected


@pytest.mark.parametrize(("sign_in_with", "attribute"), [("email", "email"), ("username_phone", "phone_number")])
def test_of_a_pool_that_nobody_could_ask_only_the_contact_is_promised(
    settings: Settings, sign_in_with: str, attribute: str
) -> None:
    settings.COGNITO = {**settings.COGNITO, "SIGN_IN_WITH": sign_in_with}
    assert recovery.of(ada(BOTH), PoolDescription(), ()).attribute == attribute


@pytest.mark.parametrize(
    ("order", "factor", "depends"),
    [
        (BY_EMAIL, Factor.EMAIL, True),
        (BY_EMAIL, Factor.SMS, False),
        (BY_EMAIL, Factor.TOTP, False),
        (("phone_number",), Factor.SMS, True),
        ((), Factor.EMAIL, False),
    ],
)
def test_a_method_costs_the_way_back_that_goes_by_the_same(
    order: tuple[str, ...], factor: Factor, depends: bool
) -> None:
    assert recovery.depends_on(ada(BOTH), pool(*order), factor) is depends


def test_what_is_no_way_back_yet_costs_none() -> None:
    assert not recovery.depends_on(ada({"email": EMAIL}), pool("email"), Factor.EMAIL)


@pytest.mark.parametrize(
    ("kept", "readiness"),
    [
        ({"email_verified": True}, Readiness.READY),
        ({"email_verified": False}, Readiness.UNPROVED),
        ({"email_verified": True, "second_factors": ["EMAIL_OTP"]}, Readiness.SECOND_STEP),
        ({"email_verified": True, "email": ""}, Readiness.UNPROVED),
    ],
)
def test_what_is_kept_of_a_person_says_the_same(kept: dict[str, Any], readiness: Readiness) -> None:
    assert recovery.of_user(User(**{"email": EMAIL, **kept}), pool("email")).readiness is readiness


@pytest.mark.parametrize(("mark", "readiness"), [(True, Readiness.READY), (False, Readiness.UNPROVED)])
def test_a_number_that_is_kept_counts_once_it_is_proved(mark: bool, readiness: Readiness) -> None:
    user = User(email="", phone_number=NUMBER, phone_number_verified=mark)
    assert recovery.of_user(user, pool("phone_number")).readiness is readiness
