"""What protects one's own account, each fact with what can be done about it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render, resolve_url
from django.views.decorators.http import require_safe

from accounts import activity_words, checkup, federation, last_used, linking, passkeys, pool, recovery, two_step
from accounts.audit import Kind, Outcome
from accounts.cognito.errors import Misconfigured, Unavailable
from accounts.cognito.factors import Factor
from accounts.cognito.identities import MOST_LINKED
from accounts.cognito.results import PoolDescription, Profile
from accounts.http import AuthenticatedRequest, access_token, own_profile
from accounts.models import Activity, User
from accounts.passkeys import OwnPasskey
from accounts.two_step import Method


@require_safe
def security(request: AuthenticatedRequest) -> HttpResponse:
    """Show how the person signs in, the second steps, what is connected, and what to do when something is lost."""
    token, described = access_token(request), pool.description()
    profile = own_profile(request, token)
    if request.user.passkeys_waiting and profile.factors and described.passkeys_satisfy_mfa:
        # What went wrong when the passkey was added. Until it goes well they are shown as paused.
        with suppress(Unavailable):
            two_step.let_passkeys_count(request)
    context = {
        "has_password": federation.has_password(request),
        "provider": federation.own_provider(request),
        **connected_accounts(profile),
    }
    if context["has_password"]:
        own = own_passkeys(request.user, token, described)
        context |= {
            "password_changed_at": password_changed_at(request.user),
            "removed_passkey": passkeys.take_removed(request),
            "relying_party": relying_party(request, described),
            "described": described,
            **shown_passkeys(request, own, described),
            **second_steps(request.user, profile, described),
            "recovery": recovery.of(profile, described, profile.factors),
            "backup": backup_of(profile, described, own if checkup.passkeys_usable(request.user, described) else ()),
        }
    return render(request, "accounts/security.html", context)


def password_changed_at(user: User) -> datetime | None:
    """Return when the person last chose a password here, None where that is not on record."""
    changed = Q(kind__in=(Kind.PASSWORD_CHANGED, Kind.PASSWORD_RESET))
    first = Q(kind__in=(Kind.FIRST_SIGN_IN, Kind.SIGNED_IN), detail=activity_words.INVITED)
    return latest(user, changed | first)


def latest(user: User, which: Q) -> datetime | None:
    """Return when ``which`` was last done to the account of ``user``."""
    rows = Activity.objects.filter(which, user=user, outcome=Outcome.DONE).order_by("-at")
    return rows.values_list("at", flat=True).first()


def own_passkeys(user: User, token: str, described: PoolDescription) -> tuple[OwnPasskey, ...]:
    """Return the passkeys of ``user``, () where the pool has none."""
    if not described.passkeys:
        return ()
    try:
        return passkeys.passkeys_of(user, token)
    except Misconfigured:
        return ()


def shown_passkeys(
    request: AuthenticatedRequest, own: Sequence[OwnPasskey], described: PoolDescription
) -> dict[str, Any]:
    """Return the passkeys as the page shows them: whether they can be used now, and whether one more can be added."""
    paused = described.passkeys and not checkup.passkeys_usable(request.user, described)
    return {
        "passkeys": [(passkey, last_used.passkey_here(request, passkey.id)) for passkey in own],
        "passkeys_paused": paused,
        "may_add_passkey": described.passkeys and not paused,
        "most_passkeys": passkeys.MOST if len(own) >= passkeys.MOST else 0,
    }


def relying_party(request: AuthenticatedRequest, described: PoolDescription) -> str:
    """Return the domain that passkeys are for: what the pool says, else the host of the site."""
    return described.relying_party or request.get_host().partition(":")[0]


def second_steps(user: User, profile: Profile, described: PoolDescription) -> dict[str, Any]:
    """Return the methods, each with whether a forgotten password depends on its being off, and when the app came."""
    methods = two_step.methods_of(profile, described)
    depends = [recovery.depends_on(profile, described, method.factor) for method in methods]
    return {
        "methods": list(zip(methods, depends, strict=True)),
        "two_step_on": bool(profile.factors),
        "app_set_up_at": latest(user, Q(kind=Kind.FACTOR_ADDED, factor=Factor.TOTP.value)),
    }


def connected_accounts(profile: Profile) -> dict[str, Any]:
    """Return the providers: all there are where they can be connected and disconnected, else those connected."""
    ways, changeable = linking.ways(profile), linking.changeable()
    return {
        "ways": [way for way in ways if changeable or way.connected],
        "changeable": changeable,
        "full": len(linking.linked(profile)) >= MOST_LINKED,
    }


@dataclass(frozen=True, slots=True)
class Backup:
    """What helps when the method ``lost`` is lost: another one, or a passkey, else ``add_url``."""

    lost: Method
    instead: Method | None
    by_passkey: bool
    add_url: str


def backup_of(profile: Profile, described: PoolDescription, usable: Sequence[OwnPasskey]) -> Backup | None:
    """Return what helps when a method of two-step verification is lost, None while it is off.

    ``usable`` are the passkeys that can sign the person in.
    """
    methods = two_step.methods_of(profile, described)
    enabled = [method for method in methods if method.enabled]
    if not enabled:
        return None
    by_passkey = described.passkeys_satisfy_mfa and bool(usable)
    instead = enabled[1] if len(enabled) > 1 else None
    return Backup(enabled[0], instead, by_passkey, "" if instead or by_passkey else where_to_add(methods, described))


def where_to_add(methods: Sequence[Method], described: PoolDescription) -> str:
    """Return the page where one more method, or else a passkey that counts as both steps, is set up; "" for none."""
    missing = [method for method in methods if not method.enabled]
    for method in (each for each in missing if each.proved):
        # The app has a page of its own.
        is_app = method.factor is Factor.TOTP
        return resolve_url("totp") if is_app else resolve_url("two_step", method.key, "on")
    if missing:
        return resolve_url("profile")
    return resolve_url("passkeys") if described.passkeys and described.passkeys_satisfy_mfa else ""
