"""What is read out of Cognito's answers, and what an answer that leaves things out is taken for."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.cognito import answers
from accounts.cognito.answers import password_policy, writable_attributes
from accounts.cognito.errors import Unreachable
from accounts.cognito.factors import Factor
from accounts.cognito.results import PasswordPolicy
from tests.signed_tokens import SigningPool, segment


def schema(*names: str, **values: Any) -> dict[str, Any]:
    return {"SchemaAttributes": [{"Name": name, **values} for name in names]}


def test_what_a_policy_leaves_out_is_not_required() -> None:
    assert password_policy({}) == PasswordPolicy(8, False, False, False, False)


@pytest.mark.parametrize(
    ("ways", "attributes"),
    [
        # What AWS calls the legacy behaviour.
        ([], ("phone_number", "email")),
        ([("verified_phone_number", 2), ("verified_email", 1)], ("email", "phone_number")),
        ([("verified_email", 1)], ("email",)),
        ([("admin_only", 1)], ()),
    ],
)
def test_a_password_is_recovered_in_the_order_that_the_pool_says(
    ways: list[tuple[str, int]], attributes: tuple[str, ...]
) -> None:
    setting = {"RecoveryMechanisms": [{"Name": name, "Priority": priority} for name, priority in ways]}
    assert answers.pool_description({"AccountRecoverySetting": setting}, {}, {}).recovers_by == attributes
    assert answers.recovers_by({}) == ("phone_number", "email")


@pytest.mark.parametrize("name", ["sub", "email_verified", "identities", "dev:custom:role"])
def test_what_cognito_keeps_is_no_field(name: str) -> None:
    assert writable_attributes(schema(name), None) == ()


def test_what_the_client_may_not_write_is_no_field() -> None:
    assert [entry.name for entry in writable_attributes(schema("name", "custom:role"), ["name"])] == ["name"]


def test_a_required_attribute_is_always_a_field() -> None:
    assert [entry.name for entry in writable_attributes(schema("email", Required=True), [])] == ["email"]


@pytest.mark.parametrize("operation", ["RespondToAuthChallenge", "AdminInitiateAuth"])
@pytest.mark.parametrize("read", [lambda answer, **told: answers.outcome(answer, "ada", **told), answers.refreshed])
def test_an_answer_without_tokens_is_blamed_on_the_operation_that_gave_it(read: Any, operation: str) -> None:
    with pytest.raises(Unreachable, match=f"operation={operation} code=EmptyAnswer"):
        read({"AuthenticationResult": {"AccessToken": "only-one-of-the-two"}}, operation=operation)


def test_a_factor_this_site_does_not_know_is_left_alone() -> None:
    answer = {
        "Username": "ada",
        "UserMFASettingList": ["WEB_AUTHN", "SMS_MFA", "EMAIL_OTP"],
        "PreferredMfaSetting": "WEB_AUTHN",
    }
    person = answers.profile(answer)
    assert (person.factors, person.preferred_factor) == ((Factor.SMS, Factor.EMAIL), None)


@pytest.mark.parametrize(("id_life", "told", "found"), [(300, 3600, 300), (3600, 300, 300), (3600, 3600, 3600)])
def test_tokens_are_good_until_the_first_of_them_ends(id_life: int, told: int, found: int) -> None:
    pool = SigningPool()
    issued = pool.id_claims()["iat"]
    answer = pool.authentication_result() | {"IdToken": pool.id_token(iat=issued, exp=issued + id_life)}
    assert answers.tokens(answer | {"ExpiresIn": told}).expires_in == found


@pytest.mark.parametrize(
    "id_token",
    ["", "x", "a.b.c", "a.ü.c", f"a.{segment([])}.c", f"a.{segment({'exp': 1})}.c", f"a.{segment(b'[' * 90_000)}.c"]
    + [f"a.{segment({'iat': iat, 'exp': exp})}.c" for iat, exp in ((5, 4), (0, "x"), (0, float("inf")), (0, None))],
)
def test_an_id_token_that_says_nothing_of_its_life_leaves_the_access_tokens(id_token: str) -> None:
    assert answers.shorter_life(id_token, 3600) == 3600
