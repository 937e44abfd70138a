"""What happened: a line in the log and a row, written here and nowhere else."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.signals import user_login_failed
from django.contrib.contenttypes.models import ContentType
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import (
    activity_words,
    browser,
    client_address,
    conf,
    counters,
    letters,
    notices,
    pool,
    recovery,
    signals,
    users,
)
from accounts.audit import LONGEST_DETAIL, LONGEST_TARGET, OTHERS, Kind, Outcome, Role
from accounts.cognito import sign_in_names
from accounts.cognito.challenges import ChallengeName
from accounts.cognito.errors import AccountDisabled, NotAuthorized
from accounts.cognito.factors import Factor
from accounts.context import Context
from accounts.letters import Event
from accounts.limits import Limit
from accounts.models import LOCAL_ISSUER, Activity, CameBy, User

logger = logging.getLogger("accounts.activity")

NOTIFIED = notices.OF_KIND.keys()
# Whose target is a provider, by the name that people know it by.
OF_PROVIDERS = (Kind.PROVIDER_CONNECTED, Kind.PROVIDER_DISCONNECTED)
# What a code has proved, where it is that of a registration or of a profile.
CONFIRMED: Mapping[str, Kind] = {"email": Kind.EMAIL_CONFIRMED, "phone_number": Kind.PHONE_CONFIRMED}
# Failed sign-ins kept of one person in 24 hours: enough to notice, and no way for a stranger to fill a table.
MOST_REFUSALS = 10
# What was answered in place of a password, as activity_words.py has it.
BY_CHOICE: Mapping[str, str] = {
    ChallengeName.WEB_AUTHN: "passkey",
    ChallengeName.EMAIL_OTP: "email",
    ChallengeName.SMS_OTP: "text",
}
# And of names that nobody has: in all, and for each network they come from.
STRANGERS = Limit("strangers", 500, 24 * 60 * 60)
STRANGERS_BY_ADDRESS = Limit("strangers-address", 10, 24 * 60 * 60)


def record(
    kind: Activity.Kind,
    user: User | None,
    *,
    by: User | None = None,
    context: Context,
    factor: Factor | None = None,
    outcome: Activity.Outcome = Outcome.DONE,
    target: str = "",
    detail: str = "",
    label: str = "",
) -> None:
    """Log ``kind``, add it to the activity of ``user``, and mail them where it concerns who can open the account.

    ``user`` is None for an act on something that is no person with a row: ``target`` then names the group, or has the
    ``sub`` of the person, and never an address; of an act on a provider it is the provider's name. ``by`` is who did
    it, None for the person, and for a command, which has no context; ``context`` is whence they did it, and shown to
    nobody but staff where it was somebody else. ``factor`` is the second step it was about, where it was about one;
    ``detail`` is more for the person's own page (accounts/activity_words.py), and nothing secret; ``label`` is what the
    mail calls the thing, and is kept nowhere. Of what was not done nobody is mailed.
    """
    how = {"factor": factor, "outcome": outcome, "target": target, "detail": detail}
    row = write(kind, user, by=by, context=context, **how)
    if kind not in NOTIFIED or user is None or outcome is not Outcome.DONE:
        return
    if row.role in OTHERS:
        notices.by_support(f"{row.label}.", user.email, "")
    else:
        notices.changed(kind, event(user, context, target=label or target, factor=factor))


def event(user: User, context: Context, **about: Any) -> Event:
    """Return what mails to ``user`` tell of something; ``about`` is what else an Event has."""
    return Event(user.email, context, factors=Factor.all_named(user.second_factors), **about)


def write(kind: Activity.Kind, user: User | None, **how: Any) -> Activity:
    """Log ``kind`` and return the new row of the activity of ``user``; ``how`` is what `made` takes.

    What was done is told to projects that build on this one (accounts/signals.py).
    """
    row = made(kind, user, **how)
    log(row, user)
    row.save(force_insert=True)
    if row.outcome == Outcome.DONE:
        signals.tell_recorded(kind, user, by=how.get("by"), context=how["context"], factor=row.factor)
    return row


def made(
    kind: Activity.Kind,
    user: User | None,
    *,
    by: User | None = None,
    context: Context,
    factor: Factor | None = None,
    outcome: Activity.Outcome = Outcome.DONE,
    target: str = "",
    detail: str = "",
    role: Activity.Role | None = None,
) -> Activity:
    """Return a row that is not written yet; the words mean what they mean to `record`.

    ``role`` says as what they acted, where that does not follow. A person whose row is gone is known by the ``sub``.
    """
    return Activity(
        user=user if user and user.pk else None,
        user_sub=user.sub if user and not user.pk else "",
        kind=kind,
        factor=factor.value if factor else "",
        outcome=outcome,
        by=by if by != user else None,
        role=role or role_of(user, by, context),
        target=target[:LONGEST_TARGET],
        detail=detail[:LONGEST_DETAIL],
        ip_address=context.ip_address,
        user_agent=context.user_agent,
        request_id=context.request_id,
    )


def role_of(user: User | None, by: User | None, context: Context) -> Activity.Role:
    """Return as what ``by`` acts on ``user``; without anybody it is the person, or a command, which has no context."""
    if by is not None:
        return Role.PERSON if by == user else Role.STAFF
    return Role.COMMAND if context == Context() else Role.PERSON


def log(row: Activity, user: User | None) -> None:
    """Write the line of ``row``, whose fields docs/operating.md lists."""
    extra = {
        "user": user.pk if user else "",
        "sub": user.sub if user else "",
        "by": row.by_id or "",
        "role": row.role,
        "outcome": row.outcome,
        "target": row.target,
        "ip": row.ip_address,
        "factor": row.factor,
        "request_id": row.request_id,
    }
    logger.info(row.kind, extra=extra)


@receiver(pre_delete, sender=User)
def forget(sender: Any, instance: User, **_: Any) -> None:
    """Take out what is personal of what is kept of a person whose row is about to go, whoever deletes it.

    https://docs.djangoproject.com/en/5.2/ref/signals/#pre-delete
    """
    Activity.objects.forget(instance)
    # The admin's history quotes what a person is called, also in its sentences. What was done stands in the rows.
    kind = ContentType.objects.get_for_model(User)
    history = LogEntry.objects.filter(content_type=kind, object_id=str(instance.pk))
    history.update(object_repr=instance.sub[:200], change_message="")


def signed_in(request: HttpRequest, user: User, *, again: bool, known_browser: bool, answered: str = "") -> None:
    """Record a sign-in; ``again`` when the person was in and proved that it is still them.

    ``answered`` is the question of Cognito's whose answer let them in, "" for none.

    The person is mailed where it was in a browser that is not known to be theirs, but for their very first sign-in.
    """
    context = Context.of(request)
    if again:
        write(Kind.CONFIRMED_ACCESS, user, context=context)
        return
    kind = Kind.FIRST_SIGN_IN if user.is_new else Kind.SIGNED_IN
    write(kind, user, context=context, **how_signed_in(user.came_by, answered))
    if user.came_by == CameBy.REGISTRATION:
        for name, confirmed in CONFIRMED.items():
            if getattr(user, f"{name}_verified"):
                write(confirmed, user, context=context)
    if not known_browser and not user.is_new:
        way = letters.way_in(user.came_by, second_step=user.second_step, factors=Factor.all_named(user.second_factors))
        notices.new_sign_in(event(user, context, how=way))


def how_signed_in(came_by: str, answered: str) -> dict[str, str]:
    """Return what the row of a sign-in says of how, as `made` takes it; nothing of what is not known."""
    if came_by == CameBy.PASSWORD:
        if answered == ChallengeName.NEW_PASSWORD_REQUIRED:
            return {"detail": activity_words.INVITED}
        factor = Factor.named(answered) if answered else None
        return {"detail": f"{came_by} {factor.key}" if factor else came_by}
    if came_by == CameBy.CHOICE:
        return {"detail": BY_CHOICE.get(answered, "")} if answered else {}
    if came_by == CameBy.REGISTRATION:
        return {"detail": activity_words.REGISTERED}
    provider = conf.config().provider(came_by) if came_by else None
    return {"detail": activity_words.OUTSIDE, "target": provider.label} if provider else {}


def password_reset(request: HttpRequest, name: str) -> None:
    """Record a password chosen by a code, for whoever is known here as ``name``, and mail the owner.

    The owner is mailed also where this site has never seen them: the code has just proved the address.
    """
    context = Context.of(request)
    people = list(users.named(name)[:MOST_REFUSALS])
    for user in people:
        way = recovery.of_user(user, pool.description()).goes_to
        write(Kind.PASSWORD_RESET, user, context=context, detail=way)
    if not people:
        signals.tell(signals.password_changed, None, Kind.PASSWORD_RESET, username=name, context=context)
    ways = conf.config().sign_in_with
    # A code goes to the number where people sign in by it, and to the address where they do not.
    mailed = "mailbox" if ways.contact == "email" else ""
    if ways.kind_of(name) is sign_in_names.NameKind.EMAIL:
        factors = Factor.all_named(factor for user in people for factor in user.second_factors)
        notices.password_reset(Event(name, context, target=mailed, factors=factors))
        return
    for user in people:
        notices.password_reset(event(user, context, target=mailed))


def profile_changed(request: HttpRequest, user: User, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Record what is different at Cognito: ``before`` and ``after`` are attributes by their names there.

    Of a new e-mail address the old one is told, and the new one that it counts from now on.
    """
    context = Context.of(request)
    flags = {"email_verified", "phone_number_verified"}
    changed = {name for name in {*before, *after} - flags if before.get(name, "") != after.get(name, "")}
    if "email" in changed:
        write(Kind.EMAIL_CHANGED, user, context=context, detail=masked(before.get("email", "")))
        tell_addresses(before.get("email", ""), after, context)
    if "phone_number" in changed:
        write(Kind.PHONE_CHANGED, user, context=context)
        end = after.get("phone_number", "")[-2:]
        notices.phone_changed(Event(before.get("email", ""), context, target=end))
    for name in sorted(changed - {"email", "phone_number"}):
        record(Kind.PROFILE_CHANGED, user, context=context, detail=name)


def address_asked(request: HttpRequest, user: User, address: str) -> None:
    """Record that ``user`` has asked for ``address``, which counts once its code is typed."""
    write(Kind.EMAIL_ASKED, user, context=Context.of(request), detail=masked(address))


def masked(address: str) -> str:
    """Return as much of ``address`` as is kept of it: whoever has it knows it, and nobody else learns it."""
    name, at, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain[:1]}•••" if at else ""


def tell_addresses(old: str, after: Mapping[str, str], context: Context) -> None:
    """Mail the ``old`` address that it is the account's no longer, and the new one among ``after`` that it is.

    The new one only where it is proved: any other may be a stranger's.
    """
    new = after.get("email", "")
    notices.email_changed(Event(old, context, target=letters.masked(new)))
    if after.get("email_verified") == "true":
        by_it = sign_in_names.NameKind.EMAIL in conf.config().sign_in_with.kinds
        notices.email_is_new(Event(new, context, target="signs in" if by_it else ""))


@receiver(user_login_failed)
def sign_in_failed(sender: Any, credentials: Mapping[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """Record a refused password, which Django tells of.

    https://docs.djangoproject.com/en/5.2/ref/contrib/auth/#django.contrib.auth.signals.user_login_failed
    """
    if request is not None and isinstance(credentials.get("username"), str):
        sign_in_refused(request, credentials["username"], wrong_with(request))


def wrong_with(request: HttpRequest) -> str:
    """Return what was wrong with the try of ``request``, as far as its refusal (accounts/backends.py) says it."""
    refusal = getattr(request, "sign_in_refusal", None)
    if isinstance(refusal, AccountDisabled):
        return "off"
    return "password" if type(refusal) is NotAuthorized else ""


def sign_in_refused(request: HttpRequest, name: str, wrong: str = "") -> None:
    """Record that a sign-in failed: for whoever is known here as ``name``, else for nobody.

    ``wrong`` is what was, as accounts/activity_words.py has it, "" where that is not known. What was typed is kept
    nowhere. Rows are few whatever strangers do; the log has a line for each.
    """
    context = Context.of(request)
    people: list[User | None] = [*known_as(name)]
    for user in people or [None]:
        row = made(
            Kind.SIGN_IN_REFUSED, user, context=context, outcome=Outcome.REFUSED, role=Role.UNKNOWN, detail=wrong
        )
        log(row, user)
        if has_room(request, user):
            row.save(force_insert=True)
    # Whoever it was, they tried once; what they typed may be a password.
    known = people[0] if len(people) == 1 else None
    signals.tell(signals.refused, known, Kind.SIGN_IN_REFUSED, context=context)


def known_as(name: str) -> list[User]:
    """Return whom somebody means who signs in as ``name``: people of the pool, and superusers of this database."""
    people = list(users.named(name)[:MOST_REFUSALS])
    if settings.LOCAL_SUPERUSERS:
        people += User.objects.filter(issuer=LOCAL_ISSUER, username=name)[:MOST_REFUSALS]
    return people


def has_room(request: HttpRequest, user: User | None) -> bool:
    """Whether one more failed sign-in is kept of ``user``, or of a name that nobody has, None."""
    if user is None:
        charges = [STRANGERS.charge_of(""), STRANGERS_BY_ADDRESS.charge_of(client_address.network(request))]
        return counters.store().charge(charges).charged
    since = timezone.now() - timedelta(days=1)
    return Activity.objects.filter(user=user, kind=Kind.SIGN_IN_REFUSED, at__gt=since).count() < MOST_REFUSALS


def ended_elsewhere(request: HttpRequest, user: User) -> None:
    """Record that Cognito takes the tokens of ``user`` no longer, which ends the session of ``request``."""
    write(Kind.ENDED_ELSEWHERE, user, context=Context.of(request), role=Role.POOL)


def refused(request: HttpRequest, error: BaseException) -> None:
    """Log which flow was refused, and why. Never who: people type passwords into the wrong field."""
    what = request.resolver_match.url_name if request.resolver_match else ""
    logger.warning("refused", extra={"what": what, "ip": Context.of(request).ip_address, "reason": str(error)})


def deleted(request: HttpRequest, user: User) -> None:
    """Record that ``user`` deletes the account, and mail them; the row outlives theirs, and then says only that."""
    context = Context.of(request)
    write(Kind.ACCOUNT_DELETED, user, context=context)
    notices.account_deleted(event(user, context))


def switched(user: User, *, by: User, context: Context) -> None:
    """Record that the administrator ``by`` shut ``user`` out, or let them in again."""
    record(Kind.LET_IN if user.is_active else Kind.SHUT_OUT, user, by=by, context=context)


def in_words(row: Activity) -> str:
    """Return what happened, in words for the person whose account it is: with who did it, where it was not them."""
    what = activity_words.with_target(row) if row.kind in OF_PROVIDERS else row.label
    return _("%(what)s, by an administrator") % {"what": what} if row.role in OTHERS else what


def whence(row: Activity) -> Context:
    """Return whence ``row`` was done, as far as the person whose account it is may know: nothing of others."""
    return Context() if row.role in OTHERS else Context(row.ip_address, row.user_agent, row.request_id)


def entry(row: Activity) -> dict[str, Any]:
    """Return what a page of the person's own shows of ``row``; in place of a device, that support did it."""
    shown = whence(row)
    device = browser.name(shown.user_agent) if shown.user_agent else ""
    return {
        "label": activity_words.words(row),
        "icon": activity_words.icon(row),
        "failed": row.outcome != Outcome.DONE,
        "at": row.at,
        "browser": _("by support") if row.role in OTHERS else device,
        "ip_address": shown.ip_address,
    }


def data(user: User) -> list[dict[str, Any]]:
    """Return what is kept of what happened to the account of ``user``, newest first, as they get it in a file.

    Of what others did it says that, and nothing of them.
    """
    return [
        {
            "what": row.kind,
            "factor": row.factor,
            "provider": row.target if row.kind in OF_PROVIDERS else "",
            "detail": row.detail,
            "at": row.at,
            "by": "administrator" if row.role in OTHERS else "",
            "ip_address": whence(row).ip_address,
            "browser": whence(row).user_agent,
        }
        for row in Activity.objects.of_person(user)
    ]
