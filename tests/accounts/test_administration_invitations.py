"""Inviting people: one account there and here, whichever step fails, and no rights that the host does not have."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import DatabaseError
from django.utils import timezone
from pytest_django import Settings

from accounts import activity, administration, conf, users
from accounts.administration import ActRefused, invitations
from accounts.audit import Kind, Outcome
from accounts.cognito.errors import Misconfigured, Unavailable
from accounts.cognito.results import Status
from accounts.models import Activity, User
from tests import fault_proxy
from tests.accounts.administrators import DESK, again, group, happened, known, staff_who_may, superuser
from tests.checked_client import CheckedClient
from tests.conftest import UsePool
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, new_email
from tests.other_pools import another_pool, text


@pytest.fixture
def root(pool: LocalPool) -> User:
    """A superuser."""
    return superuser(pool)


@pytest.fixture
def address() -> str:
    """An address that has no account."""
    return new_email("grace")


def invite(address: str, by: User | None, **options: Any) -> User:
    """Invite somebody from the desk."""
    return administration.invite(address, by=by, context=DESK, **options)


def refused(address: str, by: User | None, **options: Any) -> ActRefused:
    """Return how an invitation is refused."""
    with pytest.raises(ActRefused) as caught:
        invite(address, by, **options)
    return caught.value


def temporary_password(pool: LocalPool, address: str, *, after: int = 0) -> str:
    """Return the temporary password in the newest invitation."""
    mails = pool.mails(address)
    assert len(mails) > after
    found = re.search(r"the temporary password (\S+) within 7 days\.", mails[-1]["body"], re.MULTILINE)
    assert found, mails[-1]["body"]
    return found.group(1)


def test_an_invitation_makes_one_account_there_and_one_row_here(pool: LocalPool, root: User, address: str) -> None:
    user = invite(address, root, name="Grace Hopper")
    assert pool.status(address) == user.cognito_status == Status.FORCE_CHANGE_PASSWORD
    assert pool.attributes(address).items() >= {"name": "Grace Hopper", "email_verified": "true"}.items()
    assert (user.name, user.last_login, user.is_staff) == ("Grace Hopper", None, False)
    assert happened(user) == [(Kind.INVITED, Outcome.DONE, root.pk)]


def test_whoever_is_invited_signs_in_with_what_was_mailed(
    pool: LocalPool, root: User, address: str, client: CheckedClient
) -> None:
    invite(address, root)
    given = temporary_password(pool, address)
    assert client.post("/login/", {"username": address, "password": given}).url == "/login/challenge/"
    new = {"new_password1": "Correct-horse-1", "new_password2": "Correct-horse-1"}
    assert client.post("/login/challenge/", new).status_code == 302
    assert client.get("/account/").status_code == 200


def test_a_temporary_password_meets_every_policy_and_comes_once(pool: LocalPool) -> None:
    made = [invitations.temporary_password() for _ in range(200)]
    assert len(set(made)) == 200
    for password in made:
        assert len(password) >= 16
        assert all(any(letter in kind for letter in password) for kind in invitations.KINDS)
        # So that two clicks mark all of it.
        assert (password[0] + password[-1]).isalpha()


def test_a_temporary_password_is_as_long_as_the_pool_asks(use_pool: UsePool, pool: LocalPool) -> None:
    policy = {"PasswordPolicy": {"MinimumLength": 40}}
    use_pool(another_pool(pool, Policies=policy))
    assert len(invitations.temporary_password()) == 40


def test_without_the_mail_nobody_is_told(pool: LocalPool, root: User, address: str) -> None:
    user = invite(address, root, send_mail=False)
    assert pool.mails(address) == []
    administration.resend_invitation(user, by=root, context=DESK)
    assert temporary_password(pool, address)


def test_groups_and_the_default_group_count_at_once(
    pool: LocalPool, root: User, address: str, settings: Settings
) -> None:
    editors, members = group(pool, "editors"), group(pool, "members")
    settings.COGNITO = {**settings.COGNITO, "DEFAULT_GROUP": members}
    user = invite(address, root, groups=(editors, pool.env["COGNITO_STAFF_GROUP"]))
    assert user.cognito_groups == sorted([editors, members, pool.env["COGNITO_STAFF_GROUP"]])
    assert sorted(conf.directory().groups_of(address)) == user.cognito_groups
    assert user.is_staff


def test_the_language_of_the_mail_is_told_to_the_pool(root: User, address: str, cognito: FaultProxy) -> None:
    invite(address, root, language="de")
    assert cognito.last("AdminCreateUser")["ClientMetadata"] == {"language": "de"}
    assert cognito.last("AdminCreateUser")["DesiredDeliveryMediums"] == ["EMAIL"]


def test_inviting_needs_its_permission(pool: LocalPool, address: str, cognito: FaultProxy) -> None:
    clerk = staff_who_may(pool, "change_groups_user", "resend_invitation_user")
    assert refused(address, clerk).reason == "needs a permission that you do not have"
    assert cognito.calls["AdminCreateUser"] == 0
    [row] = Activity.objects.filter(kind=Kind.INVITED)
    assert (row.user, row.outcome, row.by, row.target) == (None, Outcome.REFUSED, clerk, "")


def test_staff_invite_nobody_to_rights_that_they_lack(pool: LocalPool, address: str) -> None:
    clerk, powerful = staff_who_may(pool, "invite_user"), group(pool, "powerful", "delete_user")
    assert "only a superuser" in refused(address, clerk, groups=(pool.env["COGNITO_SUPERUSER_GROUP"],)).reason
    assert "rights that you do not have" in refused(address, clerk, groups=(powerful,)).reason
    assert pool.status(address) == ""


def test_a_group_that_does_not_exist_is_told_before_anything_is_made(pool: LocalPool, root: User, address: str) -> None:
    refusal = refused(address, root, groups=("staf",))
    assert refusal.reason == "cannot be in the group staf, which does not exist"
    assert pool.status(address) == ""


def test_whoever_has_an_account_is_not_invited(pool: LocalPool, root: User, address: str) -> None:
    conf.user_pool().sign_up(address, "Correct-horse-1", {"email": address})
    assert refused(address, root).reason == "has an account already"
    assert refused(pool.person().email, root).reason == "has an account already"
    assert not User.objects.filter(email=address).exists()


def test_whoever_was_invited_is_not_invited_twice(pool: LocalPool, root: User, address: str) -> None:
    invite(address, root)
    assert "was invited already" in refused(address.upper(), root).reason
    assert len(pool.mails(address)) == 1


def test_what_is_no_address_is_refused_in_words(root: User) -> None:
    assert refused("not an address", root).reason == "is not what Cognito takes"
    assert refused("", root).reason == "needs an email"


STEPS = ["GetGroup", "AdminCreateUser", "AdminAddUserToGroup", "AdminListGroupsForUser"]
FAULTS: dict[str, tuple[fault_proxy.Fault, type[Exception]]] = {
    "unheard": (fault_proxy.closed_before(), Unavailable),
    "unanswered": (fault_proxy.closed_after(), Unavailable),
    "throttled": (fault_proxy.aws_error("TooManyRequestsException"), ActRefused),
    "forbidden": (fault_proxy.aws_error("AccessDeniedException"), Misconfigured),
}


def test_an_invitation_asks_these_things_of_cognito(
    pool: LocalPool, root: User, address: str, cognito: FaultProxy
) -> None:
    cognito.forget()
    invite(address, root, groups=(group(pool, "editors"),))
    described = {"DescribeUserPool", "DescribeUserPoolClient", "GetUserPoolMfaConfig"}
    assert [operation for operation, _ in cognito.sent if operation not in described] == STEPS


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", STEPS)
def test_an_invitation_that_failed_half_way_is_completed_by_the_next_try(
    pool: LocalPool, root: User, address: str, cognito: FaultProxy, step: str, fault: str
) -> None:
    editors = group(pool, "editors")
    what, error = FAULTS[fault]
    cognito.fail(step, what)
    with pytest.raises(error):
        invite(address, root, groups=(editors,))
    assert not User.objects.filter(email=address).exists()
    cognito.forget()
    user = invite(address, root, groups=(editors,))
    assert user.cognito_groups == list(conf.directory().groups_of(address)) == [editors]
    assert pool.mails(address)
    assert happened(user) == [(Kind.INVITED, Outcome.DONE, root.pk)]


def test_an_invitation_that_was_not_written_down_is_completed_by_the_next_try(
    pool: LocalPool, root: User, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def raising(*_: Any, **__: Any) -> None:
        raise DatabaseError

    with monkeypatch.context() as broken:
        broken.setattr(activity, "write", raising)
        with pytest.raises(DatabaseError):
            invite(address, root)
    assert not User.objects.filter(email=address).exists()
    assert invite(address, root).cognito_status == Status.FORCE_CHANGE_PASSWORD


def broken_off(address: str, root: User, cognito: FaultProxy, *groups: str) -> User:
    """Invite somebody into `groups` in vain, and return their user, whom this site has come to know otherwise."""
    cognito.fail("AdminAddUserToGroup", fault_proxy.closed_before())
    with pytest.raises(Unavailable):
        invite(address, root, groups=groups)
    cognito.forget()
    return users.keep(conf.directory().get(address), conf.directory().groups_of(address))


def test_an_invitation_that_failed_half_way_is_completed_though_the_account_is_known_here(
    pool: LocalPool, root: User, address: str, cognito: FaultProxy
) -> None:
    editors = group(pool, "editors")
    user = broken_off(address, root, cognito, editors)
    assert invite(address, root, groups=(editors,)) == user
    assert again(user).cognito_groups == list(conf.directory().groups_of(address)) == [editors]
    assert happened(user) == [(Kind.INVITED, Outcome.DONE, root.pk)]
    assert "was invited already" in refused(address, root, groups=(editors,)).reason


@pytest.mark.parametrize("known_as", [{"last_login": timezone.now()}, {"is_active": False}])
def test_whoever_came_in_before_or_is_shut_out_is_not_invited_to_more(
    pool: LocalPool, root: User, address: str, cognito: FaultProxy, known_as: dict[str, Any]
) -> None:
    editors = group(pool, "editors")
    user = broken_off(address, root, cognito, editors)
    User.objects.filter(pk=user.pk).update(**known_as)
    assert "was invited already" in refused(address, root, groups=(editors,)).reason
    assert conf.directory().groups_of(address) == ()


def test_somebody_elses_half_done_invitation_gives_nobody_rights(pool: LocalPool) -> None:
    guest = pool.invited()
    pool.admin("add_user_to_group", guest, GroupName=pool.env["COGNITO_SUPERUSER_GROUP"])
    assert "superuser" in refused(guest.email, staff_who_may(pool, "invite_user")).reason


def test_a_mail_that_could_not_be_sent_is_told_and_the_account_kept(
    pool: LocalPool, root: User, address: str, cognito: FaultProxy
) -> None:
    def undelivered(_answer: fault_proxy.Answer | None) -> fault_proxy.Answer | None:
        return fault_proxy.aws_error("CodeDeliveryFailureException", "longer than the answer" * 50).rewrite(None)

    cognito.fail("AdminCreateUser", fault_proxy.Fault(rewrite=undelivered))
    refusal = refused(address, root)
    assert refusal.changed
    assert "the invitation could not be sent" in refusal.reason
    assert User.objects.get(email=address).cognito_status == Status.FORCE_CHANGE_PASSWORD


def test_a_renewed_invitation_has_another_password(
    pool: LocalPool, root: User, address: str, client: CheckedClient
) -> None:
    user = invite(address, root)
    first = temporary_password(pool, address)
    administration.resend_invitation(user, by=root, context=DESK, language="fr")
    second = temporary_password(pool, address, after=1)
    assert happened(user)[-1] == (Kind.INVITED_AGAIN, Outcome.DONE, root.pk)
    assert client.post("/login/", {"username": address, "password": first}).status_code == 200
    assert client.post("/login/", {"username": address, "password": second}).url == "/login/challenge/"


@pytest.mark.parametrize(
    ("code", "changed"), [("TooManyRequestsException", False), ("CodeDeliveryFailureException", True)]
)
def test_a_renewed_invitation_that_failed_says_whether_the_old_password_is_gone(
    root: User, address: str, cognito: FaultProxy, code: str, changed: bool
) -> None:
    user = invite(address, root)
    cognito.fail("AdminCreateUser", fault_proxy.aws_error(code))
    with pytest.raises(ActRefused) as caught:
        administration.resend_invitation(user, by=root, context=DESK)
    assert caught.value.changed is changed


def test_whoever_has_accepted_is_not_invited_again(pool: LocalPool, root: User) -> None:
    ada = known(pool, pool.person())
    with pytest.raises(ActRefused, match="has accepted the invitation already"):
        administration.resend_invitation(ada, by=root, context=DESK)


def test_whoever_is_disabled_gets_no_invitation(pool: LocalPool, root: User, address: str) -> None:
    user = invite(address, root)
    administration.disable(user, by=root, context=DESK)
    with pytest.raises(ActRefused, match="is disabled"):
        administration.resend_invitation(again(user), by=root, context=DESK)


def test_where_people_sign_in_by_name_they_are_invited_by_it(use_pool: UsePool, pool: LocalPool, address: str) -> None:
    named = another_pool(pool, UsernameAttributes=[], Schema=[text("email", Required=True)])
    use_pool(named, SIGN_IN_WITH="username", SUPERUSER_GROUP="", STAFF_GROUP="")
    user = invite("grace", None, email=address)
    assert (user.username, user.email) == ("grace", address)
    assert named.mails(address)
    administration.resend_invitation(user, by=None, context=DESK)
    assert refused("hopper", None).reason == "needs an email"


def test_the_temporary_password_is_kept_nowhere(
    pool: LocalPool, root: User, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "accounts")
    user = invite(address, root)
    kept = caplog.text + str(list(Activity.objects.values())) + str(User.objects.filter(pk=user.pk).values())
    assert temporary_password(pool, address) not in kept
