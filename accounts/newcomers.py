"""People who are new: accounts that this site makes for them, and the group that newcomers join.

With COGNITO_REGISTRATION=admin nobody can register at Cognito but through this site. It sends a code of its own and
makes nothing before that code was typed: so nobody takes an address that is not theirs, and no answer tells whether an
address has an account (docs/adr/0037). Then account, password and local row are made in one act that can be repeated:
a step that failed, or whose answer got lost, is found done or is done again.
"""

import logging
import secrets
from collections.abc import Iterable, Mapping
from contextlib import nullcontext, suppress
from dataclasses import replace

from django.db import DatabaseError
from django.views.decorators.debug import sensitive_variables

from accounts import after_answer, conf, holds, notices, pool, signals, text_messages, users
from accounts.audit import Kind
from accounts.cognito.errors import (
    AliasTaken,
    CodeNotDelivered,
    CognitoError,
    InputRejected,
    NotAuthorized,
    TooManyAttempts,
    Unavailable,
    UsernameTaken,
    UserNotFound,
)
from accounts.cognito.results import Person, Registration, Status
from accounts.cognito.sign_in_names import NameKind, SignInWith
from accounts.models import User

logger = logging.getLogger(__name__)


def proves() -> NameKind:
    """Return what a registration proves, an address or a number: there its code goes, whatever was typed.

    This site sends its own to the address where there is one, which costs nothing; Cognito sends its to the number
    where it verifies both.
    https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html
    """
    config, described = conf.config(), pool.description()
    asked = {config.sign_in_with.contact, *(each.name for each in described.attributes if each.required)}
    if config.registration == "admin":
        return NameKind.EMAIL if NameKind.EMAIL in asked else NameKind.PHONE
    texted = NameKind.PHONE in asked and (described.auto_verified is None or NameKind.PHONE in described.auto_verified)
    return NameKind.PHONE if texted else NameKind.EMAIL


def proved_among(attributes: Mapping[str, str]) -> str:
    """Return the address or number that this site sends the code to, of somebody with these ``attributes``."""
    return attributes.get(NameKind.EMAIL) or attributes[NameKind.PHONE]


def are_refused() -> bool:
    """Whether the pool is known to let nobody register, against COGNITO_REGISTRATION (`check_cognito`: E411)."""
    return conf.config().registration == "self" and pool.description().invited_only


@sensitive_variables("password")
def sign_up(username: str, password: str, attributes: Mapping[str, str]) -> Registration | None:
    """Return the new account, which waits for its code; None where there is one of that name.

    Only its owner is told so. Raises RegistrationClosed, PasswordRejected, InputRejected, RefusedByTrigger,
    Unavailable.
    """
    try:
        made = conf.user_pool().sign_up(username, password, attributes)
    except CodeNotDelivered:
        # The account is there, and its code can be asked for again.
        made = Registration(confirmed=False)
    except (UsernameTaken, AliasTaken):
        # After the answer: the time it takes would tell that the name is taken.
        after_answer.mails.do(tell_owner, username)
        return None
    signals.tell(signals.registered, None, "registered", username=username)
    if made.confirmed:
        signals.tell(signals.confirmed, None, Kind.CONFIRMED, username=username)
    return made


def tell_owner(username: str) -> None:
    """Tell the owner of an account that somebody has just typed to register: a code, or that there is one already.

    Who is waiting for a code gets a fresh one, since the registration may be theirs; the others hear of the account,
    where the name is their address. Cognito has no text message for it: the page says what to do (docs/adr/0044).
    """
    try:
        conf.user_pool().resend_confirmation_code(username)
    except (InputRejected, NotAuthorized):
        if conf.config().sign_in_with is SignInWith.EMAIL:
            notices.already_registered(username)
    except CognitoError as error:
        logger.warning("owner of a taken name not told", extra={"error": str(error)})


@sensitive_variables("code", "session")
def confirm(username: str, code: str, session: str = "", *, owned: bool) -> str:
    """Confirm the account by the ``code`` it was sent; return Cognito's session for signing in, "" for none.

    The code proves that mailbox or phone is theirs. The password surely is only if it is ``owned``: set by whoever
    types the code. Otherwise the name is held (accounts/holds.py). Raises what UserPool.confirm_sign_up() does.
    """
    with nullcontext() if owned else holds.held(username):
        session = conf.user_pool().confirm_sign_up(username, code, session)
    signals.tell(signals.confirmed, None, Kind.CONFIRMED, username=username)
    add_to_default_group(username)
    if owned:
        holds.lift([username])
    return session


def send_code(username: str) -> None:
    """Have Cognito send another code to whoever waits for one, and say nothing of whether anybody does."""
    # Each of these would tell a stranger whether the account exists, and in what state.
    with suppress(UserNotFound, InputRejected, NotAuthorized, CodeNotDelivered, TooManyAttempts):
        conf.user_pool().resend_confirmation_code(username)


@sensitive_variables("code")
def tell_owner_of(address: str, username: str, code: str) -> None:
    """Send ``address``, or number, the code that proves it, or that it has an account already; for after the answer.

    While Cognito cannot be asked the code is sent: what it is worth is found out when it is typed. A user name that is
    somebody else's gets nothing sent, which would tell whoever tries names with a mailbox of their own.
    """
    way = text_messages if address.startswith("+") else notices
    try:
        person = conf.directory().get(username)
    except UserNotFound:
        person = None
    except CognitoError as error:
        logger.warning("not known whether a newcomer has an account", extra={"error": str(error)})
        person = None
    if person is None or is_unclaimed(person, address):
        way.registration_code(address, code)
    elif is_of(person, address):
        way.already_registered(address)


def is_of(person: Person, address: str) -> bool:
    """Whether ``address`` is the address of the account, or its number."""
    return address.casefold() in {person.email.casefold(), person.phone_number}


def is_proved(person: Person, address: str) -> bool:
    """Whether the account has ``address`` as its own, proved to be its owner's."""
    return person.email_verified if person.email.casefold() == address.casefold() else person.phone_number_verified


def is_unclaimed(person: Person, address: str) -> bool:
    """Whether nobody has ever come in by this account, and whoever reads what is sent to ``address`` may.

    It was registered and never confirmed, or invited with a proved address; an act of ours that broke off leaves the
    latter. Not one that was disabled.
    """
    invited = person.status == Status.FORCE_CHANGE_PASSWORD and is_proved(person, address)
    return person.enabled and is_of(person, address) and (invited or person.status == Status.UNCONFIRMED)


@sensitive_variables("password")
def make_account(username: str, password: str, attributes: Mapping[str, str]) -> User:
    """Make the account of somebody who has proved the address or number among ``attributes``, and their row here.

    Neither is left without the other: without the row, what was made at Cognito is deleted again. Done a second time
    after a failure, it goes on where it broke off. Raises UsernameTaken or AliasTaken where somebody has the account
    already, PasswordRejected, InputRejected and RefusedByTrigger; Unavailable and DatabaseError for an outage.
    """
    person, is_made = account_of(username, attributes)
    try:
        user = users.keep(person, () if is_made else None)
    except DatabaseError:
        if is_made:
            take_back(person)
        raise
    if is_made:
        signals.tell(signals.registered, user, "registered")
    set_password(person, password)
    holds.lift([username, person.username, person.email, person.phone_number])
    user = users.keep(replace(person, status=Status.CONFIRMED))
    signals.tell(signals.confirmed, user, Kind.CONFIRMED)
    join_default_group(user)
    return user


def account_of(username: str, attributes: Mapping[str, str]) -> tuple[Person, bool]:
    """Return the account at Cognito that is to be completed, and whether it was made just now.

    After an answer that got lost it is looked for. One that somebody registered and never confirmed is made anew, since
    all that is in it may be a stranger's. Raises what :func:`make_account` does.
    """
    try:
        return make(username, attributes), True
    except (UsernameTaken, AliasTaken, Unavailable):
        person = found(username)
        if person is None or not is_unclaimed(person, proved_among(attributes)):
            raise
    if person.status != Status.UNCONFIRMED:
        return person, False
    conf.directory().delete(person.username)
    User.objects.filter(issuer=conf.config().issuer, sub=person.sub).delete()
    return make(username, attributes), True


def make(username: str, attributes: Mapping[str, str]) -> Person:
    """Return the new account at Cognito: nothing is sent, what was proved counts as that, nobody knows its password.

    It has one all the same. In a pool where a mailed code alone signs in, Cognito would else take it for complete.
    """
    kind = NameKind.EMAIL if attributes.get(NameKind.EMAIL) else NameKind.PHONE
    proved = {**attributes, f"{kind}_verified": "true"}
    return conf.directory().create(
        username, proved, send_mail=False, temporary_password=nobodys_password(), by_text=kind is NameKind.PHONE
    )


def nobodys_password() -> str:
    """Return a password that every policy takes and nobody can guess; 99 characters are the most one can ask for.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_PasswordPolicyType.html
    """
    return f"aA1-{secrets.token_urlsafe(96)}"


def found(username: str) -> Person | None:
    """Return the person called ``username``, None for nobody. Raises Unavailable, Misconfigured."""
    try:
        return conf.directory().get(username)
    except UserNotFound:
        return None


@sensitive_variables("password")
def set_password(person: Person, password: str) -> None:
    """Set the person's own password for good; where the answer got lost, see whether it was done.

    Raises PasswordRejected, InputRejected, Unavailable: then the account waits for a password, here and at Cognito.
    """
    directory = conf.directory()
    try:
        directory.set_permanent_password(person.username, password)
    except Unavailable:
        if directory.get(person.username).status != Status.CONFIRMED:
            raise


def take_back(person: Person) -> None:
    """Delete the account that was just made, because this site could not keep its row."""
    try:
        conf.directory().delete(person.username)
    except CognitoError as error:
        # Whoever reads the mailbox can repeat the act, and sync_users finds the account.
        logger.error("account at Cognito without a row here", extra={"sub": person.sub, "error": str(error)})


def join_default_group(user: User, names: Iterable[str] = ()) -> None:
    """Put ``user``, who is in the groups ``names`` at Cognito, into COGNITO_DEFAULT_GROUP too, if there is one.

    The row says so at once, tokens say it from the next refresh on. A failure is logged: it keeps nobody out.
    """
    group = conf.config().default_group
    if not group or group in names:
        return
    if add_to_default_group(user.username):
        users.write(user, users.granted({*names, group}))


def add_to_default_group(username: str) -> bool:
    """Put whoever is called ``username`` into COGNITO_DEFAULT_GROUP, if there is one; return whether they are in it."""
    group = conf.config().default_group
    if not group:
        return False
    try:
        conf.directory().add_to_group(username, group)
    except CognitoError as error:
        # The account is ready by now, and its owner should hear that and nothing else.
        logger.error("newcomer not in the default group", extra={"error": str(error)})
        return False
    return True
