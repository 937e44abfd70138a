"""The names people sign in with: which kinds a pool takes, which kind one is of, and its one spelling."""

import re
import unicodedata
from enum import StrEnum
from importlib import import_module
from typing import Any

# International numbers have 15 digits at most, country code included: https://www.itu.int/rec/T-REC-E.164
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
# What people put between the digits, and what comes along unseen when a number is copied: marks of direction and width.
BETWEEN_DIGITS = re.compile(r"[\s().\-/\u00ad\u2010-\u2015\u2212\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
# What Cognito takes for an address, and so for no user name where addresses are aliases.
LIKE_AN_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


class NameKind(StrEnum):
    """What a name is: Cognito's word for the attribute, or the user name."""

    USERNAME = "username"
    EMAIL = "email"
    PHONE = "phone_number"


def international(typed: str) -> str:
    """Return ``typed`` as a number in E.164 form, which is how Cognito keeps it; "" for what is none.

    A leading + or 00 and the country code are wanted, since nothing tells which country somebody means who leaves them
    out. Digits of other scripts and wide forms count as the digits they are, and the one that is dialled within a
    country only, as in +44 (0)20, is left out where that country has such a one.
    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
    """
    plain = unicodedata.normalize("NFKC", typed)
    digits = "".join(str(unicodedata.decimal(each)) if each.isdecimal() else each for each in plain)
    number = BETWEEN_DIGITS.sub("", digits)
    number = "+" + number[2:] if number.startswith("00") else number
    return formatted(number, "E164")


def readable(value: str) -> str:
    """Return ``value``, where it is a number in E.164 form, in groups as its country writes it; all else as it is."""
    return formatted(value, "INTERNATIONAL") or value


def formatted(number: str, form: str) -> str:
    """Return ``number`` in a form of phonenumbers, "" for what no country has: one too short or too long, say.

    The library is loaded with the first number. https://github.com/daviddrysdale/python-phonenumbers
    """
    if not E164.fullmatch(number):
        return ""
    plans: Any = import_module("phonenumbers")
    try:
        found = plans.parse(number)
    except plans.NumberParseException:
        return ""
    if not plans.is_possible_number(found):
        return ""
    return str(plans.format_number(found, getattr(plans.PhoneNumberFormat, form)))


class SignInWith(StrEnum):
    """What people sign in with, as COGNITO_SIGN_IN_WITH says it: the name that accounts are made under, then aliases.

    A name that accounts are made under may be an attribute (``UsernameAttributes``), which signs in whether or not it
    is proved; an alias of a user name (``AliasAttributes``) does so once it is proved, and for one account at a time.
    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html#user-pool-settings-aliases
    """

    EMAIL = "email"
    USERNAME = "username"
    PHONE = "phone"
    USERNAME_EMAIL = "username_email"
    USERNAME_PHONE = "username_phone"
    USERNAME_EMAIL_PHONE = "username_email_phone"

    @property
    def kinds(self) -> tuple[NameKind, ...]:
        """The kinds of names that sign in; accounts are made under the first."""
        return tuple(NameKind.PHONE if part == "phone" else NameKind(part) for part in self.split("_"))

    @property
    def aliases(self) -> tuple[NameKind, ...]:
        """The kinds of names that sign in beside the user name."""
        return self.kinds[1:]

    @property
    def has_usernames(self) -> bool:
        """Whether people have a user name."""
        return self.kinds[0] is NameKind.USERNAME

    @property
    def contact(self) -> NameKind:
        """What newcomers are always asked for, so that they can be sent a code."""
        return NameKind.PHONE if self in {SignInWith.PHONE, SignInWith.USERNAME_PHONE} else NameKind.EMAIL

    def kind_of(self, name: str) -> NameKind:
        """Return the one kind that ``name`` can be of: no user name looks like an alias, as Cognito takes none."""
        if NameKind.PHONE in self.aliases and international(name):
            return NameKind.PHONE
        if NameKind.EMAIL in self.aliases and LIKE_AN_ADDRESS.fullmatch(name):
            return NameKind.EMAIL
        return self.kinds[0]

    def spelt(self, name: str) -> str:
        """Return the one spelling of ``name`` by which it is sent, counted and kept; letters keep their case."""
        return (international(name) if NameKind.PHONE in self.kinds else "") or name
