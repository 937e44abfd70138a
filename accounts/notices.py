"""Who is mailed what about an account, so that people notice when it was not them."""

from django.utils import timezone
from django.utils.functional import Promise
from django.views.decorators.debug import sensitive_variables

from accounts import language, letters
from accounts.audit import Kind
from accounts.letters import Event
from accounts.mailing import send

# The owner is mailed of these, because a stranger who got into the account would do them next. Resets, new addresses
# and new numbers are mailed too, by functions of their own, because they have more to tell.
OF_KIND = {
    Kind.PASSWORD_CHANGED: letters.password_changed,
    Kind.FACTOR_ADDED: letters.factor_on,
    Kind.FACTOR_ON: letters.factor_on,
    Kind.FACTOR_OFF: letters.factor_off,
    Kind.PASSKEY_ADDED: letters.passkey_added,
    Kind.PASSKEY_REMOVED: letters.passkey_removed,
    Kind.PROVIDER_CONNECTED: letters.provider_connected,
    Kind.PROVIDER_DISCONNECTED: letters.provider_disconnected,
}


def changed(kind: Kind, event: Event) -> None:
    """Mail the owner what ``kind`` of `OF_KIND` happened, when and from where, and the remedy."""
    send(event.address, OF_KIND[kind], event)


def new_sign_in(event: Event) -> None:
    """Mail the owner that somebody came in by a browser that does not know them."""
    send(event.address, letters.new_sign_in, event)


def password_reset(event: Event) -> None:
    """Mail the owner that a password was chosen by a code; ``target`` is set where the code came to this mailbox."""
    send(event.address, letters.password_reset, event)


def phone_changed(event: Event) -> None:
    """Mail the owner that the number is another one, which ends in ``target``; "" where there is none any more."""
    send(event.address, letters.phone_changed, event)


def email_changed(event: Event) -> None:
    """Mail the old address that it is no longer the account's, and that ``target`` is: no code will reach it."""
    send(event.address, letters.email_changed, event)


def email_is_new(event: Event) -> None:
    """Mail the new address that it is the account's; ``target`` is set where people sign in by it."""
    send(event.address, letters.email_is_new, event)


def by_support(what: str | Promise, address: str, locale: str) -> None:
    """Mail ``address`` that an administrator, or a command, changed the account: ``what`` is what they did.

    In the language of the person's profile (``locale``), since the page that causes it is staff's. So ``what`` is lazy.
    """
    send(address, letters.by_support, what, timezone.now(), language=language.supported(locale))


def account_deleted(event: Event) -> None:
    """Mail the owner that the account is deleted."""
    send(event.address, letters.account_deleted, event)


@sensitive_variables("code")
def registration_code(address: str, code: str) -> None:
    """Mail ``address`` the code that proves it to somebody who registers."""
    send(address, letters.registration_code, code)


def already_registered(address: str) -> None:
    """Mail ``address`` that somebody typed it to register, for an owner who has forgotten the account."""
    send(address, letters.already_registered)


def address_taken(address: str) -> None:
    """Mail ``address`` that the owner of another account typed it as their new one."""
    send(address, letters.address_taken)
