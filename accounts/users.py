"""From what Cognito says of a person to the local user: verified claims, a profile, an entry of the directory."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from functools import lru_cache

from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Lower
from django.utils import timezone

from accounts import conf, holds, rights
from accounts.cognito.factors import Factor
from accounts.cognito.results import Claims, Person, Profile, Status
from accounts.cognito.sign_in_names import NameKind
from accounts.models import User

# A sign-in, or a page that shows the account, notes no more often than this that nothing has changed.
SEEN_EVERY = timedelta(days=1)


class Held(Exception):
    """Somebody who never signed in here, and whose name is held because the password may be a stranger's.

    ``names`` are those that were looked up.
    """

    def __init__(self, names: Collection[str]) -> None:
        super().__init__()
        self.names = frozenset(names)


def user_for(claims: Claims, typed: str = "") -> User:
    """Return the user ``claims`` speak of, created at their first sign-in and brought up to date at every one.

    ``typed`` is the name the person wrote, where they wrote one. Whether it is the first sign-in is ``is_new``: a row
    may have been made before, for somebody who was invited or whom the directory listed. Somebody shut out is returned
    as they were kept, since they do not get in. Raises Held, but never of people of an outside provider: what is held
    is a password that may be a stranger's, and they have none, whatever address their provider says is theirs.
    """
    user = found(claims.issuer, claims.sub)
    is_new = user is None or user.last_login is None
    if is_new and status_of(claims) is not Status.EXTERNAL_PROVIDER:
        refuse_held(names_of(claims, typed) | (user.names if user else set()))
    if user is None:
        user = create(claims.issuer, claims.sub, fields(claims))
    elif user.is_active:
        update(user, claims)
    user.is_new = is_new
    return user


def keep(person: Person, groups: Iterable[str] | None = None) -> User:
    """Return the user of ``person``, created or brought up to date; ``groups``, unless None, are all of theirs.

    A row made here is of somebody who may never have signed in: their name can still be held. Sessions are left alone.
    Raises ValueError for a person without a ``sub``, by which nobody could be known.
    """
    if not person.sub:
        raise ValueError("a person without a sub")
    wanted = fields(person) | ({} if groups is None else granted(groups))
    issuer = conf.config().issuer
    user = found(issuer, person.sub)
    return create(issuer, person.sub, wanted) if user is None else write(user, wanted)


def found(issuer: str, sub: str) -> User | None:
    """Return the person to whom ``issuer`` gave ``sub``; nobody is looked up by anything else."""
    # Not first(), which would have the database sort what is one row.
    return next(iter(User.objects.filter(issuer=issuer, sub=sub)), None)


def refuse_held(names: Collection[str]) -> None:
    """Raise Held if one of ``names`` is held."""
    if holds.is_held(names):
        raise Held(names)


def names_of(claims: Claims, typed: str = "") -> set[str]:
    """Return the names that a person may have typed with their mailed code."""
    return {claims.username, claims.email, claims.phone_number, typed} - {""}


def named(name: str) -> QuerySet[User]:
    """Return the people who had ``name``, as typed at the sign-in page, when they were last seen at Cognito.

    Not those who are gone from there: the name may be somebody else's by now. Only the one field is searched that the
    name can be of: a user name may look like somebody's address. An alias that was never proved is nobody's name, as
    in the pool. Upper and lower case are one, as there. Names change hands, so use this to end sessions and to tell the
    owner, and never to say who somebody is.
    """
    taken = conf.config().sign_in_with
    kind = taken.kind_of(name)
    ours = User.objects.filter(issuer=conf.config().issuer).exclude(cognito_status=Status.GONE.value)
    if kind in taken.aliases:
        ours = ours.filter(**{f"{kind}_verified": True})
    if kind is NameKind.PHONE:
        return ours.filter(phone_number=taken.spelt(name)).exclude(phone_number="")
    # The database lowers both sides: SQLite's LOWER knows ASCII only, and so differs from Python's lower().
    return ours.alias(lower=Lower(kind.value)).filter(lower=Lower(Value(name)))


def with_address(email: str) -> QuerySet[User]:
    """Return the people of the pool who had the address ``email`` when they were last seen at Cognito.

    Whoever never confirmed it does not count. For telling somebody where they may belong, never for letting them in.
    """
    nobody = (Status.GONE.value, Status.UNCONFIRMED.value)
    ours = User.objects.filter(issuer=conf.config().issuer).exclude(cognito_status__in=nobody)
    return ours.alias(lower=Lower("email")).filter(lower=Lower(Value(email)))


def own_name(user: User) -> str:
    """Return the name the account of ``user`` was made under; the user name of somebody who has none of its kind."""
    name: str = getattr(user, conf.config().sign_in_with.kinds[0].value)
    return name or user.username


def create(issuer: str, sub: str, wanted: dict[str, object]) -> User:
    """Return the new user with the fields ``wanted``, or the one that another request has just created."""
    user = User(issuer=issuer, sub=sub, cognito_seen_at=timezone.now(), **wanted)
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            set_groups(user, user.cognito_groups)
    except IntegrityError:
        return write(User.objects.get(issuer=issuer, sub=sub), wanted)
    return user


def update(user: User, source: Claims | Profile | Person) -> User:
    """Write to ``user`` whatever differs from ``source``, rights included, and nothing else."""
    return write(user, fields(source))


def write(user: User, wanted: dict[str, object]) -> User:
    """Write to ``user`` whatever differs from ``wanted``, and when that was seen; once in SEEN_EVERY also if nothing.

    With the groups, the user's Django groups are made the same.
    """
    now = timezone.now()
    changed = [name for name, value in wanted.items() if getattr(user, name) != value]
    if not changed and user.cognito_seen_at and now - user.cognito_seen_at < SEEN_EVERY:
        return user
    for name in changed:
        setattr(user, name, wanted[name])
    user.cognito_seen_at = now
    with transaction.atomic():
        user.save(update_fields=[*changed, "cognito_seen_at"])
        if "cognito_groups" in changed:
            set_groups(user, user.cognito_groups)
    return user


def fields(source: Claims | Profile | Person) -> dict[str, object]:
    """Return the local fields that ``source`` speaks of, with the values it gives them, as long as the columns allow.

    Each source speaks of what it knows: claims of name and groups, from which rights follow; a profile, which people
    read of themselves, of second factors; an entry of the directory of the account, which is enabled or not, and of
    second factors only where AdminGetUser showed it. A phone number is kept only where people sign in with it.
    """
    values: dict[str, object] = {
        "email": cut("email", source.email),
        "email_verified": source.email_verified,
        "name": cut("name", source.name),
    }
    if NameKind.PHONE in conf.config().sign_in_with.kinds:
        values["phone_number"] = cut("phone_number", source.phone_number)
        values["phone_number_verified"] = source.phone_number_verified
    if isinstance(source, Profile):
        return values | {"second_factors": factor_values(source.factors)}
    values["username"] = cut("username", source.username)
    if isinstance(source, Claims):
        return values | granted(source.groups) | {"cognito_status": status_of(source).value}
    values |= {"cognito_status": source.status.value, "is_active": source.enabled}
    if source.created_at:
        values["date_joined"] = source.created_at
    if source.tells_factors:
        values["second_factors"] = factor_values(source.factors)
    return values


def granted(groups: Iterable[str]) -> dict[str, object]:
    """Return the fields that follow from membership in ``groups``, all there are."""
    names = sorted(groups)
    held = rights.of_groups(names)
    return {"cognito_groups": names, "is_staff": held.is_staff, "is_superuser": held.is_superuser}


def factor_values(factors: Iterable[Factor]) -> list[str]:
    """Return what is kept of the second factors that are on."""
    return sorted(factor.value for factor in factors)


def status_of(claims: Claims) -> Status:
    """Return the status of somebody Cognito has just given tokens: only a complete account gets any.

    People of an outside provider are told by the group Cognito puts them in; they have no password to confirm.
    """
    of_provider = any(rights.is_of_provider(group) for group in claims.groups)
    return Status.EXTERNAL_PROVIDER if of_provider else Status.CONFIRMED


def cut(name: str, value: str) -> str:
    """Return as much of ``value`` as the field called ``name`` takes: nobody is kept out by a long name.

    Nor by what no database takes as text, a NUL or half a character: people write their own attributes, and one of them
    would stop the synchronisation of everybody.
    """
    text = value[: longest(name)]
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "").encode(errors="ignore").decode()


@lru_cache
def longest(name: str) -> int | None:
    """Return how many characters the field called ``name`` takes."""
    field = User._meta.get_field(name)
    return field.max_length if isinstance(field, CharField) else None


def set_groups(user: User, names: Iterable[str]) -> None:
    """Make the user's Django groups those of the same name, creating what is missing: without permissions, at first.

    The groups Cognito makes for people of an outside provider are left out, since that provider decides who is in them.
    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-identity-federation.html
    """
    own = [name for name in names if not rights.is_of_provider(name) and len(name) <= 150]
    Group.objects.bulk_create([Group(name=name) for name in own], ignore_conflicts=True)
    user.groups.set(Group.objects.filter(name__in=own))
