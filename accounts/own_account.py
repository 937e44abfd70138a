"""What people do to their own account at Cognito, on the pages and by the API: each with the person's own token."""

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from django.db import transaction
from django.http import HttpRequest

from accounts import activity, awaited, conf, notices, pool
from accounts.awaited import Awaited
from accounts.cognito.errors import AliasTaken, CodeNotDelivered, CognitoError, UserNotFound
from accounts.cognito.results import CodeDelivery, Profile
from accounts.http import AuthenticatedRequest, own_profile
from accounts.models import User


@dataclass(kw_only=True)
class Change:
    """A change of one's own attributes at Cognito, with the person's ``token``, in as many calls as it takes.

    ``after`` is how the person stands, as far as that is known by now. ``awaiting`` has the new addresses and numbers
    that wait for a code, by the names of the attributes. ``begun`` once Cognito was asked to write anything.
    """

    request: AuthenticatedRequest
    token: str = field(repr=False)
    after: Profile
    awaiting: dict[str, str] = field(default_factory=dict)
    begun: bool = False

    def ask_for(self, name: str, value: str) -> None:
        """Have the address or number called ``name`` changed to ``value``, which may have to be proved by a code.

        It is the same where another account has it: only who reads the mail there is told. What waits for its code is
        kept with the person. Raises what UserAccount.update_attributes() does, but for AliasTaken.
        """
        self.begun = True
        user = self.request.user
        try:
            deliveries = asked(self.request, self.token, name, value)
        except CodeNotDelivered:
            self.accepted(name, value)
            # Cognito knows no code any more but that of the newest value, which nobody has.
            awaited.end(user, name)
            raise
        if deliveries is not None:
            self.accepted(name, value)
        if deliveries == ():
            awaited.end(user, name)
            return
        awaited.begin(user, name, Awaited(value=value, sent_at=time.time(), taken=deliveries is None))
        self.awaiting[name] = value

    def accepted(self, name: str, value: str) -> None:
        """Note that Cognito took ``value``: where it is not known to keep the old one until the new one is proved."""
        if name not in (pool.description().proved_first or ()):
            self.note({name: value, f"{name}_verified": "false"})

    def prove(self, name: str, value: str, code: str) -> None:
        """Have ``code`` make ``value`` count. Raises as UserAccount.verify_attribute() does."""
        self.begun = True
        conf.user_account().verify_attribute(self.token, name, code)
        self.note({name: value, f"{name}_verified": "true"})
        awaited.end(self.request.user, name)

    def write(self, values: Mapping[str, str]) -> None:
        """Write attributes that need no proof; "" removes one, and what waits for a code in its place.

        Raises as UserAccount.update_attributes() does.
        """
        self.begun = self.begun or bool(values)
        written = {name: value for name, value in values.items() if value}
        removed = {name: value for name, value in values.items() if not value}
        if written:
            conf.user_account().update_attributes(self.token, written)
            self.note(written)
        if removed:
            conf.user_account().delete_attributes(self.token, [*removed])
            self.note(removed)
        for name in removed:
            awaited.end(self.request.user, name)

    def note(self, values: Mapping[str, str]) -> None:
        """Keep that the person has these ``values`` now."""
        self.after = replace(self.after, attributes={**self.after.attributes, **values})


@contextlib.contextmanager
def recorded(request: AuthenticatedRequest, token: str, before: Profile) -> Iterator[Change]:
    """Record and mail what the block changes of ``before``, also where a later call fails: in the block, or here.

    Where Cognito does not say what came of it, what is known counts. Whoever changes an address that is not theirs
    could otherwise have the owner's mail left out, by having the next call fail.
    """
    change = Change(request=request, token=token, after=before)
    try:
        yield change
    finally:
        if change.begun:
            with contextlib.suppress(CognitoError):
                change.after = own_profile(request, token)
            activity.profile_changed(request, request.user, before.attributes, change.after.attributes)
            address = change.awaiting.get(awaited.EMAIL, change.after.email)
            if address != change.after.email:
                activity.address_asked(request, request.user, address)


def asked(request: HttpRequest, token: str, name: str, value: str) -> tuple[CodeDelivery, ...] | None:
    """Return the codes that were sent to prove ``value``; None where another account has it."""
    try:
        return conf.user_account().update_attributes(token, {name: value})
    except AliasTaken as refused:
        activity.refused(request, refused)
        if name == awaited.EMAIL:
            notices.address_taken(value)
        return None


def refuse_in_outage(token: str) -> None:
    """Raise Unavailable while Cognito cannot be reached: for an act that begins with something else.

    Raises AccessTokenRefused for somebody who was signed out there.
    """
    with contextlib.suppress(UserNotFound):
        conf.user_account().get_user(token)


def delete(request: HttpRequest, user: User, token: str) -> None:
    """Delete the account of ``user`` at Cognito first; what is kept here goes only after that worked.

    Rows of sessions and activity go with the user's, so whoever has a session ends it afterwards. Raises Unavailable.
    """
    # The account may be gone already, by an earlier call whose answer was lost.
    with contextlib.suppress(UserNotFound):
        conf.user_account().delete_user(token)
    with transaction.atomic():
        # Of several requests at once, one is the first: the others wait for it, and find no row then.
        if User.objects.filter(pk=user.pk).update(is_active=False):
            activity.deleted(request, user)
            user.delete()
