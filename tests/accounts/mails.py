"""Every mail of the site: what it is written about, its subject, its sentences, and where its links lead."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser

from django.core.mail import EmailMultiAlternatives

from accounts import letters, mailing
from accounts.cognito.factors import Factor
from accounts.context import Context
from accounts.letters import Event
from accounts.mailing import Letter

ADDRESS = "grace@example.com"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
HERE = Context("203.0.113.24", CHROME)
AT = datetime(2026, 11, 21, 12, 34, tzinfo=UTC)
SUPPORT = "the people who run Latchkey"
NOTHING = "If this was you, there’s nothing to do."
SECURE = "secure your account"
UNKNOWN = "http://localhost:8000/help/#unknown"
RESET = "http://localhost:8000/password/forgot/"


def event(target: str = "", factor: Factor | None = None, factors: tuple[Factor, ...] = (), how: str = "") -> Event:
    """Return something that happened to Grace's account."""
    return Event(ADDRESS, HERE, target, factor, factors, how, AT)


class Reader(HTMLParser):
    """What somebody sees of a mail in HTML, and where its links lead."""

    def __init__(self, message: EmailMultiAlternatives) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.links: list[str] = []
        self.sources: list[str] = []
        self.hidden = False
        self.feed(str(message.alternatives[0][0]))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden = self.hidden or tag in {"style", "title"}
        self.links += [value or "" for name, value in attrs if tag == "a" and name == "href"]
        self.sources += [value or "" for name, value in attrs if name in {"src", "background"}]

    def handle_endtag(self, tag: str) -> None:
        self.hidden = self.hidden and tag not in {"style", "title"}

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.seen.append(data)

    @property
    def words(self) -> str:
        """All that is seen, in one line."""
        return " ".join("".join(self.seen).split())


def mailed(letter: Letter) -> EmailMultiAlternatives:
    """Return a letter to Grace."""
    return mailing.composed(letter, ADDRESS)


def text(message: EmailMultiAlternatives) -> str:
    """Return the words of the text part in one line, without the addresses of links."""
    return " ".join(re.sub(r"<https?://\S+>|https?://\S+", "", str(message.body)).split()).replace(" .", ".")


CASES: dict[str, tuple[Callable[[], Letter], str, list[str], list[str]]] = {
    "new sign-in": (
        lambda: letters.new_sign_in(event(how="Password and authenticator app")),
        "New sign-in to your Latchkey account",
        [
            f"Someone signed in to {ADDRESS} on a device we haven’t seen before.",
            NOTHING,
            "If it wasn’t, sign that device out and change your password:",
            "Review your devices",
            "Password and authenticator app",
        ],
        ["http://localhost:8000/account/sessions/"],
    ),
    "password changed": (
        lambda: letters.password_changed(event()),
        "Your Latchkey password was changed",
        [
            f"The password of {ADDRESS} was changed, and all other devices were signed out.",
            NOTHING,
            "If it wasn’t, set a new password now:",
            "Reset your password",
        ],
        [RESET],
    ),
    "password changed, codes by email": (
        lambda: letters.password_changed(event(factors=(Factor.EMAIL,))),
        "Your Latchkey password was changed",
        [NOTHING, f"If it wasn’t, contact {SUPPORT} right away."],
        [],
    ),
    "password reset": (
        lambda: letters.password_reset(event("mailbox")),
        "Your Latchkey password was reset",
        [
            f"Someone with a code from this mailbox chose a new password for {ADDRESS}.",
            "If it wasn’t, set a new password now:",
        ],
        [RESET],
    ),
    "password reset by text message": (
        lambda: letters.password_reset(event()),
        "Your Latchkey password was reset",
        [f"Someone with a code chose a new password for {ADDRESS}."],
        [RESET],
    ),
    "email changed": (
        lambda: letters.email_changed(event(letters.masked("ada@example.org"))),
        "The email of your Latchkey account was changed",
        [
            f"The email of your account was changed from {ADDRESS} to a•••@example.org.",
            "From now on, codes and notices go there, and this address can’t sign in or reset the password.",
            NOTHING,
            f"If it wasn’t, contact {SUPPORT} right away. We can’t undo it from this mailbox, but they can.",
        ],
        [],
    ),
    "new email": (
        lambda: letters.email_is_new(event("signs in")),
        "This is now the email of your Latchkey account",
        [f"You can now sign in to Latchkey with {ADDRESS}. Notices about your account come here."],
        [],
    ),
    "new email that signs nobody in": (
        lambda: letters.email_is_new(event()),
        "This is now the email of your Latchkey account",
        ["This is now the email of your account Notices about your account come here."],
        [],
    ),
    "two-step method on": (
        lambda: letters.factor_on(event(factor=Factor.TOTP, factors=(Factor.TOTP,))),
        "Two-step verification is on for your Latchkey account",
        [
            f"Authenticator app was turned on for {ADDRESS}. We ask for a code after the password.",
            f"If this wasn’t you, contact {SUPPORT} and {SECURE}.",
        ],
        [UNKNOWN],
    ),
    "two-step method off, another left": (
        lambda: letters.factor_off(event(factor=Factor.SMS, factors=(Factor.TOTP,))),
        "A two-step method was turned off for your Latchkey account",
        [
            f"Text message was turned off for {ADDRESS}. Authenticator app is still on.",
            "If this wasn’t you, change your password and turn it back on:",
            "Secure your account",
        ],
        [UNKNOWN],
    ),
    "two-step method off, two others left": (
        lambda: letters.factor_off(event(factor=Factor.TOTP, factors=(Factor.EMAIL, Factor.SMS))),
        "A two-step method was turned off for your Latchkey account",
        [f"Authenticator app was turned off for {ADDRESS}. Text message and email are still on."],
        [UNKNOWN],
    ),
    "last two-step method off": (
        lambda: letters.factor_off(event(factor=Factor.TOTP)),
        "Two-step verification was turned off for your Latchkey account",
        [f"The password alone now opens {ADDRESS}."],
        [UNKNOWN],
    ),
    "passkey added": (
        lambda: letters.passkey_added(event("iPhone")),
        "A passkey was added to your Latchkey account",
        [
            f"“iPhone” was added to {ADDRESS}. Whoever has that device can sign in with it.",
            "If this wasn’t you, remove it and change your password:",
            "Review your passkeys",
        ],
        ["http://localhost:8000/account/security/"],
    ),
    "passkey removed": (
        lambda: letters.passkey_removed(event("iPhone")),
        "A passkey was removed from your Latchkey account",
        [f"“iPhone” was removed from {ADDRESS}.", f"If this wasn’t you, {SECURE}."],
        [UNKNOWN],
    ),
    "account connected": (
        lambda: letters.provider_connected(event("Google")),
        "Google was connected to your Latchkey account",
        [f"You can now sign in to {ADDRESS} with Google.", f"If this wasn’t you, {SECURE}."],
        [UNKNOWN],
    ),
    "account disconnected": (
        lambda: letters.provider_disconnected(event("Google")),
        "Google was disconnected from your Latchkey account",
        [f"You can no longer sign in to {ADDRESS} with Google.", f"If this wasn’t you, {SECURE}."],
        [UNKNOWN],
    ),
    "phone number changed": (
        lambda: letters.phone_changed(event("42")),
        "The phone number of your Latchkey account was changed",
        [f"The phone number of {ADDRESS} is now the one ending in 42.", f"If this wasn’t you, {SECURE}."],
        [UNKNOWN],
    ),
    "phone number removed": (
        lambda: letters.phone_changed(event()),
        "The phone number of your Latchkey account was changed",
        [f"The phone number of {ADDRESS} was removed."],
        [UNKNOWN],
    ),
    "already registered": (
        letters.already_registered,
        "You already have a Latchkey account",
        [
            "Someone entered your email to create a Latchkey account. You already have one, so nothing was changed.",
            "If that was you:",
            "Sign in",
            "Forgot your password?",
            "Reset your password",
            "If it wasn’t you, there’s nothing to do.",
        ],
        ["http://localhost:8000/login/", RESET],
    ),
    "address taken": (
        letters.address_taken,
        "Your email belongs to a Latchkey account already",
        ["If that was you, sign in to the account that has this email:"],
        ["http://localhost:8000/login/"],
    ),
    "account deleted": (
        lambda: letters.account_deleted(event()),
        "Your Latchkey account was deleted",
        [
            f"The account {ADDRESS} and everything in it was deleted.",
            "No one can restore it.",
            f"If this wasn’t you, contact {SUPPORT}: they can tell you what happened.",
            "You get this email because the account was yours.",
        ],
        [],
    ),
    "changed by support": (
        lambda: letters.by_support("Your account is enabled. You can sign in again.", AT),
        "Support changed your Latchkey account",
        [
            "Your account is enabled. You can sign in again.",
            "This was done by support on Nov 21, 2026, 12:34 PM UTC.",
            f"If you didn’t ask for it, contact {SUPPORT}.",
        ],
        [],
    ),
    "code to register": (
        lambda: letters.registration_code("123456"),
        "Your Latchkey code: 123456",
        [
            "Enter 123456 on the page that asked for it. It works for one hour.",
            "If you didn’t ask for it, ignore this email. Nobody from Latchkey will ever ask you for this code.",
        ],
        [],
    ),
}
WITHOUT_FACTS = {
    "new email",
    "new email that signs nobody in",
    "already registered",
    "address taken",
    "changed by support",
    "code to register",
}
NOT_THEIRS = {"code to register", "account deleted"}
