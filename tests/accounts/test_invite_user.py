"""manage.py invite_user: what it makes, and how it ends."""

from __future__ import annotations

import pytest

from accounts.audit import Kind
from accounts.cognito.results import Status
from accounts.management.exit_codes import ExitCode
from accounts.models import Activity, User
from tests import fault_proxy
from tests.accounts.administrators import group
from tests.accounts.commands import lines, run
from tests.conftest import UsePool
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person, new_email
from tests.other_pools import another_pool, text


@pytest.fixture
def address(pool: LocalPool) -> str:
    """An address that has no account."""
    return new_email("grace")


def test_it_makes_an_account_and_says_so(pool: LocalPool, address: str) -> None:
    editors = group(pool, "editors")
    code, output, _ = run("invite_user", address, "--name", "Grace", "--group", editors)
    user = User.objects.get(email=address)
    assert (code, output) == (ExitCode.DONE, f"{address}: invited, sub {user.sub}, groups ['editors']\n")
    assert (user.name, user.cognito_groups, user.cognito_status) == ("Grace", [editors], Status.FORCE_CHANGE_PASSWORD)
    assert len(pool.mails(address)) == 1
    assert Activity.objects.get(user=user).role == Activity.Role.COMMAND


def test_a_superuser_is_made_by_a_command(pool: LocalPool, address: str) -> None:
    assert run("invite_user", address, "--group", pool.env["COGNITO_SUPERUSER_GROUP"])[0] is ExitCode.DONE
    assert User.objects.get(email=address).is_superuser


def test_the_mail_can_be_left_out(pool: LocalPool, address: str) -> None:
    assert run("invite_user", address, "--no-mail")[0] is ExitCode.DONE
    assert pool.mails(address) == []


def test_json_tells_who_it_is(address: str) -> None:
    [line] = lines(run("invite_user", address, "--json")[1])
    assert line == {
        "username": address,
        "outcome": "invited",
        "sub": User.objects.get(email=address).sub,
        "groups": [],
    }


def test_a_dry_run_makes_nothing(pool: LocalPool, address: str) -> None:
    assert run("invite_user", address, "--dry-run")[:2] == (ExitCode.DONE, f"{address}: would be invited\n")
    assert lines(run("invite_user", address, "--dry-run", "--json")[1]) == [
        {"username": address, "outcome": "would be invited"}
    ]
    assert (pool.status(address), User.objects.count(), Activity.objects.count()) == ("", 0, 0)


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_a_group_that_does_not_exist_is_refused_before_anything_is_made(
    pool: LocalPool, address: str, options: tuple[str, ...]
) -> None:
    code, _, error = run("invite_user", address, "--group", "staf", *options)
    assert (code, error) == (ExitCode.REFUSED, f"{address}: cannot be in the group staf, which does not exist.")
    assert pool.status(address) == ""


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_whoever_has_an_account_is_refused(person: Person, options: tuple[str, ...]) -> None:
    code, _, error = run("invite_user", person.email, *options)
    assert (code, error) == (ExitCode.REFUSED, f"{person.email}: has an account already.")


def test_a_second_address_beside_the_first_is_a_mistake(address: str) -> None:
    assert run("invite_user", address, "--email", "another@example.com")[0] is ExitCode.USAGE


def test_where_people_sign_in_by_name_the_address_is_an_option(use_pool: UsePool, pool: LocalPool) -> None:
    named = another_pool(pool, UsernameAttributes=[], Schema=[text("email", Required=True)])
    use_pool(named, SIGN_IN_WITH="username", STAFF_GROUP="", SUPERUSER_GROUP="")
    address = new_email("grace")
    assert run("invite_user", "grace")[2] == "grace: needs an email."
    assert run("invite_user", "grace", "--email", address)[0] is ExitCode.DONE
    assert User.objects.get(username="grace").email == address


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (fault_proxy.closed_before(), ExitCode.UNAVAILABLE),
        (fault_proxy.aws_error("TooManyRequestsException"), ExitCode.UNAVAILABLE),
        (fault_proxy.aws_error("AccessDeniedException"), ExitCode.MISCONFIGURED),
        (fault_proxy.aws_error("UserLambdaValidationException", "canary"), ExitCode.REFUSED),
    ],
)
def test_a_script_learns_whether_to_try_again(
    address: str, cognito: FaultProxy, fault: fault_proxy.Fault, code: ExitCode
) -> None:
    cognito.fail("AdminCreateUser", fault)
    ended, _, error = run("invite_user", address)
    assert (ended, "canary" in error) == (code, False)
    assert Activity.objects.get(kind=Kind.INVITED).outcome != Activity.Outcome.DONE
