"""manage.py sign_out_user: whom it means, what it ends, and how it ends itself."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from accounts.audit import Kind, Outcome
from accounts.management.exit_codes import ExitCode
from accounts.models import Activity, Session, User
from tests import fault_proxy
from tests.accounts.administrators import known, mailed, superuser
from tests.accounts.commands import lines, run
from tests.checked_client import CheckedClient
from tests.conftest import SignIn, UsePool
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person, new_email
from tests.other_pools import another_pool, text


def test_it_ends_every_session_and_says_how_many(
    pool: LocalPool, person: Person, browser_of: SignIn, cognito: FaultProxy
) -> None:
    browsers = [browser_of(person), browser_of(person)]
    code, output, _ = run("sign_out_user", person.email)
    assert (code, output) == (
        ExitCode.DONE,
        f"{person.email} ({person.sub}): signed out everywhere, 2 sessions here\n",
    )
    assert cognito.calls["AdminUserGlobalSignOut"] == 1
    assert [browser.get("/account/").status_code for browser in browsers] == [302, 302]


def test_the_person_reads_that_it_was_an_administrator(person: Person, signed_in: CheckedClient) -> None:
    run("sign_out_user", person.email)
    row = Activity.objects.get(kind=Kind.SIGNED_OUT_EVERYWHERE)
    assert (row.role, row.by, row.outcome) == (Activity.Role.COMMAND, None, Outcome.DONE)
    assert "by support" in mailed(person.email)[0]


@pytest.mark.parametrize("named_by", ["sub", "username", "email"])
def test_people_are_found_by_what_they_are_known_by(
    pool: LocalPool, person: Person, signed_in: CheckedClient, named_by: str
) -> None:
    name = getattr(User.objects.get(), named_by)
    assert run("sign_out_user", name.upper() if named_by == "email" else name)[0] is ExitCode.DONE
    assert not Session.objects.filter(user__isnull=False).exists()


def test_somebody_this_site_has_never_seen_is_signed_out_too(
    pool: LocalPool, person: Person, cognito: FaultProxy
) -> None:
    assert run("sign_out_user", person.email)[0] is ExitCode.DONE
    assert cognito.calls["AdminUserGlobalSignOut"] == 1
    assert User.objects.get(sub=person.sub).last_login is None


def test_a_dry_run_changes_nothing(person: Person, signed_in: CheckedClient, cognito: FaultProxy) -> None:
    code, output, _ = run("sign_out_user", person.email, "--dry-run")
    assert (code, "would be signed out everywhere, 1 session here" in output) == (ExitCode.DONE, True)
    assert cognito.calls["AdminUserGlobalSignOut"] == 0
    assert signed_in.get("/account/").status_code == 200


def test_a_dry_run_makes_no_row_of_anybody(person: Person) -> None:
    run("sign_out_user", person.email, "--dry-run")
    assert not User.objects.exists()


def test_json_is_a_line_for_each(pool: LocalPool, person: Person, staff: Person) -> None:
    code, output, _ = run("sign_out_user", person.email, staff.email, "--json")
    assert code is ExitCode.DONE
    assert [(line["sub"], line["outcome"], line["sessions"]) for line in lines(output)] == [
        (person.sub, "signed out everywhere", 0),
        (staff.sub, "signed out everywhere", 0),
    ]


@pytest.mark.parametrize("name", ["nobody@example.com", "", "0" * 300, 'x" or email ^= "', "\\"])
def test_a_name_that_fits_nobody_is_a_mistake_of_the_caller(
    pool: LocalPool, person: Person, cognito: FaultProxy, name: str
) -> None:
    code, _, error = run("sign_out_user", name)
    assert code is ExitCode.USAGE
    assert "Nobody in the pool" in error
    assert cognito.calls["AdminUserGlobalSignOut"] == 0


def test_one_unknown_name_among_several_stops_all_before_any(
    pool: LocalPool, person: Person, cognito: FaultProxy
) -> None:
    assert run("sign_out_user", person.email, "nobody@example.com")[0] is ExitCode.USAGE
    assert cognito.calls["AdminUserGlobalSignOut"] == 0


def test_a_name_that_fits_several_is_refused_with_the_list(
    pool: LocalPool, person: Person, cognito: FaultProxy
) -> None:
    # Bob had the address when he was last here; it is Ada's now.
    bob = known(pool, pool.person(email=new_email("bob")))
    User.objects.filter(pk=bob.pk).update(email=person.email)
    code, _, error = run("sign_out_user", person.email)
    assert code is ExitCode.USAGE
    assert bob.sub in error
    assert person.sub in error
    assert cognito.calls["AdminUserGlobalSignOut"] == 0
    assert run("sign_out_user", bob.sub)[0] is ExitCode.DONE


def test_names_that_mean_the_same_person_sign_out_once(person: Person, cognito: FaultProxy) -> None:
    assert run("sign_out_user", person.email, person.sub)[0] is ExitCode.DONE
    assert cognito.calls["AdminUserGlobalSignOut"] == 1


def test_where_people_sign_in_by_name_an_address_is_nobodys_name(use_pool: UsePool, pool: LocalPool) -> None:
    named = another_pool(pool, UsernameAttributes=[], Schema=[text("email", Required=True)])
    use_pool(named, SIGN_IN_WITH="username", STAFF_GROUP="", SUPERUSER_GROUP="")
    attributes = [{"Name": "email", "Value": "grace@example.com"}]
    named.root.admin_create_user(
        UserPoolId=named.id, Username="grace", MessageAction="SUPPRESS", UserAttributes=attributes
    )
    assert run("sign_out_user", "grace")[0] is ExitCode.DONE
    assert run("sign_out_user", "grace@example.com")[0] is ExitCode.USAGE


def test_a_refusal_of_one_does_not_stop_the_next(
    pool: LocalPool, person: Person, staff: Person, cognito: FaultProxy
) -> None:
    cognito.fail("AdminUserGlobalSignOut", fault_proxy.aws_error("InvalidParameterException"), times=1)
    code, output, error = run("sign_out_user", person.email, staff.email)
    assert code is ExitCode.REFUSED
    assert "was refused by Cognito" in output.splitlines()[0]
    assert "signed out everywhere" in output.splitlines()[1]
    assert error == "1 of 2 people were not signed out."


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (fault_proxy.closed_before(), ExitCode.UNAVAILABLE),
        (fault_proxy.aws_error("TooManyRequestsException"), ExitCode.UNAVAILABLE),
        (fault_proxy.aws_error("AccessDeniedException"), ExitCode.MISCONFIGURED),
    ],
)
@pytest.mark.parametrize("step", ["ListUsers", "AdminUserGlobalSignOut"])
def test_a_script_learns_whether_to_try_again(
    person: Person, cognito: FaultProxy, fault: fault_proxy.Fault, code: ExitCode, step: str
) -> None:
    cognito.fail(step, fault)
    assert run("sign_out_user", person.email)[0] is code


def test_a_superuser_is_signed_out_too(pool: LocalPool) -> None:
    root = superuser(pool)
    assert run("sign_out_user", root.email)[0] is ExitCode.DONE


def test_without_a_name_it_says_how_it_is_called() -> None:
    with pytest.raises(CommandError, match="required: NAME"):
        call_command("sign_out_user")
