"""The names people sign in with: which kinds a pool takes, which kind one is of, and its one spelling."""

import re
import unicodedata
from enum import StrEnum

# International numbers have 15 digits at most, country code included: https://www.itu.int/rec/T-REC-E.164
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
# Country codes are of one to three digits, and not all are assigned: https://www.itu.int/pub/T-SP-E.164D
COUNTRY = re.compile(
    r"""\+(?: 1 | 7
    | 2(?: 0 | 7 | 1[12368] | [2346]\d | 5[0-8] | 9[01789] )
    | 3(?: [0-469] | [57]\d | 8[0-35-79] )
    | 4(?: [013-9] | 2[013] )
    | 5(?: [1-8] | [09]\d )
    | 6(?: [0-6] | 7[02-9] | 8[0-35-9] | 9[0-2] )
    | 8(?: [1246] | 0[08] | 5[02356] | 7[08] | 8[0-368] )
    | 9(?: [0-58] | 6[0-8] | 7[0-7] | 9[2-68] ) )""",
    re.VERBOSE,
)
# What people put between the digits, and what comes along unseen when a number is copied: marks of direction and width.
BETWEEN_DIGITS = re.compile(r"[\s().\-/\u00ad\u2010-\u2015\u2212\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
# The digit that is dialled within the country only: +44 (0)20.
WITHIN_THE_COUNTRY = re.compile(r"\(\s*0\s*\)")
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
    out. Digits of other scripts and wide forms count as the digits they are.
    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
    """
    plain = unicodedata.normalize("NFKC", typed)
    digits = "".join(str(unicodedata.decimal(each)) if each.isdecimal() else each for each in plain)
    number = BETWEEN_DIGITS.sub("", WITHIN_THE_COUNTRY.sub("", digits))
    number = "+" + number[2:] if number.startswith("00") else number
    return number if E164.fullmatch(number) and COUNTRY.match(number) else ""


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
