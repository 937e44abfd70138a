"""Acts that fail at one step: nothing is called done that is not, and doing it again does the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import DatabaseError

from accounts import activity, administration, conf
from accounts.administration import ActRefused, Done
from accounts.audit import Kind, Outcome
from accounts.cognito.errors import Misconfigured, Unavailable
from accounts.cognito.results import Status
from accounts.models import Activity, User
from tests import fault_proxy
from tests.accounts.administrators import DESK, known, superuser
from tests.fault_proxy import Fault, FaultProxy
from tests.local_pool import LocalPool, Person, new_email
from tests.second_factors import with_app, with_mail

NEW = "countess-of-lovelace@example.com"
Check = Callable[[LocalPool, User, dict[str, Any]], bool]


@dataclass(frozen=True)
class Scenario:
    """An act, whom it is done to, what it asks of Cognito in turn, and whether it is so in the end."""

    act: Callable[..., Done]
    prepare: Callable[[LocalPool], User]
    steps: tuple[str, ...]
    holds: Check
    options: tuple[tuple[str, Any], ...] = ()
    kinds: tuple[Kind, ...] = ()


def confirmed(pool: LocalPool) -> User:
    return known(pool, pool.person())


def disabled(pool: LocalPool) -> User:
    person = pool.person()
    pool.admin("disable_user", person)
    return known(pool, person)


def registered(pool: LocalPool) -> User:
    address = new_email("grace")
    conf.user_pool().sign_up(address, "Correct-horse-1", {"email": address})
    return known(pool, Person(address, "Correct-horse-1", ""))


def with_two_factors(pool: LocalPool) -> User:
    person = pool.person()
    with_app(pool, person)
    pool.admin(
        "set_user_mfa_preference",
        person,
        SoftwareTokenMfaSettings={"Enabled": True},
        EmailMfaSettings={"Enabled": True, "PreferredMfa": True},
    )
    return known(pool, person)


def with_one_factor(pool: LocalPool) -> User:
    person = pool.person()
    with_mail(pool, person)
    return known(pool, person)


def on_staff(pool: LocalPool) -> User:
    return known(pool, pool.person(groups=(pool.env["COGNITO_STAFF_GROUP"],)))


def enabled(wanted: bool) -> Check:
    return lambda _pool, user, there: there["Enabled"] is wanted and user.is_active is wanted


def in_status(status: Status) -> Check:
    return lambda _pool, user, there: there["UserStatus"] == user.cognito_status == status


def with_factors(*wanted: str) -> Check:
    return lambda _pool, user, there: sorted(there.get("UserMFASettingList") or []) == user.second_factors == [*wanted]


def is_superuser_alone(pool: LocalPool, user: User, there: dict[str, Any]) -> bool:
    groups = list(conf.directory().groups_of(there["Username"]))
    return user.is_superuser and groups == user.cognito_groups == [pool.env["COGNITO_SUPERUSER_GROUP"]]


GET = ("ListUsers", "AdminGetUser")
SCENARIOS = {
    "disable": Scenario(
        administration.disable, confirmed, ("ListUsers", "AdminDisableUser"), enabled(False), kinds=(Kind.SHUT_OUT,)
    ),
    "enable": Scenario(
        administration.enable, disabled, ("ListUsers", "AdminEnableUser"), enabled(True), kinds=(Kind.LET_IN,)
    ),
    "sign_out": Scenario(
        administration.sign_out,
        confirmed,
        ("ListUsers", "AdminUserGlobalSignOut"),
        enabled(True),
        kinds=(Kind.SIGNED_OUT_EVERYWHERE,),
    ),
    "confirm": Scenario(
        administration.confirm,
        registered,
        ("ListUsers", "AdminUpdateUserAttributes", "AdminConfirmSignUp"),
        lambda pool, user, there: in_status(Status.CONFIRMED)(pool, user, there) and user.email_verified,
        kinds=(Kind.CONFIRMED,),
    ),
    "reset_password": Scenario(
        administration.reset_password,
        confirmed,
        ("ListUsers", "AdminResetUserPassword"),
        in_status(Status.RESET_REQUIRED),
        kinds=(Kind.PASSWORD_RESET_REQUIRED,),
    ),
    "change_email": Scenario(
        administration.change_email,
        confirmed,
        ("ListUsers", "AdminUpdateUserAttributes", "AdminGetUser"),
        lambda _pool, user, _there: user.email == NEW and user.email_verified,
        options=(("email", NEW), ("verified", True)),
        kinds=(Kind.EMAIL_CHANGED,),
    ),
    "synchronise": Scenario(
        administration.synchronise,
        confirmed,
        (*GET, "AdminListGroupsForUser"),
        enabled(True),
        kinds=(Kind.SYNCHRONISED,),
    ),
    "remove_authenticator": Scenario(
        administration.remove_authenticator,
        with_two_factors,
        (*GET, "AdminUserGlobalSignOut", "AdminDeleteSoftwareToken"),
        with_factors("EMAIL_OTP"),
        kinds=(Kind.FACTOR_OFF,),
    ),
    "turn_off_mfa": Scenario(
        administration.turn_off_mfa,
        with_one_factor,
        (*GET, "AdminUserGlobalSignOut", "AdminSetUserMFAPreference"),
        with_factors(),
        kinds=(Kind.FACTOR_OFF,),
    ),
    "change_groups": Scenario(
        administration.change_groups,
        on_staff,
        (
            "ListUsers",
            "AdminListGroupsForUser",
            "AdminRemoveUserFromGroup",
            "AdminAddUserToGroup",
            "AdminListGroupsForUser",
        ),
        is_superuser_alone,
        options=(("groups", ("superusers",)),),
        kinds=(Kind.GROUPS_CHANGED,),
    ),
    "resend_invitation": Scenario(
        administration.resend_invitation,
        lambda pool: known(pool, pool.invited()),
        ("ListUsers", "AdminCreateUser"),
        in_status(Status.FORCE_CHANGE_PASSWORD),
        kinds=(Kind.INVITED_AGAIN,),
    ),
}
EVERY_STEP = [(name, step) for name, scenario in SCENARIOS.items() for step in dict.fromkeys(scenario.steps)]
FAULTS: dict[str, tuple[Fault, type[Exception]]] = {
    "unheard": (fault_proxy.closed_before(), Unavailable),
    "unanswered": (fault_proxy.closed_after(), Unavailable),
    "throttled": (fault_proxy.aws_error("TooManyRequestsException"), ActRefused),
    "forbidden": (fault_proxy.aws_error("AccessDeniedException"), Misconfigured),
}


@pytest.fixture
def root(pool: LocalPool) -> User:
    """A superuser."""
    return superuser(pool)


@pytest.fixture(autouse=True)
def _nobody_keeps_the_new_address(pool: LocalPool) -> Iterator[None]:
    yield
    if pool.status(NEW):
        pool.root.admin_delete_user(UserPoolId=pool.id, Username=NEW)


def do(scenario: Scenario, user: User, root: User) -> Done:
    """Do the act to somebody as the database has them now."""
    return scenario.act(User.objects.get(pk=user.pk), by=root, context=DESK, **dict(scenario.options))


def holds(pool: LocalPool, scenario: Scenario, user: User) -> bool:
    there = pool.root.admin_get_user(UserPoolId=pool.id, Username=user.username)
    return scenario.holds(pool, User.objects.get(pk=user.pk), there)


def done(user: User) -> list[str]:
    return [row.kind for row in Activity.objects.filter(user=user, outcome=Outcome.DONE)]


@pytest.mark.parametrize("name", SCENARIOS)
def test_an_act_asks_these_things_of_cognito(pool: LocalPool, root: User, cognito: FaultProxy, name: str) -> None:
    scenario = SCENARIOS[name]
    user = scenario.prepare(pool)
    cognito.forget()
    do(scenario, user, root)
    # Of what the pool is like the site knows for a while.
    described = {"DescribeUserPool", "DescribeUserPoolClient", "GetUserPoolMfaConfig"}
    asked = [operation for operation, _ in cognito.sent if operation not in described]
    assert asked == [*scenario.steps]
    assert holds(pool, scenario, user)
    assert done(user) == [*scenario.kinds]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("name", "step"), EVERY_STEP)
def test_a_step_that_fails_is_no_success_and_is_made_good_by_the_next_try(
    pool: LocalPool, root: User, cognito: FaultProxy, name: str, step: str, fault: str
) -> None:
    scenario = SCENARIOS[name]
    user = scenario.prepare(pool)
    what, error = FAULTS[fault]
    cognito.fail(step, what)
    with pytest.raises(error):
        do(scenario, user, root)
    outcomes = [row.outcome for row in Activity.objects.filter(user=user)]
    assert outcomes[0] == (Outcome.REFUSED if error is ActRefused else Outcome.FAILED)
    cognito.forget()
    do(scenario, user, root)
    assert holds(pool, scenario, user)
    assert done(user)[0] == scenario.kinds[0]


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_cannot_be_written_down_here_is_made_good_by_the_next_try(
    pool: LocalPool, root: User, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = SCENARIOS[name]
    user = scenario.prepare(pool)
    before = User.objects.filter(pk=user.pk).values().get()
    with monkeypatch.context() as broken:
        broken.setattr(activity, "write", raising)
        with pytest.raises(DatabaseError):
            do(scenario, user, root)
    assert User.objects.filter(pk=user.pk).values().get() == before
    do(scenario, user, root)
    assert holds(pool, scenario, user)
    assert done(user) == [*scenario.kinds]


def raising(*_: Any, **__: Any) -> None:
    """Fail as a database does that has gone away."""
    raise DatabaseError


@pytest.mark.parametrize("fault", ["unheard", "unanswered", "throttled"])
@pytest.mark.parametrize("step", ["ListUsers", "AdminDeleteUser"])
def test_somebody_half_deleted_is_deleted_by_the_next_try(
    pool: LocalPool, root: User, cognito: FaultProxy, step: str, fault: str
) -> None:
    user = confirmed(pool)
    what, error = FAULTS[fault]
    cognito.fail(step, what)
    with pytest.raises(error):
        administration.delete(user, by=root, context=DESK)
    assert User.objects.filter(pk=user.pk).exists()
    cognito.forget()
    administration.delete(user, by=root, context=DESK)
    assert (pool.status(user.email), User.objects.filter(pk=user.pk).exists()) == ("", False)


def test_whoever_could_not_be_deleted_here_is_deleted_by_the_next_try(
    pool: LocalPool, root: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = confirmed(pool)
    with monkeypatch.context() as broken:
        broken.setattr(activity, "write", raising)
        with pytest.raises(DatabaseError):
            administration.delete(user, by=root, context=DESK)
    assert pool.status(user.email) == ""
    administration.delete(User.objects.get(pk=user.pk), by=root, context=DESK)
    assert not User.objects.filter(pk=user.pk).exists()


def test_a_limit_is_told_in_words_and_says_that_nothing_was_changed(
    pool: LocalPool, root: User, cognito: FaultProxy
) -> None:
    cognito.fail("AdminDisableUser", fault_proxy.aws_error("TooManyRequestsException"))
    with pytest.raises(ActRefused) as caught:
        administration.disable(confirmed(pool), by=root, context=DESK)
    assert (caught.value.reason, caught.value.changed) == ("too many requests, try again in a minute", False)


def test_a_refusal_half_way_says_that_something_was_changed(pool: LocalPool, root: User, cognito: FaultProxy) -> None:
    cognito.fail("AdminDeleteSoftwareToken", fault_proxy.aws_error("TooManyRequestsException"))
    with pytest.raises(ActRefused) as caught:
        administration.remove_authenticator(with_two_factors(pool), by=root, context=DESK)
    assert caught.value.changed


def test_no_words_of_aws_reach_anybody(pool: LocalPool, root: User, cognito: FaultProxy) -> None:
    for code in ("InvalidParameterException", "UserLambdaValidationException", "LimitExceededException"):
        cognito.fail("AdminDisableUser", fault_proxy.aws_error(code, "canary words of AWS"))
        with pytest.raises(ActRefused) as caught:
            administration.disable(confirmed(pool), by=root, context=DESK)
        assert "canary" not in caught.value.reason


def test_rights_that_went_at_cognito_go_here_though_a_later_step_fails(
    pool: LocalPool, root: User, cognito: FaultProxy
) -> None:
    user = on_staff(pool)
    cognito.fail("AdminAddUserToGroup", fault_proxy.closed_before())
    with pytest.raises(Unavailable):
        do(SCENARIOS["change_groups"], user, root)
    assert not User.objects.get(pk=user.pk).is_staff
