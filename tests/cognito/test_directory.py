"""What the pool is like, read with an AWS key."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.stub import Stubber

from accounts.cognito import errors
from accounts.cognito.directory import Directory
from accounts.cognito.results import PasswordPolicy
from tests.cognito.conftest import cognito_config


@pytest.fixture
def directory(idp: Any) -> Directory:
    return Directory(idp, cognito_config())


def lay_out(
    aws: Stubber, pool: dict[str, Any], mfa: dict[str, Any], flows: list[str] | None = None, **properties: Any
) -> None:
    aws.add_response("describe_user_pool", {"UserPool": pool})
    client = {"WriteAttributes": ["email", "name"], "ExplicitAuthFlows": flows or [], **properties}
    aws.add_response("describe_user_pool_client", {"UserPoolClient": client})
    aws.add_response("get_user_pool_mfa_config", mfa)


def test_the_password_policy_is_the_pools(directory: Directory, aws: Stubber) -> None:
    policy = {"MinimumLength": 15, "RequireNumbers": True}
    lay_out(aws, {"Policies": {"PasswordPolicy": policy}}, {})
    expected = PasswordPolicy(15, require_lowercase=False, require_uppercase=False, require_symbols=False)
    assert directory.describe().password_policy == expected


@pytest.mark.parametrize(
    ("policy", "days"), [({}, 7), ({"TemporaryPasswordValidityDays": 0}, 7), ({"TemporaryPasswordValidityDays": 3}, 3)]
)
def test_a_pool_says_how_long_an_invitation_is_good_for(
    directory: Directory, aws: Stubber, policy: dict[str, int], days: int
) -> None:
    lay_out(aws, {"Policies": {"PasswordPolicy": policy}}, {})
    assert directory.describe().password_policy.temporary_days == days


@pytest.mark.parametrize(
    ("functions", "own"),
    [
        ({}, False),
        ({"PreSignUp": "arn:aws:lambda:eu-west-1:123456789012:function:x"}, False),
        ({"CustomMessage": "arn:aws:lambda:eu-west-1:123456789012:function:x"}, True),
    ],
)
def test_a_pool_says_whether_a_function_writes_its_mails(
    directory: Directory, aws: Stubber, functions: dict[str, str], own: bool
) -> None:
    lay_out(aws, {"LambdaConfig": functions}, {})
    assert directory.describe().writes_own_mails is own


@pytest.mark.parametrize(("properties", "minutes"), [({}, 3), ({"AuthSessionValidity": 15}, 15)])
def test_the_client_says_how_long_a_question_can_be_answered(
    directory: Directory, aws: Stubber, properties: dict[str, Any], minutes: int
) -> None:
    lay_out(aws, {}, {}, **properties)
    assert directory.describe().challenge_minutes == minutes


def test_factors_are_those_switched_on(directory: Directory, aws: Stubber) -> None:
    mfa = {"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": True}}
    lay_out(aws, {}, mfa)
    pool = directory.describe()
    assert (pool.mfa_factors, pool.passkeys) == (frozenset({"SOFTWARE_TOKEN_MFA"}), False)


def test_a_pool_with_mfa_off_has_no_factors(directory: Directory, aws: Stubber) -> None:
    lay_out(aws, {}, {"MfaConfiguration": "OFF", "SoftwareTokenMfaConfiguration": {"Enabled": True}})
    assert directory.describe().mfa_factors == frozenset()


@pytest.mark.parametrize(("mode", "required"), [("ON", True), ("OPTIONAL", False), ("OFF", False)])
def test_a_pool_says_whether_it_requires_a_second_step(
    directory: Directory, aws: Stubber, mode: str, required: bool
) -> None:
    lay_out(aws, {}, {"MfaConfiguration": mode})
    assert directory.describe().requires_second_step is required


def test_a_pool_with_passkeys_says_so(directory: Directory, aws: Stubber) -> None:
    first = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}
    lay_out(aws, {"Policies": first}, {"MfaConfiguration": "ON"}, flows=["ALLOW_USER_AUTH"])
    pool = directory.describe()
    assert pool.passkeys


@pytest.mark.parametrize(
    ("web_authn", "both"),
    [
        ({"FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}, True),
        ({"FactorConfiguration": "SINGLE_FACTOR"}, False),
        ({"RelyingPartyId": "localhost"}, False),
    ],
)
def test_a_pool_says_whether_a_passkey_counts_as_both_steps(
    directory: Directory, aws: Stubber, web_authn: dict[str, str], both: bool
) -> None:
    lay_out(aws, {}, {"MfaConfiguration": "OPTIONAL", "WebAuthnConfiguration": web_authn})
    assert directory.describe().passkeys_satisfy_mfa is both


@pytest.mark.parametrize(
    ("rules", "verification"),
    [
        ({}, "preferred"),
        ({"UserVerification": "preferred"}, "preferred"),
        ({"UserVerification": "required"}, "required"),
        ({"UserVerification": "preferred", "FactorConfiguration": "SINGLE_FACTOR"}, "preferred"),
        ({"FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}, "required"),
    ],
)
def test_a_pool_says_what_its_passkeys_ask(
    directory: Directory, aws: Stubber, rules: dict[str, str], verification: str
) -> None:
    lay_out(aws, {}, {"WebAuthnConfiguration": {"RelyingPartyId": "example.com", **rules}})
    pool = directory.describe()
    assert (pool.relying_party, pool.user_verification) == ("example.com", verification)


def test_a_client_without_choice_based_sign_in_offers_none(directory: Directory, aws: Stubber) -> None:
    first = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}
    lay_out(aws, {"Policies": first}, {}, flows=["ALLOW_USER_PASSWORD_AUTH"])
    assert not directory.describe().choice


def test_a_key_without_the_permission_wakes_an_operator(directory: Directory, aws: Stubber) -> None:
    aws.add_client_error("describe_user_pool", "AccessDeniedException")
    with pytest.raises(errors.Misconfigured):
        directory.describe()
