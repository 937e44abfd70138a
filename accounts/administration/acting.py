"""What the acts on people have in common: who may touch whom, who is still there, and what is written down after."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.models import Permission
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts import activity, conf, notices, rights, users
from accounts.audit import Kind, Outcome
from accounts.cognito.errors import CognitoError, Refused, RefusedByTrigger, Throttled, TooManyAttempts, UserNotFound
from accounts.cognito.factors import Factor
from accounts.cognito.results import Person, Status
from accounts.context import Context
from accounts.models import User
from accounts.sessions import revocation

# What somebody may do to their own account by an act: none of these shuts them out, or is easier than on their own
# pages, which ask who they are. Changing groups has a rule of its own.
ON_ONESELF = {"change_groups", "confirm", "enable", "resend_invitation", "synchronise"}
# What must not be done to the last superuser.
SHUTS_OUT = {"delete", "disable"}

# What a refusal of Cognito means for an act, where that is more than that it said no.
Words = Mapping[type[Refused], str]


class ActRefused(Exception):
    """An act that was not done, or not in full: ``changed`` says whether anything was.

    ``reason`` goes on after the person's name and names nobody. It is translated, and none of AWS's words are in it.
    """

    def __init__(self, reason: str, *, changed: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.changed = reason, changed


class Gone(ActRefused):
    """The person has no account in the pool any more; the row here now says so, and the sessions are ended."""

    def __init__(self) -> None:
        super().__init__(_("no longer exists in Cognito"))


@dataclass(frozen=True, slots=True)
class Done:
    """What an act came to: how many devices it signed out here, and which factors, passkeys or groups it was about.

    ``awaits_code`` says of a new address that it counts only once the person has typed the code that was mailed to it.
    """

    devices: int = 0
    names: tuple[str, ...] = ()
    awaits_code: bool = False


@dataclass(slots=True)
class Act:
    """One act on one person, from the moment it is allowed: ``person`` is how Cognito describes them before it.

    ``changed`` is for the act to set as soon as Cognito has done a part of it.
    """

    kind: Kind
    user: User
    by: User | None
    context: Context
    person: Person
    changed: bool = False

    def finish(
        self,
        what: str | Promise,
        *,
        person: Person | None = None,
        groups: Iterable[str] | None = None,
        ends_sessions: bool = False,
        lets_in: bool = False,
        factors: Collection[Factor] = (),
        passkeys: Collection[str] = (),
        address: str | None = None,
    ) -> int:
        """Write down what Cognito has done, and mail the person ``what``; return how many sessions were ended.

        ``person`` and ``groups`` are as they are now. Sessions end with the act, or because the account is disabled.
        Only an act that ``lets_in`` makes somebody active here. Each of the ``factors``, and of the labels of
        ``passkeys``, that it was about has a row. The mail goes to a proved address, or ``address``, in the person's
        language: ``what`` is lazy.
        """
        after = person or self.person
        # Another act may have let them in or shut them out since ``user`` was read.
        with locked(self.user) as row:
            may_come_in = after.enabled and (lets_in or row.is_active)
            user = users.keep(replace(after, enabled=may_come_in), groups)
            devices = revocation.end_everything(user) if ends_sessions or not may_come_in else 0
            rows: list[dict[str, Any]] = [
                *({"factor": each} for each in factors),
                *({"detail": each} for each in passkeys),
            ]
            for about in rows or [{}]:
                activity.write(self.kind, user, by=self.by, context=self.context, **about)
        if what:
            told = proved_address(self.person) if address is None else address
            notices.by_support(what, told, self.person.locale)
        return devices


@contextmanager
def locked(user: User) -> Iterator[User]:
    """Yield ``user`` as the database has them, whom nobody else writes until the block ends; as given without a row.

    What Cognito is asked within it is then written in the order in which it was answered.
    """
    with transaction.atomic():
        # Rows that point at the person may still be added: of two people, each may act on the other.
        rows = User.objects.select_for_update(no_key=True).filter(issuer=user.issuer, sub=user.sub)
        yield rows.first() or user


@contextmanager
def attempt(
    verb: str, kind: Kind, user: User, *, by: User | None, context: Context, words: Words | None = None
) -> Iterator[Act]:
    """Yield the act ``verb`` on ``user``, once it is allowed; what Cognito refuses inside the block becomes ActRefused.

    Cognito is asked first, for whoever had the ``sub``: names may have gone to somebody else. ``by`` is who acts, None
    for a command, which may do everything. An act that is refused or fails is recorded as well. Raises ActRefused;
    Unavailable and Misconfigured as they are, after which nobody knows whether it was done.
    """
    act: Act | None = None
    try:
        try:
            refuse_unless_allowed(verb, user, by)
            act = Act(kind, user, by, context, find(user))
            refuse_superior(by, conf.directory().groups_of(act.person.username) if has_bounds(by) else ())
            yield act
        except UserNotFound as error:
            mark_gone(user)
            raise Gone from error
        except (Throttled, Refused) as error:
            raise ActRefused(in_words(error, words or {}), changed=bool(act and act.changed)) from error
    except (ActRefused, CognitoError) as error:
        # Whoever is gone is deleted here all the same, and then that is what happened.
        if verb != "delete" or not isinstance(error, Gone):
            outcome = Outcome.REFUSED if isinstance(error, ActRefused) else Outcome.FAILED
            activity.write(kind, user, by=by, context=context, outcome=outcome)
        raise


def in_words(error: CognitoError, words: Words) -> str:
    """Return what ``error`` means, in words that go on after the person's name."""
    if isinstance(error, Throttled | TooManyAttempts):
        return _("too many requests, try again in a minute")
    known = next((text for kind, text in words.items() if isinstance(error, kind)), "")
    if not known and isinstance(error, RefusedByTrigger):
        return _("was refused by a function of the user pool")
    return known or _("was refused by Cognito")


def refuse_unless_allowed(verb: str, user: User, by: User | None) -> None:
    """Raise ActRefused unless ``by`` may do ``verb`` to ``user``, as far as is known here."""
    if by is not None and not by.has_perm(f"accounts.{verb}_user"):
        raise ActRefused(_("needs a permission that you do not have"))
    if by is not None and by.pk == user.pk and verb not in ON_ONESELF:
        raise ActRefused(_("this is you: use the pages of your own account"))
    if user.issuer != conf.config().issuer:
        raise ActRefused(_("is not in the user pool of this site"))
    if has_bounds(by) and user.is_superuser:
        raise ActRefused(_("only a superuser may do that to a superuser"))
    refuse_superior(by, user.cognito_groups)
    if verb in SHUTS_OUT and rights.is_last_superuser(user):
        raise ActRefused(_("this is the last superuser"))


def has_bounds(by: User | None) -> bool:
    """Whether ``by`` may not do everything: neither a command nor a superuser."""
    return by is not None and not by.is_superuser


def refuse_superior(by: User | None, groups: Collection[str]) -> None:
    """Raise ActRefused for a member of ``groups`` who may do what ``by`` may not.

    Whoever corrects an address or removes a second step can get into the account, and so would get at its rights.
    """
    if by is None or not has_bounds(by):
        return
    if rights.of_groups(groups).is_superuser:
        raise ActRefused(_("only a superuser may do that to a superuser"))
    if not permissions_of(groups) <= by.get_all_permissions():
        raise ActRefused(_("has rights that you do not have"))


def permissions_of(groups: Collection[str]) -> set[str]:
    """Return the permissions of the Django groups called ``groups``, as ``has_perm`` takes them."""
    found = Permission.objects.filter(group__name__in=list(groups)).order_by()
    return {f"{app}.{name}" for app, name in found.values_list("content_type__app_label", "codename")}


def find(user: User) -> Person:
    """Return how the pool describes ``user``, without second factors. Raises Gone."""
    person = conf.directory().known(user.sub, user.username)
    if person is None:
        mark_gone(user)
        raise Gone
    return person


def mark_gone(user: User) -> None:
    """Note that ``user`` has no account in the pool any more, and so no rights, and end the sessions."""
    gone = users.granted(()) | {"cognito_status": Status.GONE.value, "is_active": False}
    if user.pk:
        with transaction.atomic():
            users.write(user, gone)
            revocation.end_sessions(user)


def proved_address(whose: Person | User) -> str:
    """Return an e-mail address, "" for one that nobody proved: it may be a stranger's."""
    return whose.email if whose.email_verified else ""
