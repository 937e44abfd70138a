"""The ways into one account: its password, and the providers that are connected with it.

Somebody at a provider is only connected by whoever is signed in here, has just proved it, and signs in there in the
same browser. Going there makes a profile of its own in the pool, if there is none yet; Cognito merges no profiles, so
an empty one makes way first, and any other one stays as it is (docs/adr/0041).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from accounts import activity, conf, pool, rights, users
from accounts.cognito.config import LEEWAY, OWN_DIRECTORY, Provider
from accounts.cognito.errors import AliasTaken, InputRejected, Refused, TooManyAttempts
from accounts.cognito.identities import MOST_LINKED, OF_THE_POOL, Identity, profile_identity
from accounts.cognito.results import Claims, Described, Profile, Tokens
from accounts.context import Context
from accounts.http import AuthenticatedRequest, access_token
from accounts.models import Activity, Session, User
from accounts.one_at_a_time import one_at_a_time
from accounts.sessions import revocation
from accounts.sessions.engine import session_of
from accounts.sessions.pending import Tab

# Sentences of more than one page; ``provider`` is filled in.
ALREADY_CONNECTED = _("%(provider)s is connected already.")
FULL = _("You have connected as many as there can be. Disconnect another one first.")
# A profile that is older than this is left alone, even if nobody has come in here with it: others use the pool, too.
NEW = timedelta(days=1)


class NotConnected(Exception):
    """Nothing was connected, and nothing that anybody uses was changed."""


class AlreadyConnected(NotConnected):
    """The account has the provider already, maybe with somebody else there."""


class NotProven(NotConnected):
    """The tokens are good, and prove too little: an earlier sign-in, or another browser's."""


class InUse(NotConnected):
    """Somebody at the provider has an account here that is not empty, or is connected with another one."""


class OtherAddress(NotConnected):
    """The provider has another e-mail address than the account, and the person has not allowed that one."""


class Full(NotConnected):
    """As many providers are connected as Cognito takes."""


class OnlyWay(Exception):
    """Without this one there would be no way left into the account."""


@dataclass(frozen=True, slots=True)
class Way:
    """One provider, as the page shows it: ``since`` None where it is not connected, or nobody knows since when.

    ``began``: the account is this provider's. ``only``: it is the only way in.
    """

    provider: Provider
    connected: bool = False
    since: datetime | None = None
    began: bool = False
    only: bool = False


def offered() -> tuple[Provider, ...]:
    """Return the providers that accounts can be connected with: not the page of the domain, which has the password."""
    return tuple(provider for provider in conf.config().providers if provider.name != OWN_DIRECTORY)


def changeable() -> bool:
    """Whether people can connect and disconnect providers here: that takes an AWS key."""
    return bool(offered()) and pool.has_key()


def beginning(profile: Profile) -> Identity:
    """Return what the profile of somebody began as, which is how Cognito calls it when something is linked to it."""
    return profile_identity(profile.username, profile.identities)


def ways(profile: Profile) -> list[Way]:
    """Return every provider that is connected or could be, in the order of the settings."""
    found = {identity.provider: identity for identity in reversed(profile.identities)}
    known = {provider.name: provider for provider in offered()}
    known |= {name: conf.config().provider(name) or Provider(name, name) for name in found if name not in known}
    return [way(profile, provider, found.get(provider.name)) for provider in known.values()]


def way(profile: Profile, provider: Provider, identity: Identity | None) -> Way:
    """Return how ``provider``, where somebody is ``identity``, stands to the account of ``profile``."""
    if identity is None:
        return Way(provider)
    only = not others(profile, provider.name)
    return Way(provider, connected=True, since=identity.since, began=identity.primary, only=only)


def others(profile: Profile, provider: str) -> bool:
    """Whether there is another way into the account than ``provider``: the pool's own, or one that is offered."""
    if beginning(profile).provider == OF_THE_POOL:
        return True
    names = {known.name for known in offered()} - {provider}
    return any(identity.provider in names for identity in profile.identities)


def linked(profile: Described) -> list[Identity]:
    """Return what is linked to the profile, besides what it began as."""
    return [identity for identity in profile.identities if not identity.primary]


def refuse_one_more(profile: Profile, provider: str) -> None:
    """Raise Full, or AlreadyConnected."""
    if any(identity.provider == provider for identity in profile.identities):
        raise AlreadyConnected
    if len(linked(profile)) >= MOST_LINKED:
        raise Full


@sensitive_variables("tokens")
def connect(request: HttpRequest, tab: Tab, tokens: Tokens) -> bool:
    """Connect whom ``tokens`` speak of with the account of the person signed in, who set out for it in ``tab``.

    Return False where the two are connected already. Raises NotConnected, one of its kinds, or TokenError, with which
    nothing has changed; AccessTokenRefused and AccountGone of the person's own token; Unavailable, Misconfigured.
    """
    user: Any = request.user
    with revocation.revoked_on_failure(tokens):
        claims = proven(tab, tokens)
        if not user.is_authenticated or user.pk != tab.connects:
            raise NotProven("another person, or nobody")
        if (claims.issuer, claims.sub) == (user.issuer, user.sub):
            revocation.revoke([tokens.refresh_token])
            return False
        own_token = access_token(request)
        mine = conf.user_account().get_user(own_token)
        refuse_one_more(mine, tab.provider)
        identity = vacated(claims, tab, tokens, mine)
        link(identity, mine, own_token)
    record(request, user, tab.provider, Activity.Kind.PROVIDER_CONNECTED)
    return True


@sensitive_variables("tokens")
def proven(tab: Tab, tokens: Tokens) -> Claims:
    """Return what the ID token says. Raises TokenError, and NotProven where it speaks of an earlier sign-in."""
    claims = conf.verifier().verify_id_token(tokens.id_token, nonce=tab.nonce)
    if claims.authenticated_at < tab.at - LEEWAY:
        raise NotProven("an earlier proof")
    return claims


@sensitive_variables("tokens")
def vacated(claims: Claims, tab: Tab, tokens: Tokens, mine: Profile) -> Identity:
    """Delete the empty profile that ``tokens`` are of, with its own token, and return who its person is there.

    Raises InUse for any other, which stays; OtherAddress where ``mine`` would get an address that is not allowed;
    NotConnected where Cognito refuses.
    """
    try:
        theirs = conf.user_account().get_user(tokens.access_token)
        identity = beginning(theirs)
        if not is_empty(claims, theirs, tab.provider):
            raise InUse
        if not tab.takes_address and has_other_address(theirs, mine):
            raise OtherAddress
        conf.user_account().delete_user(tokens.access_token)
    except Refused as refused:
        # Not passed on: it would end the session of the person who is signed in.
        raise NotConnected("their token is refused") from refused
    return identity


def has_other_address(theirs: Profile, mine: Profile) -> bool:
    """Whether the account would get another address at the next sign-in by the provider: Cognito writes what it maps.

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-specifying-attribute-mapping.html
    """
    return bool(theirs.email and mine.email) and theirs.email.casefold() != mine.email.casefold()


def is_empty(claims: Claims, theirs: Profile, provider: str) -> bool:
    """Whether a profile is one that signing in at ``provider`` has made, and that nobody has used since.

    It is new, it is in no group but the provider's, nothing else is linked to it, and nobody has come in here with it.
    """
    identity = beginning(theirs)
    alone = theirs.identities == (identity,) and identity.provider == provider
    unused = users.found(claims.issuer, claims.sub) is None
    granted = [group for group in claims.groups if not rights.is_of_provider(group)]
    is_new = identity.since is not None and datetime.now(UTC) - identity.since < NEW
    return alone and unused and is_new and bool(claims.groups) and not granted


@sensitive_variables("own_token")
def link(identity: Identity, mine: Profile, own_token: str) -> None:
    """Link ``identity`` to the profile ``mine``. Raises Full, NotConnected.

    What is so at Cognito decides: it has been seen to refuse and to link all the same.
    """
    try:
        conf.directory().link(identity, to=beginning(mine))
    except TooManyAttempts as refused:
        raise Full from refused
    except (InputRejected, AliasTaken) as refused:
        now = conf.user_account().get_user(own_token)
        if not any(identity.is_same(known) for known in now.identities):
            raise NotConnected("refused") from refused


def to_disconnect(profile: Profile, provider: str) -> list[Identity]:
    """Return who the person is at ``provider``, as far as it can be taken from them. Raises OnlyWay.

    What the profile began as stays: Cognito has no way to take it.
    """
    found = [identity for identity in profile.identities if identity.provider == provider]
    if found and (any(identity.primary for identity in found) or not others(profile, provider)):
        raise OnlyWay
    return found


def disconnect(request: AuthenticatedRequest, provider: str) -> bool:
    """Disconnect ``provider``; whoever came in by it is signed out elsewhere. Return False where it is not connected.

    Raises OnlyWay, UnderWay, InputRejected and AliasTaken where Cognito refuses, AccessTokenRefused, AccountGone,
    Unavailable, Misconfigured.
    """
    # Two at once would each find the other one there, and take both.
    with one_at_a_time(request):
        own_token = access_token(request)
        found = to_disconnect(conf.user_account().get_user(own_token), provider)
        unlink(found, own_token)
    if found:
        end_sessions_by(request, provider)
        record(request, request.user, provider, Activity.Kind.PROVIDER_DISCONNECTED)
    return bool(found)


@sensitive_variables("own_token")
def unlink(found: Iterable[Identity], own_token: str) -> None:
    """Unlink each of ``found``. Raises InputRejected, AliasTaken, where Cognito refuses and it stays linked."""
    for identity in found:
        try:
            conf.directory().unlink(identity)
        except (InputRejected, AliasTaken):
            now = conf.user_account().get_user(own_token)
            if any(identity.is_same(known) for known in now.identities):
                raise


def end_sessions_by(request: AuthenticatedRequest, provider: str) -> None:
    """End the other sessions of the person that began at ``provider``: whoever has the account there has them, too."""
    rows = Session.objects.filter(user=request.user, came_by=provider)
    revocation.end(rows.exclude(session_key=session_of(request).session_key))


def record(request: HttpRequest, user: User, provider: str, kind: Activity.Kind) -> None:
    """Record what was done with ``provider``, under the name that people know it by, and mail the person."""
    known = conf.config().provider(provider)
    activity.record(kind, user, context=Context.of(request), target=known.label if known else provider)
