"""What a person's page shows: facts as Cognito says them now and as they are kept here, devices, activity, rights."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts import activity_words, browser, conf
from accounts.admin.activity import actor_of, outcome_badge
from accounts.admin.at_cognito import Description
from accounts.admin.markup import NOTHING, badge, moment, state_badge
from accounts.admin.standing import Standing
from accounts.admin.states import State
from accounts.cognito.factors import Factor
from accounts.cognito.results import Person
from accounts.cognito.sign_in_names import readable
from accounts.kept_passkeys import KeptPasskey
from accounts.models import Activity, Session, User

SHOWN_ACTIVITY = 20  # rows on a person's page
SHOWN_SESSIONS = 50
FACTORS = {
    Factor.TOTP: gettext_lazy("app"),
    Factor.EMAIL: gettext_lazy("email"),
    Factor.SMS: gettext_lazy("text message"),
}


@dataclass(frozen=True)
class Fact:
    """One line of the page. ``here`` is what is kept here, where Cognito says something else, and None where not."""

    label: str
    value: str
    here: str | None = None
    badge: str = ""


@dataclass(frozen=True)
class Panel:
    """Facts under a heading."""

    title: str
    facts: Sequence[Fact]
    note: str = ""
    rights: Sequence[str] = field(default=())


def factor_names(factors: Iterable[str]) -> str:
    """Return second factors in words: "App, text message", or "Off" for none."""
    names = [str(label) for factor, label in FACTORS.items() if factor.value in set(factors)]
    return capfirst(", ".join(names)) or _("Off")


def compared(label: str, here: str, there: str | None, **more: Any) -> Fact:
    """Return the fact that Cognito calls ``there``, None where it did not say, and that is ``here`` in the database."""
    if there is None or there == here:
        return Fact(label, here, **more)
    return Fact(label, there, here=here or _("nothing"), **more)


def panels(user: User, now: Description) -> list[Panel]:
    """Return the facts of a page on ``user``, of whom Cognito has just said ``now``."""
    return [
        Panel("", personal(user, now)),
        Panel(_("Sign-in"), signing_in(user, now), on_passkeys(user, now)),
        Panel(
            _("Groups and Cognito"),
            in_cognito(user, now),
            _("Cognito owns these details. They are brought up to date at every sign-in."),
        ),
    ]


def personal(user: User, now: Description) -> list[Fact]:
    """Return what to call the person, and where to reach them."""
    there = now.person
    verified = there.email_verified if there else user.email_verified
    mark = badge(_("Verified"), "ok") if verified else badge(_("Not verified"), "warn")
    email = there.email if there else user.email
    return [
        compared(_("Name"), user.name, there.name if there else None),
        compared(_("Email"), user.email, there.email if there else None, badge=mark if email else ""),
        # Only Cognito has it.
        *([Fact(_("Phone number"), readable(there.phone_number))] if there else []),
    ]


def signing_in(user: User, now: Description) -> list[Fact]:
    """Return whether and how the person signs in."""
    there = now.person
    state, kept = State.of_person(there) if there else State.of_user(user), State.of_user(user)
    factors = factor_names(factor.value for factor in there.factors) if there else None
    return [
        Fact(_("Status"), "", str(kept.label) if kept is not state else None, state_badge(state)),
        compared(_("Two-step verification"), factor_names(user.second_factors), factors),
        Fact(_("Passkeys"), passkeys(user, now)),
        *([Fact(_("Connected accounts"), connected(there))] if there else []),
        Fact(_("Last sign-in"), moment(user.last_login)),
        Fact(_("Joined"), moment(user.date_joined)),
    ]


def passkeys(user: User, now: Description) -> str:
    """Return what the passkeys are called that the person named or used here, else whether there are any."""
    if now.has_passkey is False:
        return _("None")
    labels = KeptPasskey.objects.filter(user=user).exclude(label="").order_by("pk").values_list("label", flat=True)
    return ", ".join(labels) or (pgettext("passkeys", "Set up") if now.has_passkey else _("Not known"))


def on_passkeys(user: User, now: Description) -> str:
    """Return what to do about passkeys that no act can remove now, "" where one can, or there are none."""
    if not now.has_passkey or Standing.of(user, now).lends_passkeys:
        return ""
    return _("Passkeys can’t be removed from here now. Ask them to remove theirs under Security.")


def connected(person: Person) -> str:
    """Return the providers that sign the person in, by the names people know them by: "Google, Apple", or "None"."""
    names = [identity.provider for identity in person.identities]
    labels = {provider.name: provider.label for provider in conf.config().providers}
    return ", ".join(labels.get(name, name) for name in names) or _("None")


def in_cognito(user: User, now: Description) -> list[Fact]:
    """Return what Cognito calls the person, and since when."""
    there = now.person
    groups = None if now.groups is None else ", ".join(sorted(now.groups))
    return [
        compared(_("Groups"), ", ".join(sorted(user.cognito_groups)), groups),
        Fact(_("Cognito username"), user.username),
        Fact(_("Subject"), user.sub),
        Fact(_("Issuer"), user.issuer),
        *([Fact(_("Created in Cognito"), moment(there.created_at))] if there else []),
        *([Fact(_("Changed in Cognito"), moment(there.changed_at))] if there else []),
        Fact(_("Compared with Cognito"), moment(user.cognito_seen_at)),
    ]


def rights(user: User) -> Panel:
    """Return what the person may do here, and that it follows from groups."""
    rank = _("Superuser: may do everything") if user.is_superuser else _("Staff") if user.is_staff else _("Not staff")
    names = [] if user.is_superuser else Permission.objects.filter(group__user=user).distinct()
    facts = [Fact(_("Administration"), rank)]
    return Panel(_("Permissions"), facts, _("Rights come from groups."), [_(permission.name) for permission in names])


def sessions(user: User) -> list[dict[str, Any]]:
    """Return where ``user`` is signed in, the latest seen first. No key or token is read."""
    rows = Session.objects.filter(user=user, expire_date__gt=timezone.now()).order_by("-last_seen_at")
    wanted = ("user_agent", "ip_address", "created_at", "last_seen_at")
    return [
        {
            "device": browser.name(row["user_agent"]),
            "ip_address": row["ip_address"],
            "signed_in": moment(row["created_at"]),
            "last_active": moment(row["last_seen_at"]),
        }
        for row in rows.values(*wanted)[:SHOWN_SESSIONS]
    ]


def activity(user: User) -> dict[str, Any]:
    """Return the newest of what happened to ``user``, with the name of each device, and where the rest is."""
    rows = Activity.objects.filter(user=user).select_related("by")[:SHOWN_ACTIVITY]
    return {
        "rows": [event(row) for row in rows],
        "all_url": f"{reverse('admin:accounts_activity_changelist')}?{urlencode({'user__id__exact': user.pk})}",
    }


def event(row: Activity) -> dict[str, str]:
    """Return what a person's page says of one thing that happened; by whom, where it was not by themselves."""
    own = row.role == Activity.Role.PERSON
    return {
        "what": activity_words.with_target(row),
        "outcome": "" if row.outcome == Activity.Outcome.DONE else outcome_badge(row),
        "at": moment(row.at),
        "device": browser.name(row.user_agent) if row.user_agent else NOTHING,
        "ip_address": row.ip_address or NOTHING,
        "by": NOTHING if own and not row.by_id else actor_of(row),
    }
