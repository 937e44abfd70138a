"""Inviting people: an account that somebody else makes, with a temporary password by mail.

https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-create-user-accounts.html
"""

import secrets
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts import activity, conf, pool, users
from accounts.administration import lookup
from accounts.administration.acting import ActRefused, Done, Words, attempt, in_words, refuse_superior
from accounts.administration.membership import refuse_granting
from accounts.audit import Kind, Outcome
from accounts.cognito.errors import (
    AliasTaken,
    CodeNotDelivered,
    CognitoError,
    GroupNotFound,
    InputRejected,
    Refused,
    Throttled,
    UsernameTaken,
)
from accounts.cognito.results import Person, Status
from accounts.cognito.sign_in_names import NameKind
from accounts.context import Context
from accounts.models import User

# Each kind that a pool may ask for, without characters that are taken for another or that a mail in HTML would lose.
KINDS = ("abcdefghjkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789", "-!*")
TEMPORARY_LENGTH = 16  # characters, unless the pool asks for more


def invite(
    username: str,
    *,
    email: str = "",
    phone_number: str = "",
    name: str = "",
    groups: Iterable[str] = (),
    send_mail: bool = True,
    language: str = "",
    by: User | None,
    context: Context,
) -> User:
    """Make an account for ``username``, and return its user: somebody who has never signed in.

    ``username`` is the address or number, in E.164 form, where people sign in with that. Besides ``groups`` they are
    put into the default group. Without ``send_mail`` nobody learns the temporary password: the invitation is sent
    later. ``language`` is that of the mail, where the pool can tell. An invitation that failed half-way is completed
    when it is repeated, also where the account has come to be known here meanwhile; one that was complete is refused.
    Raises ActRefused, whose ``changed`` says that the account is there but its invitation was not sent.
    """
    wanted, values = with_default(groups), attributes(username, email, phone_number, name)
    try:
        try:
            refuse_inviting(by, values, wanted)
            person, mailed = create(username, values, wanted, send_mail=send_mail, language=language, by=by)
            for group in sorted(wanted):
                conf.directory().add_to_group(person.username, group)
            now = conf.directory().groups_of(person.username)
        except (Throttled, Refused) as error:
            raise ActRefused(in_words(error, {InputRejected: _("is not what Cognito takes")})) from error
    except (ActRefused, CognitoError) as error:
        outcome = Outcome.REFUSED if isinstance(error, ActRefused) else Outcome.FAILED
        activity.write(Kind.INVITED, None, by=by, context=context, outcome=outcome)
        raise
    with transaction.atomic():
        user = users.keep(person, now)
        activity.write(Kind.INVITED, user, by=by, context=context)
    if not mailed:
        raise ActRefused(_("has an account now, but the invitation could not be sent: send it again"), changed=True)
    return user


def rehearse_invitation(
    username: str, *, email: str = "", phone_number: str = "", groups: Iterable[str] = (), by: User | None
) -> None:
    """Raise what :func:`invite` would, as far as that can be told before; nothing is done and nothing recorded."""
    try:
        refuse_inviting(by, attributes(username, email, phone_number, ""), with_default(groups))
        if lookup.called(username):
            raise ActRefused(_("has an account already"))
    except (Throttled, Refused) as error:
        raise ActRefused(in_words(error, {})) from error


def with_default(groups: Iterable[str]) -> set[str]:
    """Return ``groups`` and the group of all newcomers."""
    return {*groups, conf.config().default_group} - {""}


def resend_invitation(user: User, *, by: User | None, context: Context, language: str = "") -> Done:
    """Have Cognito mail ``user`` a new temporary password; the old one stops working.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUser.html
    """
    accepted = _("has accepted the invitation already, or was never invited")
    words: Words = {
        InputRejected: accepted,
        CodeNotDelivered: _("has a new temporary password, but the invitation could not be sent: try again later"),
    }
    with attempt("resend_invitation", Kind.INVITED_AGAIN, user, by=by, context=context, words=words) as act:
        if act.person.status is not Status.FORCE_CHANGE_PASSWORD:
            raise ActRefused(accepted)
        if not act.person.enabled:
            raise ActRefused(_("is disabled: enable them first"))
        try:
            send_again(signs_in_as(act.person), language)
        except CodeNotDelivered:
            # The old password is gone all the same.
            act.changed = True
            raise
    # Cognito's own mail is all there is to say.
    return Done(act.finish(""))


def signs_in_as(person: Person) -> str:
    """Return the name to invite ``person`` by: where that is an address, AdminCreateUser takes nothing else."""
    name: str = getattr(person, conf.config().sign_in_with.kinds[0].value)
    return name or person.username


def attributes(username: str, email: str, phone_number: str, name: str) -> dict[str, str]:
    """Return the attributes of a new account, which is made under ``username``: that may be one of them.

    What the invitation goes to counts as proved, because only who reads it there can come in: without it nobody could
    reset the password they then choose.
    """
    taken = conf.config().sign_in_with
    given = {NameKind.EMAIL.value: email, NameKind.PHONE.value: phone_number, "name": name}
    if taken.kinds[0].value in given:
        given[taken.kinds[0].value] = username
    proved = {f"{taken.contact}_verified": "true"} if given[taken.contact.value] else {}
    return {key: value for key, value in given.items() if value} | proved


def refuse_inviting(by: User | None, values: Mapping[str, str], groups: Collection[str]) -> None:
    """Raise ActRefused where ``by`` may not invite somebody to be in ``groups``, or there is nobody to write to."""
    if by is not None and not by.has_perm("accounts.invite_user"):
        raise ActRefused(_("needs a permission that you do not have"))
    contact = conf.config().sign_in_with.contact
    if not values.get(contact):
        raise ActRefused(_("needs a phone number") if contact is NameKind.PHONE else _("needs an email"))
    refuse_granting(by, groups)
    for group in groups:
        try:
            conf.groups().get(group)
        except GroupNotFound as error:
            raise ActRefused(_("cannot be in the group %s, which does not exist") % group) from error


def create(
    username: str, values: dict[str, str], groups: Collection[str], *, send_mail: bool, language: str, by: User | None
) -> tuple[Person, bool]:
    """Make the account, or find the one that an earlier try has made; return it, and whether the mail is on its way.

    Raises ActRefused where somebody has the name already, and is in ``groups`` where they were invited.
    """
    directory = conf.directory()
    sending: dict[str, Any] = {"send_mail": send_mail, "language": language, "by_text": is_texted()}
    try:
        return directory.create(username, values, temporary_password=temporary_password(), **sending), True
    except CodeNotDelivered:
        return directory.get(username), False
    except AliasTaken as error:
        raise ActRefused(_("has an address or number that is another account’s")) from error
    except UsernameTaken:
        person = directory.get(username)
    if person.status is not Status.FORCE_CHANGE_PASSWORD:
        raise ActRefused(_("has an account already"))
    before = directory.groups_of(person.username)
    user = users.found(conf.config().issuer, person.sub)
    if user and not (is_newcomer(user) and set(groups) - {*before}):
        raise ActRefused(_("was invited already: send the invitation again instead"))
    refuse_superior(by, before)
    try:
        if send_mail:
            send_again(username, language)
    except CodeNotDelivered:
        return person, False
    return person, True


def is_newcomer(user: User) -> bool:
    """Whether ``user`` may come in and never did; others can be given a temporary password in AWS, too."""
    return user.is_active and user.last_login is None


@sensitive_variables("password")
def send_again(username: str, language: str) -> None:
    """Have ``username`` mailed a new temporary password. Raises InputRejected, CodeNotDelivered."""
    password = temporary_password()
    sending: dict[str, Any] = {"language": language, "by_text": is_texted()}
    conf.directory().create(username, {}, send_mail=True, resend=True, temporary_password=password, **sending)


def is_texted() -> bool:
    """Whether invitations go out by text message."""
    return conf.config().sign_in_with.contact is NameKind.PHONE


@sensitive_variables()
def temporary_password() -> str:
    """Return a new password that every pool takes, for Cognito to mail: it is kept nowhere here.

    https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
    """
    length = max(TEMPORARY_LENGTH, pool.description().password_policy.minimum_length)
    letters = "".join(KINDS[:2])
    # Letters at both ends, so that two clicks in the mail mark all of it.
    inner = [secrets.choice(kind) for kind in KINDS] + [secrets.choice(letters) for _place in range(length - 6)]
    secrets.SystemRandom().shuffle(inner)
    return "".join([secrets.choice(letters), *inner, secrets.choice(letters)])
