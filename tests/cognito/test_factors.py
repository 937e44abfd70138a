"""One list of second factors, by every name they go by, kept up with botocore's model."""

from __future__ import annotations

import pytest

from accounts.cognito.challenges import ChallengeName
from accounts.cognito.factors import Factor
from tests.cognito.operations import service_model

# Switched by the same operation; a factor that is a passkey has no page here.
NOT_OURS = {"WebAuthnMfaSettings"}


def test_every_setting_of_cognitos_has_its_factor() -> None:
    members = service_model().operation_model("SetUserMFAPreference").input_shape.members
    assert set(members) - {"AccessToken"} - NOT_OURS == {factor.setting for factor in Factor}


def test_every_factor_is_a_question_of_a_sign_in() -> None:
    assert set(Factor) <= set(ChallengeName)


def test_a_factor_is_found_by_the_key_of_the_pages() -> None:
    assert [Factor.of_key(factor.key) for factor in Factor] == list(Factor)


def test_e_mail_has_two_names() -> None:
    assert {Factor.named("EMAIL_OTP"), Factor.named("EMAIL_MFA")} == {Factor.EMAIL}


@pytest.mark.parametrize("name", ["", "WEB_AUTHN", "email", "totp"])
def test_what_is_no_name_of_cognitos_is_no_factor(name: str) -> None:
    assert Factor.named(name) is None


def test_a_factor_that_this_site_does_not_know_is_left_out() -> None:
    assert Factor.all_named(["SMS_MFA", "BRAND_NEW", "SOFTWARE_TOKEN_MFA"]) == (Factor.SMS, Factor.TOTP)
