"""Invented people, with what there is to see of them."""

from __future__ import annotations

from dataclasses import dataclass

from tests.local_pool import LocalPool, Person
from tests.second_factors import AuthenticatorApp, with_app

# Names, and the groups they are in; how they stand, but for active.
OTHERS = {
    "Ada Lovelace": ("members", ""),
    "Alan Kay": ("members", ""),
    "Barbara Liskov": ("editors", "invited"),
    "Edsger Dijkstra": ("members", "disabled"),
    "Katherine Johnson": ("editors", ""),
    "Margaret Hamilton": ("members", "reset"),
}


@dataclass(frozen=True)
class Cast:
    """Who looks at the pages. The person has an authenticator app."""

    person: Person
    app: AuthenticatorApp
    administrator: Person


def invented(pool: LocalPool) -> Cast:
    """Make them in `pool`, and return who looks."""
    for name in ("members", "editors"):
        pool.root.create_group(UserPoolId=pool.id, GroupName=name)
    for name, (group, standing) in OTHERS.items():
        other(pool, name, group, standing)
    person = pool.person(
        email="grace@example.com", name="Grace Hopper", phone_number="+442079460042", groups=("members",)
    )
    administrator = pool.person(
        email="dorothy@example.com", name="Dorothy Vaughan", groups=(pool.env["COGNITO_SUPERUSER_GROUP"],)
    )
    return Cast(person, with_app(pool, person), administrator)


def other(pool: LocalPool, name: str, group: str, standing: str) -> None:
    """Make somebody called `name`, in `group`, who is invited, disabled or has to choose a new password."""
    email = f"{name.split(maxsplit=1)[0].lower()}@example.com"
    make = pool.invited if standing == "invited" else pool.person
    somebody = make(email=email, name=name)
    pool.admin("add_user_to_group", somebody, GroupName=group)
    if standing == "disabled":
        pool.admin("disable_user", somebody)
    elif standing == "reset":
        pool.admin("reset_user_password", somebody)
