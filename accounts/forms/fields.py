"""The fields that several forms share, and the form they stand in."""

import re
from collections.abc import Callable
from typing import Any, ClassVar, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, MaxLengthValidator
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables

from accounts import password_policy, return_address
from accounts.cognito.results import PasswordPolicy
from accounts.cognito.sign_in_names import LIKE_AN_ADDRESS, NameKind, SignInWith, international

Sentence = Any  # a text, or one that gettext_lazy will make

LONGEST_USERNAME = 128  # characters
LONGEST_NUMBER = 64  # characters, however it is grouped
SHORTEST_CODE, LONGEST_CODE = 4, 10  # digits; Cognito promises no length

BETWEEN_DIGITS = re.compile(r"[\s\-\u2010-\u2015\u2212.]")


class Form(forms.Form):
    """Labels without a colon, and no checks by the browser, whose words are neither ours nor translatable."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})


class TypedOnceInput(forms.TextInput):
    """Text that is never sent back: a code is worth nothing after it was refused."""

    def format_value(self, value: Any) -> None:
        """Return nothing."""


class EmailField(forms.CharField):
    """An e-mail address that names an account. Its letters keep their case: the pool decides whether that matters."""

    def __init__(self, *, autocomplete: str = "username", **kwargs: Any) -> None:
        attrs = {"autocomplete": autocomplete, "autocapitalize": "none", "spellcheck": "false"}
        too_long = _("This email is too long. Check it for a mistake.")
        unlike = _("Enter an email like name@example.com.")
        defaults = {
            "label": _("Email"),
            "widget": forms.EmailInput(attrs=attrs),
            "validators": [EmailValidator(unlike), MaxLengthValidator(LONGEST_USERNAME, too_long)],
            "error_messages": {"required": _("Enter your email.")},
        }
        super().__init__(**{**defaults, **kwargs})


class UsernameField(forms.CharField):
    """A user name, for pools where people have one."""

    def __init__(self, *, autocomplete: str = "username", **kwargs: Any) -> None:
        attrs = {"autocomplete": autocomplete, "autocapitalize": "none", "spellcheck": "false"}
        defaults = {
            "label": _("Username"),
            "widget": forms.TextInput(attrs=attrs),
            "validators": [MaxLengthValidator(LONGEST_USERNAME, _("A username has 128 characters at most."))],
            "error_messages": {"required": _("Enter your username.")},
        }
        super().__init__(**{**defaults, **kwargs})


class PhoneNumberField(forms.CharField):
    """A phone number, typed in any usual way, as E.164: what Cognito takes. Each number has one spelling only."""

    default_error_messages = {
        "format": _("Start with + and the country code, like +44 20 7946 0042."),
        "required": _("Enter your phone number."),
    }

    def __init__(self, *, autocomplete: str = "tel", **kwargs: Any) -> None:
        attrs = {"type": "tel", "inputmode": "tel", "autocomplete": autocomplete}
        too_long = _("This number is too long. Check it for a digit typed twice.")
        defaults = {
            "label": _("Phone number"),
            "help_text": _("Start with + and the country code. Spaces are fine."),
            "widget": forms.TextInput(attrs=attrs),
            "validators": [MaxLengthValidator(LONGEST_NUMBER, too_long)],
        }
        super().__init__(**{**defaults, **kwargs})

    def clean(self, value: Any) -> str:
        """Return the number with its country code. Raises ValidationError for one without."""
        typed = super().clean(value)
        number = international(typed)
        if typed and not number:
            raise ValidationError(self.error_messages["format"], "format")
        return number


class NewUsernameField(UsernameField):
    """A user name that somebody chooses, beside which they may sign in with aliases: it must not look like one.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html#user-pool-settings-aliases
    """

    def __init__(self, *, aliases: tuple[NameKind, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.aliases = aliases

    def clean(self, value: Any) -> str:
        """Return the name. Raises ValidationError for one that Cognito would take for an alias."""
        name: str = super().clean(value)
        if NameKind.EMAIL in self.aliases and LIKE_AN_ADDRESS.fullmatch(name):
            raise ValidationError(_("Choose a username that isn’t an email."), "alias")
        if NameKind.PHONE in self.aliases and international(name):
            raise ValidationError(_("Choose a username that isn’t a phone number."), "alias")
        return name


class AnyNameField(UsernameField):
    """A user name or one of its aliases, in one field."""

    WORDS: ClassVar[dict[SignInWith, tuple[Sentence, Sentence]]] = {
        SignInWith.USERNAME_EMAIL: (_("Username or email"), _("Enter your username or email.")),
        SignInWith.USERNAME_PHONE: (_("Username or phone number"), _("Enter your username or phone number.")),
        SignInWith.USERNAME_EMAIL_PHONE: (
            _("Username, email or phone number"),
            _("Enter your username, email or phone number."),
        ),
    }

    def __init__(self, *, sign_in_with: SignInWith, **kwargs: Any) -> None:
        label, required = self.WORDS[sign_in_with]
        defaults = {
            "label": label,
            "help_text": _("Start a number with + and the country code.")
            if NameKind.PHONE in sign_in_with.kinds
            else "",
            "validators": [MaxLengthValidator(LONGEST_USERNAME, _("This is too long. Check it for a mistake."))],
            "error_messages": {"required": required},
        }
        super().__init__(**{**defaults, **kwargs})
        self.sign_in_with = sign_in_with

    def clean(self, value: Any) -> str:
        """Return the name in its one spelling."""
        return self.sign_in_with.spelt(super().clean(value))


def sign_in_name(sign_in_with: SignInWith, **kwargs: Any) -> forms.CharField:
    """Return the field for the name people sign in with."""
    if sign_in_with.aliases:
        return AnyNameField(sign_in_with=sign_in_with, **kwargs)
    if sign_in_with is SignInWith.PHONE:
        return PhoneNumberField(**{"autocomplete": "username", **kwargs})
    return EmailField(**kwargs) if sign_in_with is SignInWith.EMAIL else UsernameField(**kwargs)


class PasswordField(forms.CharField):
    """A password, taken to the letter: not stripped, not normalised, never sent back.

    ``rules`` are shown under the field of a new one.
    """

    rules: list[password_policy.Rule]

    def __init__(self, *, attrs: dict[str, str] | None = None, **kwargs: Any) -> None:
        self.rules = []
        too_long = _("A password has 256 characters at most.")
        defaults = {
            "label": _("Password"),
            "strip": False,
            "widget": forms.PasswordInput(attrs=attrs or {"autocomplete": "current-password"}),
            "validators": [MaxLengthValidator(password_policy.LONGEST, too_long)],
            "error_messages": {"required": _("Enter your password.")},
        }
        super().__init__(**{**defaults, **kwargs})


class ReturnAddressField(forms.Field):
    """Where the person was going. What leads nowhere is dropped, without an error: no page shows the field."""

    def __init__(self) -> None:
        super().__init__(required=False, widget=forms.HiddenInput)

    def to_python(self, value: Any) -> str:
        """Return the path, "" for anything that is none of this site."""
        return return_address.own_path(str(value or ""))

    def bound_data(self, data: Any, initial: Any) -> str:
        """Return what a refused form holds for the next try: only an address that was taken."""
        return self.to_python(data)


AUTHENTICATOR_CODE = 6  # digits: https://www.rfc-editor.org/rfc/rfc6238 as every app has it
DIGITS = {
    1: _("one"),
    2: _("two"),
    3: _("three"),
    4: _("four"),
    5: _("five"),
    6: _("six"),
    7: _("seven"),
    8: _("eight"),
    9: _("nine"),
    10: _("ten"),
}
CODE_LABELS = {
    0: _("Code"),
    4: _("Four-digit code"),
    5: _("Five-digit code"),
    6: _("Six-digit code"),
    7: _("Seven-digit code"),
    8: _("Eight-digit code"),
    9: _("Nine-digit code"),
    10: _("Ten-digit code"),
}


def mailed_code() -> int:
    """Return how many digits a mailed or texted code has, 0 for not known."""
    length: int = settings.CODE_LENGTH
    return length


def sign_in_code() -> int:
    """Return how many digits a code has that takes the place of a password, 0 for not known."""
    length: int = settings.SIGN_IN_CODE_LENGTH
    return length


def authenticator_code() -> int:
    """Return how many digits an authenticator app shows."""
    return AUTHENTICATOR_CODE


class CodeField(forms.CharField):
    """A code somebody was sent or reads off an app: digits, however they were grouped.

    ``length`` tells how many digits are shown as its places; what has another number is for Cognito to judge.
    """

    is_code = True
    default_error_messages = {
        "required": _("Enter the code."),
        "digits": _("Use digits only. The code has no letters."),
        "short": _("That code is too short."),
        "long": _("That code is too long."),
    }

    def __init__(self, *, length: Callable[[], int] = mailed_code, **kwargs: Any) -> None:
        attrs: dict[str, Any] = {
            "autocomplete": "one-time-code",
            "inputmode": "numeric",
            "autocapitalize": "none",
            "spellcheck": "false",
            # Asked when the field is shown: it is made when the module is read.
            "class": lazy(lambda: f"code code-{length()}" if length() else "code", str)(),
        }
        label = lazy(lambda: str(CODE_LABELS[length()]), str)()
        super().__init__(**{"label": label, "widget": TypedOnceInput(attrs=attrs), **kwargs})
        self.length = length

    def another_length(self, code: str) -> str:
        """Return the sentence for a ``code`` whose length no code has here, "" where that cannot be said."""
        length = self.length()
        if not code or not length or len(code) == length:
            return ""
        typed = ngettext("That’s %(count)s digit.", "That’s %(count)s digits.", len(code))
        known = _("The code has %(count)s.") % {"count": DIGITS[length]}
        return f"{typed % {'count': DIGITS.get(len(code), len(code))}} {known}"

    def clean(self, value: Any) -> str:
        """Return the digits alone, leading zeros kept. Raises ValidationError for what cannot be a code."""
        code = BETWEEN_DIGITS.sub("", super().clean(value))
        if not (code.isascii() and code.isdecimal()):
            raise ValidationError(self.error_messages["digits"], "digits")
        if len(code) < SHORTEST_CODE:
            raise ValidationError(self.another_length(code) or self.error_messages["short"], "short")
        if len(code) > LONGEST_CODE:
            raise ValidationError(self.another_length(code) or self.error_messages["long"], "long")
        return code


class NewPasswordForm(Form):
    """A new password, asked for once. A script lets people look at it; a slip is mended by a reset.

    One that is sent twice all the same has to be the same.
    """

    new_password1 = PasswordField(label=_("New password"))
    new_password2 = PasswordField(label=_("New password again"), required=False)
    password_fields: ClassVar[tuple[str, ...]] = ("new_password1", "new_password2")

    def __init__(self, *args: Any, policy: PasswordPolicy, own_words: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.policy, self.own_words = policy, own_words
        name, again = self.password_fields
        if again not in self.data:
            del self.fields[again]
        first = cast(PasswordField, self.fields[name])
        first.rules, first.help_text = password_policy.rules(policy), password_policy.hint(policy)
        first.widget.attrs.update(password_policy.widget_attributes(policy))
        first.error_messages["required"] = _("Choose a password.")

    @sensitive_variables("password")
    def clean(self) -> dict[str, Any]:
        """Return the data. Adds an error for a password the policy refuses, or for two that differ."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        name, again = self.password_fields
        password = data.get(name)
        if password:
            try:
                password_policy.validate(self.policy, password, self.words_of_their_own())
            except ValidationError as error:
                self.add_error(name, error)
                if error.code == "policy":
                    cast(PasswordField, self.fields[name]).rules = password_policy.judged(self.policy, password)
            if again in self.fields and data.get(again) != password:
                self.add_error(again, _("The two passwords don’t match."))
        return data

    def words_of_their_own(self) -> tuple[str, ...]:
        """Return the names of the person that the password may not contain."""
        return self.own_words
