"""The pool's password policy, as a list, a hint to password managers and a check: one object behind all.

https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cache
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables

from accounts.cognito.results import PasswordPolicy

# Cognito's symbols, less the space it also counts: password managers that were offered it would use it at the ends,
# where it is refused.
SYMBOLS = "^$*.[]{}()?-\"!@#%&/\\,><':;|_~`+="
NUMBER = re.compile(r"\+\d+")
OWN_DIGITS = 8  # at the end of a phone number: what stays the same however it is dialled
NO_LETTERS = re.compile(r"[\W\d_]+")
LONGEST = 256  # characters
SHORTEST_OWN_WORD = 4  # letters of a word of the person's or the site's name that a password may not contain


@cache
def common_password_validator() -> CommonPasswordValidator:
    """Return Django's list of common passwords, read from its file when first wanted."""
    return CommonPasswordValidator()


@dataclass(frozen=True)
class Rule:
    """One thing that a password needs: its name, the words of the list, and those of the sentence that misses it.

    ``state`` is met or missed after a password was refused, "" before.
    """

    name: str
    words: str
    missing: str
    least: int = 0
    state: str = ""


def rules(policy: PasswordPolicy) -> list[Rule]:
    """Return what ``policy`` asks for, in the order the list under the field shows it."""
    length = policy.minimum_length
    characters = ngettext("%(length)d or more characters", "%(length)d or more characters", length)
    too_short = ngettext(
        "Make your password at least %(length)d character long.",
        "Make your password at least %(length)d characters long.",
        length,
    )
    every = {
        "minimum_length": Rule(
            "minimum_length", characters % {"length": length}, too_short % {"length": length}, least=length
        ),
        "require_lowercase": Rule("require_lowercase", _("A lowercase letter"), _("a lowercase letter")),
        "require_uppercase": Rule("require_uppercase", _("An uppercase letter"), _("an uppercase letter")),
        "require_numbers": Rule("require_numbers", _("A number"), _("a number")),
        "require_symbols": Rule("require_symbols", _("A symbol, like ! or -"), _("a symbol")),
    }
    return [rule for name, rule in every.items() if getattr(policy, name)]


@sensitive_variables("password")
def is_met(rule: Rule, password: str) -> bool:
    """Whether ``password`` has what ``rule`` asks for."""
    match rule.name:
        case "minimum_length":
            return len(password) >= rule.least
        case "require_lowercase":
            return any("a" <= character <= "z" for character in password)
        case "require_uppercase":
            return any("A" <= character <= "Z" for character in password)
        case "require_numbers":
            return any("0" <= character <= "9" for character in password)
    # Cognito counts a space inside the password, too.
    return any(character in SYMBOLS for character in password) or " " in password.strip(" ")


@sensitive_variables("password")
def judged(policy: PasswordPolicy, password: str) -> list[Rule]:
    """Return the rules, each met or missed by ``password``."""
    return [replace(rule, state="met" if is_met(rule, password) else "missed") for rule in rules(policy)]


def hint(policy: PasswordPolicy) -> str:
    """Return the rules in one line."""
    return ", ".join(rule.words for rule in rules(policy))


def sentence(missed: list[Rule]) -> str:
    """Return what to do about the ``missed`` rules."""
    length = [rule.missing for rule in missed if rule.least]
    kinds = [rule.missing for rule in missed if not rule.least]
    if len(kinds) > 1:
        kinds = [_("%(first)s and %(last)s") % {"first": ", ".join(kinds[:-1]), "last": kinds[-1]}]
    return " ".join([*length, *(_("Add %(kinds)s to your password.") % {"kinds": kind} for kind in kinds)])


@sensitive_variables("password")
def validate(policy: PasswordPolicy, password: str, own_words: tuple[str, ...] = ()) -> None:
    """Raise ValidationError naming what is wrong with ``password``; ``own_words`` are the person's names.

    Cognito has the last word. This spares people the round trip, and refuses what its policy cannot express: the most
    common passwords, and words of their own name and address or of the name of this site.
    """
    missed = [rule for rule in judged(policy, password) if rule.state == "missed"]
    if missed:
        raise ValidationError(sentence(missed), "policy")
    if contains_word_of(password, own_words):
        raise ValidationError(_("Don’t use your name or email in your password."), "own")
    if contains_word_of(password, (f"{settings.SITE_NAME}@{urlsplit(settings.SITE_URL).hostname}",)):
        raise ValidationError(_("Don’t use the name of this site in your password."), "site")
    try:
        common_password_validator().validate(password)
    except ValidationError as error:
        raise ValidationError(_("Too many people use this password. Choose a less common one."), "common") from error


@sensitive_variables("password")
def contains_word_of(password: str, names: Collection[str]) -> bool:
    """Whether ``password`` contains a word of ``names``: names of people or sites, e-mail addresses, phone numbers.

    Words end at whatever is no letter; what stands before an @ counts as a whole, too. Short ones are part of many
    others, and the end of a domain is nobody's own. Of a phone number the end counts, however it is dialled.
    """
    lowered = password.casefold()
    numbers = [name[-OWN_DIGITS:] for name in names if NUMBER.fullmatch(name)]
    parts = (name.casefold().partition("@") for name in [*names, *numbers])
    words = (
        word for own, _, domain in parts for word in (own, *NO_LETTERS.split(f"{own} {domain.rpartition('.')[0]}"))
    )
    return any(len(word) >= SHORTEST_OWN_WORD and word in lowered for word in words)


def widget_attributes(policy: PasswordPolicy) -> dict[str, str]:
    """Return the attributes of the field a new password is typed into, for password managers.

    https://developer.apple.com/documentation/security/customizing-password-autofill-rules
    """
    required = [
        name
        for name, wanted in (
            ("lower", policy.require_lowercase),
            ("upper", policy.require_uppercase),
            ("digit", policy.require_numbers),
            # Apple's own class "special" has the space in it.
            ("[-]", policy.require_symbols),
        )
        if wanted
    ]
    manager = "; ".join([f"minlength: {policy.minimum_length}", *(f"required: {name}" for name in required)])
    return {"autocomplete": "new-password", "passwordrules": manager}
