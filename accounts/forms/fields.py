"""The fields that several forms share, and the form they stand in."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from accounts import password_policy, return_address
from accounts.cognito.results import PasswordPolicy

Sentence = Any  # a text, or one that gettext_lazy will make

LONGEST_USERNAME = 128  # characters
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
        too_long = _("This address is too long. Check it for a mistake.")
        unlike = _("Enter an e-mail address in the correct format, like name@example.com.")
        defaults = {
            "label": _("E-mail address"),
            "widget": forms.EmailInput(attrs=attrs),
            "validators": [EmailValidator(unlike), MaxLengthValidator(LONGEST_USERNAME, too_long)],
            "error_messages": {"required": _("Enter your e-mail address.")},
        }
        super().__init__(**{**defaults, **kwargs})


class UsernameField(forms.CharField):
    """A user name, for pools where people have one."""

    def __init__(self, *, autocomplete: str = "username", **kwargs: Any) -> None:
        attrs = {"autocomplete": autocomplete, "autocapitalize": "none", "spellcheck": "false"}
        defaults = {
            "label": _("User name"),
            "widget": forms.TextInput(attrs=attrs),
            "validators": [MaxLengthValidator(LONGEST_USERNAME, _("A user name has 128 characters at most."))],
            "error_messages": {"required": _("Enter your user name.")},
        }
        super().__init__(**{**defaults, **kwargs})


def sign_in_name(sign_in_with: str, **kwargs: Any) -> forms.CharField:
    """Return the field for the name people sign in with: ``email`` or ``username``."""
    return EmailField(**kwargs) if sign_in_with == "email" else UsernameField(**kwargs)


class PasswordField(forms.CharField):
    """A password, taken to the letter: not stripped, not normalised, never sent back."""

    def __init__(self, *, attrs: dict[str, str] | None = None, **kwargs: Any) -> None:
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


class CodeField(forms.CharField):
    """A code somebody was sent or reads off an app: digits, however they were grouped."""

    default_error_messages = {
        "required": _("Enter the code."),
        "digits": _("Enter digits only. The code has no letters in it."),
        "short": _("This code is too short. Check that you have typed all of it."),
        "long": _("This code is too long. Check it for a digit typed twice."),
    }

    def __init__(self, **kwargs: Any) -> None:
        attrs = {
            "autocomplete": "one-time-code",
            "inputmode": "numeric",
            "autocapitalize": "none",
            "spellcheck": "false",
        }
        super().__init__(**{"label": _("Code"), "widget": TypedOnceInput(attrs={**attrs, "class": "code"}), **kwargs})

    def clean(self, value: Any) -> str:
        """Return the digits alone, leading zeros kept. Raises ValidationError for what cannot be a code."""
        code = BETWEEN_DIGITS.sub("", super().clean(value))
        if not (code.isascii() and code.isdecimal()):
            raise ValidationError(self.error_messages["digits"], "digits")
        if len(code) < SHORTEST_CODE:
            raise ValidationError(self.error_messages["short"], "short")
        if len(code) > LONGEST_CODE:
            raise ValidationError(self.error_messages["long"], "long")
        return code


class NewPasswordForm(Form):
    """A new password, twice: without JavaScript there is no way to look at it."""

    new_password1 = PasswordField(label=_("New password"))
    new_password2 = PasswordField(
        label=_("New password again"),
        attrs={"autocomplete": "new-password"},
        error_messages={"required": _("Enter the same password again.")},
    )
    password_fields = ("new_password1", "new_password2")

    def __init__(self, *args: Any, policy: PasswordPolicy, own_words: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.policy, self.own_words = policy, own_words
        first = self.fields[self.password_fields[0]]
        first.help_text = password_policy.hint(policy)
        first.widget.attrs.update(password_policy.widget_attributes(policy))
        first.error_messages["required"] = _("Enter a password.")

    def clean(self) -> dict[str, Any]:
        """Return the data. Adds an error for a password the policy refuses, or for two that differ."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        first, second = (data.get(name) for name in self.password_fields)
        if first:
            try:
                password_policy.validate(self.policy, first, self.words_of_their_own())
            except ValidationError as error:
                self.add_error(self.password_fields[0], error)
        if first and second and first != second:
            self.add_error(self.password_fields[1], _("The two passwords are not the same. Type both again."))
        return data

    def words_of_their_own(self) -> tuple[str, ...]:
        """Return the names of the person that the password may not contain."""
        return self.own_words
