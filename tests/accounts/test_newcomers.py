"""Account, password and row are made together: each step fails once, its answer gets lost, and the act is repeated."""

from __future__ import annotations

import logging

import pytest
from django.db import DatabaseError
from pytest_django import Settings

from accounts import conf, holds, users
from accounts.models import User
from tests import fault_proxy
from tests.accounts.registering import CLOSED_TO_THEIR_OWN, Newcomer
from tests.accounts.squatting import EVES, opens
from tests.accounts.test_complete_registration import OWN, sign_up
from tests.checked_client import CheckedClient
from tests.conftest import UsePool
from tests.devcloud.test_site_key import REGISTERING
from tests.fault_proxy import Fault, FaultProxy
from tests.local_pool import LocalPool, Person, new_email
from tests.other_pools import another_pool

OUTAGES = [
    fault_proxy.closed_before(),
    fault_proxy.server_error(),
    fault_proxy.bad_gateway(),
    fault_proxy.aws_error("TooManyRequestsException"),
]
LOST = [fault_proxy.closed_after(), fault_proxy.truncated()]


@pytest.fixture
def by_admin(local_pool: LocalPool, use_pool: UsePool) -> LocalPool:
    """A pool in which people cannot register, before a site that makes their accounts."""
    return use_pool(another_pool(local_pool, **CLOSED_TO_THEIR_OWN), REGISTRATION="admin")


@pytest.fixture
def ada(by_admin: LocalPool) -> Newcomer:
    """Ada, who has the code and has not typed it."""
    newcomer = Newcomer(by_admin, new_email(), CheckedClient())
    newcomer.ask()
    return newcomer


def repeats(ada: Newcomer) -> None:
    """Ada sends the form again; account, password and row are there, and are hers."""
    answer = ada.complete(password=OWN)
    assert answer.status_code == 302
    assert ada.halves == ("CONFIRMED", 1)
    assert ada.is_in or opens(ada.email, OWN, ada.client)


def away(*_: object, **__: object) -> None:
    raise DatabaseError("away")


class TestMakingTheAccount:
    """AdminCreateUser."""

    @pytest.mark.parametrize("fault", OUTAGES)
    def test_an_outage_makes_neither(self, ada: Newcomer, cognito: FaultProxy, fault: Fault) -> None:
        cognito.fail("AdminCreateUser", fault, times=1)
        assert ada.complete(password=OWN).status_code == 503
        assert ada.halves == ("", 0)
        repeats(ada)

    @pytest.mark.parametrize("fault", LOST)
    def test_a_lost_answer_is_looked_for(self, ada: Newcomer, cognito: FaultProxy, fault: Fault) -> None:
        cognito.fail("AdminCreateUser", fault, times=1)
        assert ada.complete(password=OWN).url == "/account/"
        assert ada.halves == ("CONFIRMED", 1)

    def test_a_lost_answer_that_cannot_be_looked_for_is_made_good_by_the_next_try(
        self, ada: Newcomer, cognito: FaultProxy
    ) -> None:
        cognito.fail("AdminCreateUser", fault_proxy.closed_after(), times=1)
        cognito.fail("AdminGetUser", fault_proxy.closed_before(), times=1)
        assert ada.complete(password=OWN).status_code == 503
        assert not opens(ada.email, OWN)
        repeats(ada)

    @pytest.mark.parametrize("code", ["InvalidParameterException", "UserLambdaValidationException"])
    def test_a_refusal_makes_neither_and_is_said(self, ada: Newcomer, cognito: FaultProxy, code: str) -> None:
        cognito.fail("AdminCreateUser", fault_proxy.aws_error(code), times=1)
        answer = ada.complete(password=OWN)
        assert answer.status_code == 200
        assert b"told to fail" not in answer.content
        assert ada.halves == ("", 0)
        repeats(ada)

    def test_a_key_that_may_not_is_no_fault_of_the_person(self, ada: Newcomer, cognito: FaultProxy) -> None:
        cognito.fail("AdminCreateUser", fault_proxy.aws_error("AccessDeniedException"), times=1)
        ada.client.raise_request_exception = False
        assert ada.complete(password=OWN).status_code in {500, 503}
        assert ada.halves == ("", 0)
        repeats(ada)


class TestKeepingTheRow:
    """The local row."""

    def test_without_the_row_there_is_no_account(self, ada: Newcomer, monkeypatch: pytest.MonkeyPatch) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(users, "keep", away)
            assert ada.complete(password=OWN).status_code == 503
        assert ada.halves == ("", 0)
        repeats(ada)

    def test_an_account_that_cannot_be_taken_back_is_logged_and_completed_by_the_next_try(
        self,
        ada: Newcomer,
        cognito: FaultProxy,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        cognito.fail("AdminDeleteUser", fault_proxy.server_error(), times=1)
        with monkeypatch.context() as patched, caplog.at_level(logging.ERROR, "accounts.newcomers"):
            patched.setattr(users, "keep", away)
            assert ada.complete(password=OWN).status_code == 503
        assert "account at Cognito without a row here" in caplog.text
        assert ada.email not in caplog.text
        assert not opens(ada.email, OWN)
        repeats(ada)

    def test_what_was_there_before_is_not_taken_back(self, ada: Newcomer, monkeypatch: pytest.MonkeyPatch) -> None:
        ada.pool.invited(email=ada.email)
        with monkeypatch.context() as patched:
            patched.setattr(users, "keep", away)
            assert ada.complete(password=OWN).status_code == 503
        assert ada.halves == ("FORCE_CHANGE_PASSWORD", 0)
        repeats(ada)


class TestSettingThePassword:
    """AdminSetUserPassword."""

    @pytest.mark.parametrize("fault", OUTAGES)
    def test_an_outage_leaves_both_waiting(self, ada: Newcomer, cognito: FaultProxy, fault: Fault) -> None:
        cognito.fail("AdminSetUserPassword", fault, times=1)
        assert ada.complete(password=OWN).status_code == 503
        assert ada.halves == ("FORCE_CHANGE_PASSWORD", 1)
        assert not ada.is_in
        repeats(ada)

    @pytest.mark.parametrize("fault", LOST)
    def test_a_lost_answer_is_looked_for(self, ada: Newcomer, cognito: FaultProxy, fault: Fault) -> None:
        cognito.fail("AdminSetUserPassword", fault, times=1)
        assert ada.complete(password=OWN).url == "/account/"
        assert ada.halves == ("CONFIRMED", 1)

    def test_where_it_cannot_be_looked_for_the_next_try_leads_to_sign_in(
        self, ada: Newcomer, cognito: FaultProxy
    ) -> None:
        cognito.fail("AdminSetUserPassword", fault_proxy.closed_after(), times=1)
        cognito.fail("AdminGetUser", fault_proxy.closed_before(), times=1)
        assert ada.complete(password=OWN).status_code == 503
        assert ada.complete(password=OWN).url == "/login/"
        assert "You have an account already" in ada.client.page("/login/").words
        assert ada.halves == ("CONFIRMED", 1)
        with holds.held(ada.email):
            assert opens(ada.email, OWN, ada.client)

    def test_a_password_that_cognito_refuses_is_said_at_its_field(self, ada: Newcomer, cognito: FaultProxy) -> None:
        cognito.fail("AdminSetUserPassword", fault_proxy.aws_error("InvalidPasswordException"), times=1)
        answer = ada.complete(password=OWN)
        assert "doesn’t meet the rules".encode() in answer.content
        assert ada.halves == ("FORCE_CHANGE_PASSWORD", 1)
        repeats(ada)

    def test_the_password_in_between_is_nobodys(self, ada: Newcomer, cognito: FaultProxy) -> None:
        cognito.fail("AdminSetUserPassword", fault_proxy.closed_before(), times=1)
        ada.complete(password=OWN)
        [made] = [sent for operation, sent in cognito.sent if operation == "AdminCreateUser"]
        assert OWN not in str(made)
        assert made["MessageAction"] == "SUPPRESS"
        assert len(made["TemporaryPassword"]) > 99


@pytest.mark.parametrize("fault", [fault_proxy.server_error(), fault_proxy.closed_after()])
def test_whoever_cannot_be_signed_in_at_once_signs_in_by_hand(ada: Newcomer, cognito: FaultProxy, fault: Fault) -> None:
    cognito.fail("InitiateAuth", fault, times=1)
    assert ada.complete(password=OWN).url == "/login/"
    assert ada.halves == ("CONFIRMED", 1)
    assert opens(ada.email, OWN, ada.client)


def test_the_key_needs_no_rights_but_those_the_template_gives(ada: Newcomer, cognito: FaultProxy) -> None:
    ada.pool.root.update_user_pool(UserPoolId=ada.pool.id, AutoVerifiedAttributes=["email"])
    sign_up(ada.pool, ada.email, EVES)
    ada.ask()
    assert ada.complete(password=OWN).url == "/account/"
    signed = {operation for operation in cognito.calls if operation.startswith("Admin")}
    assert signed == REGISTERING


class TestAccountsThatWait:
    """Somebody registered the address and never confirmed, or was invited."""

    def test_a_strangers_registration_is_replaced(self, ada: Newcomer) -> None:
        pool = ada.pool
        pool.root.update_user_pool(UserPoolId=pool.id, AutoVerifiedAttributes=["email"])
        sign_up(pool, ada.email, EVES, name="Eve")
        users.keep(conf.directory().get(ada.email), ())
        assert ada.complete(password=OWN).url == "/account/"
        assert ada.halves == ("CONFIRMED", 1)
        assert "name" not in pool.attributes(ada.email)
        assert not opens(ada.email, EVES)

    def test_an_invitation_is_accepted_with_its_groups(self, ada: Newcomer, settings: Settings) -> None:
        invited = ada.pool.invited(email=ada.email, name="Ada")
        ada.pool.root.create_group(UserPoolId=ada.pool.id, GroupName="editors")
        ada.pool.admin("add_user_to_group", invited, GroupName="editors")
        assert ada.complete(password=OWN).url == "/account/"
        user = User.objects.get(sub=invited.sub)
        assert (user.name, user.cognito_groups) == ("Ada", ["editors"])

    def test_one_whose_address_is_not_proved_at_cognito_is_left_alone(self, ada: Newcomer) -> None:
        invited = ada.pool.invited(email=ada.email, email_verified="false")
        assert ada.complete(password=OWN).url == "/login/"
        assert not opens(ada.email, OWN)
        assert ada.halves == ("FORCE_CHANGE_PASSWORD", 0)
        assert ada.pool.attributes(invited.email)["sub"] == invited.sub

    def test_one_that_was_disabled_is_left_alone(self, ada: Newcomer) -> None:
        invited = ada.pool.invited(email=ada.email)
        ada.pool.admin("disable_user", invited)
        assert ada.complete(password=OWN).url == "/login/"
        assert ada.halves == ("FORCE_CHANGE_PASSWORD", 0)

    def test_a_name_that_was_held_is_held_no_longer(self, ada: Newcomer) -> None:
        with holds.held(ada.email):
            pass
        assert ada.complete(password=OWN).url == "/account/"
        assert not holds.is_held([ada.email])

    @pytest.mark.parametrize("operation", ["disable_user", "reset_user_password"])
    def test_an_account_in_use_keeps_its_password(self, ada: Newcomer, operation: str) -> None:
        owner = ada.pool.person(email=ada.email)
        ada.pool.admin(operation, owner)
        status = ada.pool.status(ada.email)
        assert ada.complete(password=OWN).url == "/login/"
        assert ada.pool.status(ada.email) == status
        assert not opens(ada.email, OWN)


class TestTheDefaultGroup:
    """COGNITO_DEFAULT_GROUP, in each mode and for whoever comes for the first time."""

    @pytest.fixture(autouse=True)
    def _group(self, by_admin: LocalPool, settings: Settings) -> None:
        by_admin.root.create_group(UserPoolId=by_admin.id, GroupName="members")
        settings.COGNITO = {**settings.COGNITO, "DEFAULT_GROUP": "members"}

    def groups(self, pool: LocalPool, email: str) -> list[str]:
        found = pool.root.admin_list_groups_for_user(UserPoolId=pool.id, Username=email)["Groups"]
        return [group["GroupName"] for group in found]

    def test_who_registers_is_in_it(self, ada: Newcomer) -> None:
        ada.complete(password=OWN)
        assert self.groups(ada.pool, ada.email) == ["members"]
        assert User.objects.get(email=ada.email).cognito_groups == ["members"]

    @pytest.mark.parametrize("registration", ["self", "admin", "closed"])
    def test_who_was_invited_joins_at_the_first_sign_in(
        self, by_admin: LocalPool, settings: Settings, registration: str
    ) -> None:
        settings.COGNITO = {**settings.COGNITO, "REGISTRATION": registration}
        person = by_admin.person()
        assert opens(person.email, person.password)
        assert self.groups(by_admin, person.email) == ["members"]
        user = User.objects.get(sub=person.sub)
        assert user.cognito_groups == ["members"]
        assert [group.name for group in user.groups.all()] == ["members"]

    def test_who_has_left_it_is_not_put_back(self, by_admin: LocalPool, cognito: FaultProxy) -> None:
        person = by_admin.person()
        opens(person.email, person.password)
        by_admin.admin("remove_user_from_group", person, GroupName="members")
        assert opens(person.email, person.password)
        assert self.groups(by_admin, person.email) == []
        assert cognito.calls["AdminAddUserToGroup"] == 1

    def test_who_is_in_it_already_costs_no_call(self, by_admin: LocalPool, cognito: FaultProxy) -> None:
        person = by_admin.person(groups=("members",))
        assert opens(person.email, person.password)
        assert cognito.calls["AdminAddUserToGroup"] == 0

    def test_a_failure_keeps_nobody_out(
        self, by_admin: LocalPool, cognito: FaultProxy, caplog: pytest.LogCaptureFixture
    ) -> None:
        cognito.fail("AdminAddUserToGroup", fault_proxy.server_error())
        person: Person = by_admin.person()
        assert opens(person.email, person.password)
        assert User.objects.get(sub=person.sub).cognito_groups == []
        assert "newcomer not in the default group" in caplog.text
