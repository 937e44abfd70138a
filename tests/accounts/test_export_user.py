"""manage.py export_user: everything that is kept of a person, and nothing that opens the account."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from accounts.audit import Kind
from accounts.management.exit_codes import ExitCode
from accounts.models import Activity, User
from tests import fault_proxy
from tests.accounts.administrators import tokens_of
from tests.accounts.commands import run
from tests.checked_client import CheckedClient
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person
from tests.second_factors import with_mail


def exported(name: str) -> dict[str, Any]:
    """Return the data of somebody."""
    code, output, error = run("export_user", name)
    assert code is ExitCode.DONE, error
    found: dict[str, Any] = json.loads(output)
    return found


def test_it_holds_what_is_kept_here_and_there(pool: LocalPool, person: Person, signed_in: CheckedClient) -> None:
    with_mail(pool, person)
    pool.admin("add_user_to_group", person, GroupName=pool.env["COGNITO_STAFF_GROUP"])
    data = exported(person.email)
    account = data["account"]
    assert account["attributes"].items() >= {"email": person.email, "name": "Ada Lovelace"}.items()
    assert (account["sub"], account["status"], account["enabled"]) == (person.sub, "CONFIRMED", True)
    assert (account["factors"], account["groups"]) == (["EMAIL_OTP"], [pool.env["COGNITO_STAFF_GROUP"]])
    assert "PASSWORD" in account["signs_in_with"]
    assert len(data["sessions"]) == 1
    assert [row["what"] for row in data["activity"]] == ["first_sign_in"]
    assert data["site"].keys() == {"joined", "last_sign_in", "groups"}


def test_it_holds_what_the_person_can_fetch_themselves(person: Person, signed_in: CheckedClient) -> None:
    own = json.loads(signed_in.get("/account/data/").content)
    data = exported(person.email)
    assert own.keys() == data.keys()
    assert own["account"].keys() <= data["account"].keys()
    assert own["sessions"] == data["sessions"]


def test_nothing_in_it_opens_the_account(person: Person, signed_in: CheckedClient) -> None:
    held = tokens_of(signed_in)
    text = json.dumps(exported(person.email))
    secrets = (held.access_token, held.refresh_token, held.id_token, signed_in.session_cookie, person.password)
    assert [secret for secret in secrets if secret in text] == []


def test_nothing_of_others_is_in_it(person: Person, signed_in: CheckedClient, staff: Person) -> None:
    assert staff.sub not in json.dumps(exported(person.email))


def test_it_is_recorded(person: Person, signed_in: CheckedClient) -> None:
    exported(person.email)
    row = Activity.objects.get(kind=Kind.DATA_DOWNLOADED)
    assert (row.user, row.role) == (User.objects.get(sub=person.sub), Activity.Role.COMMAND)


def test_somebody_this_site_has_never_seen_has_a_file_too(person: Person) -> None:
    assert exported(person.sub).keys() == {"account"}
    assert not User.objects.exists()


def test_a_file_is_nobody_elses_to_read(person: Person, tmp_path: Path) -> None:
    path = tmp_path / "ada.json"
    assert run("export_user", person.email, "--output", str(path))[:2] == (ExitCode.DONE, "")
    assert json.loads(path.read_text())["account"]["sub"] == person.sub
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_there_is_not_written_over(person: Person, tmp_path: Path) -> None:
    path = tmp_path / "ada.json"
    path.write_text("mine")
    assert run("export_user", person.email, "--output", str(path))[0] is ExitCode.USAGE
    assert path.read_text() == "mine"
    assert not Activity.objects.exists()


def test_a_place_that_is_not_there_is_a_mistake(person: Person, tmp_path: Path) -> None:
    assert run("export_user", person.email, "--output", str(tmp_path / "no" / "ada.json"))[0] is ExitCode.USAGE
    assert not Activity.objects.exists()


def test_a_pool_without_a_history_of_its_own_has_none_to_tell(person: Person, cognito: FaultProxy) -> None:
    cognito.fail("AdminListUserAuthEvents", fault_proxy.aws_error("UserPoolAddOnNotEnabledException"))
    assert exported(person.email)["account"]["events"] == []


def test_a_key_without_the_rights_is_no_empty_history(person: Person, cognito: FaultProxy) -> None:
    cognito.fail("AdminListUserAuthEvents", fault_proxy.aws_error("AccessDeniedException"))
    assert run("export_user", person.email)[0] is ExitCode.MISCONFIGURED


def test_an_outage_writes_no_half_file(person: Person, cognito: FaultProxy, tmp_path: Path) -> None:
    cognito.fail("AdminGetUser", fault_proxy.closed_before())
    assert run("export_user", person.email)[:2] == (ExitCode.UNAVAILABLE, "")
    path = tmp_path / "ada.json"
    assert run("export_user", person.email, "--output", str(path))[0] is ExitCode.UNAVAILABLE
    assert not path.exists()
    assert not Activity.objects.exists()


def test_whoever_is_gone_is_refused(pool: LocalPool, person: Person, signed_in: CheckedClient) -> None:
    pool.admin("delete_user", person)
    code, _, error = run("export_user", person.sub)
    assert code is ExitCode.REFUSED
    assert "no longer exists in Cognito" in error


@pytest.mark.parametrize("name", ["nobody@example.com", ""])
def test_nobody_is_exported_for_nobodys_name(pool: LocalPool, name: str) -> None:
    assert run("export_user", name)[0] is ExitCode.USAGE
