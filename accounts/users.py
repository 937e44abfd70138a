"""From verified claims, or a profile that Cognito has just shown, to the local user."""

from collections.abc import Iterable

from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Lower

from accounts import conf, holds
from accounts.cognito.results import Claims, Profile
from accounts.models import User


class Held(Exception):
    """Somebody never seen before whose name is held, because the password may be a stranger's."""


def user_for(claims: Claims, typed: str = "") -> User:
    """Return the user ``claims`` speak of, created at their first sign-in and brought up to date at every one.

    ``typed`` is the name the person wrote, where they wrote one. Raises Held.
    """
    user = User.objects.filter(issuer=claims.issuer, sub=claims.sub).first()
    if user is None:
        if holds.is_held(names_of(claims, typed)):
            raise Held
        user = create(claims)
    return update(user, claims)


def names_of(claims: Claims, typed: str = "") -> set[str]:
    """Return the names that a person may have typed with their mailed code."""
    return {claims.username, claims.email, typed}


def named(name: str) -> QuerySet[User]:
    """Return the people who had ``name``, as typed at the sign-in page, at their last sign-in or refresh.

    Only the field that people sign in with is searched: a user name may look like somebody's address. Upper and lower
    case are one, as in the pool. Names change hands, so use this to end sessions and to tell the owner, and never to
    say who somebody is.
    """
    field = name_field()
    ours = User.objects.filter(issuer=conf.config().issuer).alias(lower=Lower(field))
    # The database lowers both sides: SQLite's LOWER knows ASCII only, and so differs from Python's lower().
    return ours.filter(lower=Lower(Value(name)))


def name_field() -> str:
    """Return the field of what people sign in with: ``email`` or ``username``."""
    return "email" if conf.config().sign_in_with == "email" else "username"


def own_name(user: User) -> str:
    """Return the name ``user`` signs in with; the user name of somebody without an address."""
    return (user.email if name_field() == "email" else "") or user.username


def create(claims: Claims) -> User:
    """Return the new user for ``claims``, or the one that another request has just created."""
    user = User(issuer=claims.issuer, sub=claims.sub, **fields(claims))
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            set_groups(user, claims.groups)
    except IntegrityError:
        return User.objects.get(issuer=claims.issuer, sub=claims.sub)
    user.is_new = True
    return user


def update(user: User, source: Claims | Profile) -> User:
    """Write to ``user`` whatever differs from ``source``, rights included, and nothing else."""
    wanted = fields(source)
    changed = [name for name, value in wanted.items() if getattr(user, name) != value]
    if not changed:
        return user
    for name in changed:
        setattr(user, name, wanted[name])
    with transaction.atomic():
        user.save(update_fields=changed)
        if "cognito_groups" in changed:
            set_groups(user, user.cognito_groups)
    return user


def fields(source: Claims | Profile) -> dict[str, object]:
    """Return the local fields that ``source`` speaks of, with the values it gives them, as long as the columns allow.

    A profile, which is read where somebody changes it, speaks of the person alone; claims also name them and their
    groups, and rights follow from those.
    """
    values = {"email": source.email, "email_verified": source.email_verified, "name": source.name}
    if isinstance(source, Claims):
        superuser = member(source, conf.config().superuser_group)
        values |= {
            "username": source.username,
            "cognito_groups": sorted(source.groups),
            "is_staff": superuser or member(source, conf.config().staff_group),
            "is_superuser": superuser,
        }
    return {name: cut(name, value) if isinstance(value, str) else value for name, value in values.items()}


def cut(name: str, value: str) -> str:
    """Return as much of ``value`` as the field called ``name`` takes: nobody is kept out by a long name."""
    field = User._meta.get_field(name)
    return value[: field.max_length] if isinstance(field, CharField) else value


def member(claims: Claims, group: str) -> bool:
    """Whether ``claims`` name ``group``; nobody is a member of the group called nothing."""
    return bool(group) and group in claims.groups


def set_groups(user: User, names: Iterable[str]) -> None:
    """Make the user's Django groups those of the same name, creating what is missing: without permissions, at first.

    The groups Cognito makes for people of an outside provider are left out, since that provider decides who is in them.
    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-identity-federation.html
    """
    own = [name for name in names if not name.startswith(f"{conf.config().user_pool_id}_") and len(name) <= 150]
    Group.objects.bulk_create([Group(name=name) for name in own], ignore_conflicts=True)
    user.groups.set(Group.objects.filter(name__in=own))
