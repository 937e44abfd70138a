"""Who may act on whom: superusers are touched by superusers only, nobody shuts themselves out or gets more rights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts import administration
from accounts.administration import ActRefused, Done
from accounts.models import LOCAL_ISSUER, User
from tests.accounts.administrators import DESK, again, group, known, member, staff_who_may, superuser
from tests.fault_proxy import FaultProxy
from tests.local_pool import LocalPool, Person

Act = Callable[..., Done]

ACTS: dict[str, tuple[Act, dict[str, Any]]] = {
    "change_email": (administration.change_email, {"email": "mallory@example.com", "verified": True}),
    "change_groups": (administration.change_groups, {"groups": ()}),
    "confirm": (administration.confirm, {}),
    "delete": (administration.delete, {}),
    "disable": (administration.disable, {}),
    "enable": (administration.enable, {}),
    "remove_authenticator": (administration.remove_authenticator, {}),
    "remove_passkeys": (administration.remove_passkeys, {}),
    "resend_invitation": (administration.resend_invitation, {}),
    "reset_password": (administration.reset_password, {}),
    "sign_out": (administration.sign_out, {}),
    "synchronise": (administration.synchronise, {}),
    "turn_off_mfa": (administration.turn_off_mfa, {}),
}
SHUTS_ONESELF_OUT = [
    "change_email",
    "delete",
    "disable",
    "remove_authenticator",
    "remove_passkeys",
    "reset_password",
    "sign_out",
    "turn_off_mfa",
]
CHANGES = (
    "AdminDisableUser",
    "AdminDeleteUser",
    "AdminUpdateUserAttributes",
    "AdminUserGlobalSignOut",
    "AdminRemoveUserFromGroup",
    "AdminAddUserToGroup",
    "AdminResetUserPassword",
    "AdminDeleteSoftwareToken",
    "AdminSetUserMFAPreference",
    "AdminEnableUser",
    "AdminConfirmSignUp",
)


@pytest.fixture
def root(pool: LocalPool) -> User:
    """A superuser."""
    return superuser(pool)


@pytest.fixture
def ada(pool: LocalPool, person: Person) -> User:
    """Ada, as this site knows her, who has no rights."""
    return known(pool, person)


def reason(verb: str, user: User, by: User | None) -> str:
    """Return why an act is refused."""
    act, options = ACTS[verb]
    with pytest.raises(ActRefused) as caught:
        act(user, by=by, context=DESK, **options)
    assert not caught.value.changed
    return caught.value.reason


def test_every_act_on_a_person_is_tested_here() -> None:
    others = {"ActRefused", "Done", "Gone", "called", "export", "invite", "mark_gone", "rehearse_invitation"}
    assert ACTS.keys() == set(administration.__all__) - others


@pytest.mark.parametrize("verb", ACTS)
def test_an_act_needs_its_own_permission(pool: LocalPool, ada: User, cognito: FaultProxy, verb: str) -> None:
    others = [f"{other}_user" for other in ACTS if other != verb]
    clerk = staff_who_may(pool, *others)
    cognito.forget()
    assert reason(verb, ada, clerk) == "needs a permission that you do not have"
    assert not cognito.calls


@pytest.mark.parametrize("verb", ACTS)
def test_a_superuser_is_touched_by_superusers_only(pool: LocalPool, root: User, cognito: FaultProxy, verb: str) -> None:
    clerk = staff_who_may(pool, *(f"{each}_user" for each in ACTS))
    assert reason(verb, root, clerk) == "only a superuser may do that to a superuser"
    assert not [operation for operation in CHANGES if cognito.calls[operation]]


@pytest.mark.parametrize("verb", ACTS)
def test_whoever_has_just_become_a_superuser_at_cognito_counts_as_one(
    pool: LocalPool, ada: User, person: Person, cognito: FaultProxy, verb: str
) -> None:
    clerk = staff_who_may(pool, *(f"{each}_user" for each in ACTS))
    pool.admin("add_user_to_group", person, GroupName=pool.env["COGNITO_SUPERUSER_GROUP"])
    assert reason(verb, ada, clerk) == "only a superuser may do that to a superuser"
    assert not [operation for operation in CHANGES if cognito.calls[operation]]


@pytest.mark.parametrize("verb", ACTS)
def test_nobody_gets_at_rights_through_the_account_of_somebody_who_has_more(pool: LocalPool, verb: str) -> None:
    clerk = staff_who_may(pool, *(f"{each}_user" for each in ACTS))
    inviter = staff_who_may(pool, "invite_user")
    assert reason(verb, inviter, clerk) == "has rights that you do not have"


def test_somebody_switched_off_keeps_the_rights_that_protect_them(pool: LocalPool, root: User) -> None:
    clerk = staff_who_may(pool, *(f"{each}_user" for each in ACTS))
    inviter = staff_who_may(pool, "invite_user")
    administration.disable(inviter, by=root, context=DESK)
    assert reason("change_email", again(inviter), clerk) == "has rights that you do not have"


def test_the_row_of_somebody_gone_is_protected_like_them(pool: LocalPool) -> None:
    clerk = staff_who_may(pool, *(f"{each}_user" for each in ACTS))
    inviter = staff_who_may(pool, "invite_user")
    pool.root.admin_delete_user(UserPoolId=pool.id, Username=inviter.username)
    assert reason("delete", inviter, clerk) == "has rights that you do not have"
    assert User.objects.filter(pk=inviter.pk).exists()


def test_staff_act_on_people_with_no_more_rights_than_they_have(pool: LocalPool, ada: User) -> None:
    clerk, colleague = staff_who_may(pool, "disable_user"), staff_who_may(pool, "disable_user")
    administration.disable(ada, by=clerk, context=DESK)
    administration.disable(colleague, by=clerk, context=DESK)
    assert not again(ada).is_active
    assert not again(colleague).is_active


@pytest.mark.parametrize("verb", SHUTS_ONESELF_OUT)
def test_nobody_does_to_themselves_what_shuts_them_out(root: User, cognito: FaultProxy, verb: str) -> None:
    superuser_too = root
    cognito.forget()
    assert reason(verb, superuser_too, root) == "this is you: use the pages of your own account"
    assert not cognito.calls


@pytest.mark.parametrize("verb", ["delete", "disable"])
def test_the_last_superuser_stays(root: User, verb: str, cognito: FaultProxy) -> None:
    cognito.forget()
    assert reason(verb, root, None) == "this is the last superuser"
    assert not cognito.calls


def test_one_of_two_superusers_may_go(pool: LocalPool, root: User) -> None:
    other = superuser(pool)
    administration.disable(other, by=root, context=DESK)
    assert not again(other).is_active
    assert reason("disable", root, None) == "this is the last superuser"


def test_the_last_superuser_stays_one(pool: LocalPool, root: User, cognito: FaultProxy) -> None:
    assert reason("change_groups", root, None) == "this is the last superuser"
    assert not cognito.calls["AdminRemoveUserFromGroup"]
    assert again(root).is_superuser


def test_a_superuser_does_not_lose_their_own_rights_by_mistake(pool: LocalPool, root: User) -> None:
    superuser(pool)
    assert reason("change_groups", root, root) == "this is you: somebody else has to change your rights"


def test_a_superuser_may_join_a_group_of_their_own_accord(pool: LocalPool, root: User) -> None:
    editors = group(pool, "editors")
    administration.change_groups(root, add=(editors,), by=root, context=DESK)
    assert editors in again(root).cognito_groups
    assert again(root).is_superuser


def test_staff_do_not_change_their_own_groups(pool: LocalPool) -> None:
    clerk, editors = staff_who_may(pool, "change_groups_user"), group(pool, "editors")
    for change in ({"add": (editors,)}, {"remove": (pool.env["COGNITO_STAFF_GROUP"],)}):
        with pytest.raises(ActRefused, match="is you"):
            administration.change_groups(clerk, **change, by=clerk, context=DESK)
    assert again(clerk).cognito_groups == clerk.cognito_groups


@pytest.mark.parametrize(
    ("issuer", "sub"), [(LOCAL_ISSUER, "emergency"), ("https://cognito-idp.eu-west-1.amazonaws.com/another", "ada")]
)
@pytest.mark.parametrize("verb", ACTS)
def test_whoever_is_not_of_this_pool_is_left_alone(
    pool: LocalPool, root: User, cognito: FaultProxy, verb: str, issuer: str, sub: str
) -> None:
    stranger = User.objects.create(issuer=issuer, sub=sub, username=root.username, email=root.email)
    cognito.forget()
    assert reason(verb, stranger, root) == "is not in the user pool of this site"
    assert not cognito.calls


def test_a_command_may_act_on_a_superuser(pool: LocalPool, root: User) -> None:
    other = superuser(pool)
    administration.sign_out(other, by=None, context=DESK)
    assert again(other).is_superuser


def test_rights_of_a_group_of_an_outside_provider_protect_nobody(pool: LocalPool, ada: User) -> None:
    clerk = staff_who_may(pool, "disable_user")
    theirs = group(pool, f"{pool.id}_Google")
    pool.root.admin_add_user_to_group(UserPoolId=pool.id, Username=ada.username, GroupName=theirs)
    administration.disable(ada, by=clerk, context=DESK)
    assert member(pool, theirs).is_staff is False
