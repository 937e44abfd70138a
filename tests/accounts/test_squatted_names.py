"""Names of a squatted account: each of them is held, and where people sign in by a name it is won back as well."""

from __future__ import annotations

import pytest

from accounts import holds, users
from accounts.cognito.results import Claims
from accounts.models import UnprovenPassword
from tests import fault_proxy
from tests.accounts.squatting import EVES, NEW, RESET, VERIFY, new_password, opens, register
from tests.checked_client import CheckedClient
from tests.conftest import UsePool
from tests.fault_proxy import FaultProxy
from tests.local_pool import PASSWORD, LocalPool, new_email
from tests.other_pools import another_pool


@pytest.mark.parametrize("names", [("sub-1", "", "ada"), ("ada", "", ""), ("sub-1", "Ada", "")])
def test_a_name_is_held_under_whichever_of_its_names(db: None, names: tuple[str, str, str]) -> None:
    username, email, typed = names
    claims = Claims("issuer", "sub-1", username, email, True, "", ())
    with holds.held("ADA"):
        pass
    with pytest.raises(users.Held):
        users.user_for(claims, typed)


def test_where_people_sign_in_by_a_name_a_squatted_name_is_won_back_the_same_way(
    local_pool: LocalPool, use_pool: UsePool
) -> None:
    by_name = another_pool(local_pool, UsernameAttributes=[], AliasAttributes=["email"])
    pool = use_pool(by_name, SIGN_IN_WITH="username")
    email, name = new_email(), new_email().split("@")[0]
    register(email, EVES, username=name)
    ada = register(email, PASSWORD, username=name)
    assert ada.post(VERIFY, {"code": pool.code(email, after=1)}).url == RESET
    assert not opens(name, EVES)
    assert not opens(email, EVES)
    # By the other of its names, and in another browser.
    other = CheckedClient()
    other.post("/password/forgot/", {"username": email})
    assert other.post(RESET, new_password(pool.code(email, after=3))).url == "/login/"
    assert opens(name, NEW, other)
    assert opens(email, NEW)
    assert not opens(name, EVES)


def test_an_address_that_waits_in_a_strangers_account_is_free_for_its_owner(
    local_pool: LocalPool, use_pool: UsePool
) -> None:
    by_name = another_pool(local_pool, UsernameAttributes=[], AliasAttributes=["email"])
    pool = use_pool(by_name, SIGN_IN_WITH="username")
    email, eves, adas = new_email(), new_email("eve").split("@")[0], new_email().split("@")[0]
    register(email, EVES, username=eves)
    ada = register(email, PASSWORD, username=adas)
    ada.post(VERIFY, {"code": pool.code(email, after=1)})
    assert pool.status(adas) == "CONFIRMED"
    assert opens(email, PASSWORD)
    assert not opens(email, EVES)
    assert not opens(eves, EVES)


@pytest.mark.parametrize(
    ("fault", "held"),
    [
        (fault_proxy.aws_error("TooManyRequestsException"), False),
        (fault_proxy.aws_error("ResourceNotFoundException"), False),
        (fault_proxy.closed_after(), True),
    ],
    ids=["throttled", "misconfigured", "lost"],
)
def test_a_code_that_cognito_did_not_look_at_holds_no_name(
    pool: LocalPool, cognito: FaultProxy, fault: fault_proxy.Fault, held: bool
) -> None:
    email = new_email()
    register(email, EVES)
    cognito.fail("ConfirmSignUp", fault)
    assert CheckedClient().post(VERIFY, {"username": email, "code": pool.code(email)}).status_code == 503
    assert UnprovenPassword.objects.exists() is held
