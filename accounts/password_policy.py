"""The pool's password policy, as a hint, a checklist, a hint to password managers and a check: one object behind all.

https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
"""

import json
from dataclasses import asdict
from functools import cache

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.cognito.results import PasswordPolicy

# Cognito's symbols, less the space it also counts: password managers that were offered it would use it at the ends,
# where it is refused.
SYMBOLS = "^$*.[]{}()?-\"!@#%&/\\,><':;|_~`+="
LONGEST = 256  # characters
SHORTEST_OWN_WORD = 4  # characters of the person's own name that a password may not contain


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
    common passwords, and their own address.
    """
    broken = broken_rules(policy, password)
    if broken:
        raise ValidationError(_("This password still needs %(rules)s.") % {"rules": ", ".join(broken)}, "policy")
    lowered = password.casefold()
    for word in own_words:
        own = word.casefold().partition("@")[0]
        if len(own) >= SHORTEST_OWN_WORD and own in lowered:
            raise ValidationError(
                _("This password contains your own name. Choose one that others cannot guess."), "own"
            )
    try:
        common_password_validator().validate(password)
    except ValidationError as error:
        raise ValidationError(
            _("Many people use this password. Choose one that others cannot guess."), "common"
        ) from error


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
