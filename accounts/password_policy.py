"""The pool's password policy, as a hint, a checklist, a hint to password managers and a check: one object behind all.

https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
"""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict
from functools import cache
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.cognito.results import PasswordPolicy

# Cognito's symbols, less the space it also counts: password managers that were offered it would use it at the ends,
# where it is refused.
SYMBOLS = "^$*.[]{}()?-\"!@#%&/\\,><':;|_~`+="
NO_LETTERS = re.compile(r"[\W\d_]+")
LONGEST = 256  # characters
SHORTEST_OWN_WORD = 4  # letters of a word of the person's or the site's name that a password may not contain


@cache
def common_password_validator() -> CommonPasswordValidator:
    """Return Django's list of common passwords, read from its file when first wanted."""
    return CommonPasswordValidator()


def rules(policy: PasswordPolicy) -> list[str]:
    """Return what ``policy`` asks for, one phrase a rule, in the order the checklist shows them."""
    length = policy.minimum_length
    wanted = [ngettext("%(length)d character or more", "%(length)d characters or more", length) % {"length": length}]
    if policy.require_lowercase:
        wanted.append(_("a lower-case letter"))
    if policy.require_uppercase:
        wanted.append(_("a capital letter"))
    if policy.require_numbers:
        wanted.append(_("a digit"))
    if policy.require_symbols:
        wanted.append(_("a symbol, such as ! or -"))
    return wanted


def broken_rules(policy: PasswordPolicy, password: str) -> list[str]:
    """Return the phrases of :func:`rules` that ``password`` does not meet."""
    met = [len(password) >= policy.minimum_length]
    if policy.require_lowercase:
        met.append(any("a" <= character <= "z" for character in password))
    if policy.require_uppercase:
        met.append(any("A" <= character <= "Z" for character in password))
    if policy.require_numbers:
        met.append(any("0" <= character <= "9" for character in password))
    if policy.require_symbols:
        # Cognito counts a space inside the password, too.
        met.append(any(character in SYMBOLS for character in password) or " " in password.strip(" "))
    return [rule for rule, is_met in zip(rules(policy), met, strict=True) if not is_met]


def hint(policy: PasswordPolicy) -> str:
    """Return the rules as a sentence."""
    return _("Use %(rules)s.") % {"rules": ", ".join(rules(policy))}


def validate(policy: PasswordPolicy, password: str, own_words: tuple[str, ...] = ()) -> None:
    """Raise ValidationError naming what is wrong with ``password``; ``own_words`` are the person's names.

    Cognito has the last word. This spares people the round trip, and refuses what its policy cannot express: the most
    common passwords, and words of their own name and address or of the name of this site.
    """
    broken = broken_rules(policy, password)
    if broken:
        raise ValidationError(_("This password still needs %(rules)s.") % {"rules": ", ".join(broken)}, "policy")
    if contains_word_of(password, own_words):
        raise ValidationError(_("This password contains your own name. Choose one that others cannot guess."), "own")
    if contains_word_of(password, (f"{settings.SITE_NAME}@{urlsplit(settings.SITE_URL).hostname}",)):
        raise ValidationError(
            _("This password contains the name of this site. Choose one that others cannot guess."), "site"
        )
    try:
        common_password_validator().validate(password)
    except ValidationError as error:
        raise ValidationError(
            _("Many people use this password. Choose one that others cannot guess."), "common"
        ) from error


def contains_word_of(password: str, names: Iterable[str]) -> bool:
    """Whether ``password`` contains a word of ``names``: names of people or sites, e-mail addresses.

    Words end at whatever is no letter; what stands before an @ counts as a whole, too. Short ones are part of many
    others, and the end of a domain is nobody's own.
    """
    lowered = password.casefold()
    parts = (name.casefold().partition("@") for name in names)
    words = (
        word for own, _, domain in parts for word in (own, *NO_LETTERS.split(f"{own} {domain.rpartition('.')[0]}"))
    )
    return any(len(word) >= SHORTEST_OWN_WORD and word in lowered for word in words)


def widget_attributes(policy: PasswordPolicy) -> dict[str, str]:
    """Return the attributes of the field a new password is typed into, for the checklist and for password managers.

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
    manager = "; ".join([f"minlength: {max(policy.minimum_length, 15)}", *(f"required: {name}" for name in required)])
    return {
        "autocomplete": "new-password",
        "passwordrules": manager,
        "data-password-policy": json.dumps(asdict(policy)),
    }
