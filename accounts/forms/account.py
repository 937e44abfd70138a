"""Forms of signed-in people, about their own account."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from accounts.cognito.results import Attribute
from accounts.cognito.sign_in_names import NameKind, SignInWith
from accounts.forms.attributes import attribute_field
from accounts.forms.fields import (
    CodeField,
    Form,
    NewPasswordForm,
    PasswordField,
    ReturnAddressField,
    TypedOnceInput,
    authenticator_code,
)
from accounts.kept_passkeys import LONGEST_LABEL


class ProfileForm(Form):
    """The attributes the app client may write. What is not mutable is shown and cannot be changed."""

    def __init__(self, *args: Any, attributes: tuple[Attribute, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.attributes = attributes
        for attribute in attributes:
            field = attribute_field(attribute)
            field.disabled = not attribute.mutable
            self.fields[attribute.name] = field

    def changed(self) -> dict[str, str]:
        """Return the attributes that differ from what they were, with their new values; "" for one to remove."""
        values = {name: self.cleaned_data[name] for name in self.changed_data}
        return {name: "" if value is None else str(value) for name, value in values.items()}


class AttributeForm(Form):
    """One attribute of the profile, in a field of its name. Without a value it is removed."""

    def __init__(self, *args: Any, attribute: Attribute, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name = attribute.name
        self.fields[self.name] = attribute_field(attribute)

    @property
    def value(self) -> str:
        """What was typed, as Cognito takes it; "" to remove it."""
        value = self.cleaned_data[self.name]
        return "" if value is None else str(value)


class VerifyAttributeForm(Form):
    """The code that proves a new value of ``attribute``; a page may have one for each."""

    code = CodeField()

    def __init__(self, *args: Any, attribute: str, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": f"id_{attribute}_%s", **kwargs})
        self.attribute = attribute


class ChangePasswordForm(NewPasswordForm):
    """The present password, and a new one."""

    old_password = PasswordField(
        label=_("Current password"), error_messages={"required": _("Enter your current password.")}
    )
    field_order = ("old_password", "new_password1", "new_password2")


class AuthenticatorForm(Form):
    """The first code of a new authenticator app."""

    code = CodeField(length=authenticator_code)


class PasskeyAddForm(Form):
    """What the browser's authenticator made; a script fills it in."""

    credential = forms.CharField(
        widget=forms.HiddenInput,
        validators=[MaxLengthValidator(32 * 1024)],
        error_messages={"required": _("Your browser didn’t make a passkey. Try again, or on another device.")},
    )


class PasskeyNameForm(Form):
    """What a person calls a passkey."""

    name = forms.CharField(
        label=_("Name"),
        help_text=_("So you can tell your passkeys apart."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        validators=[MaxLengthValidator(LONGEST_LABEL, _("A name has 60 characters at most."))],
        error_messages={"required": _("Enter a name.")},
    )

    def clean_name(self) -> str:
        """Return the name without what cannot be seen, which would make one look like another."""
        name = " ".join("".join(each for each in self.cleaned_data["name"] if each.isprintable()).split())
        if not name:
            raise ValidationError(self.fields["name"].error_messages["required"], "required")
        return name


class ConfirmAccessForm(Form):
    """The password once more."""

    password = PasswordField()
    next = ReturnAddressField()


REQUIRED = {
    NameKind.EMAIL: _("Enter your email."),
    NameKind.PHONE: _("Enter your phone number."),
    NameKind.USERNAME: _("Enter your username."),
}
DELETE_WORDS = {
    NameKind.EMAIL: (_("Enter your email to confirm"), _("That isn’t the email of this account.")),
    NameKind.PHONE: (_("Enter your phone number to confirm"), _("That isn’t the phone number of this account.")),
    NameKind.USERNAME: (_("Enter your username to confirm"), _("That isn’t the username of this account.")),
}


class DeleteAccountForm(Form):
    """The person's own name, typed out, so that nobody deletes an account by a slip.

    ``kind`` is what that name is; all spellings that sign in are one name.
    """

    confirm = forms.CharField(
        widget=TypedOnceInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, expected: str, kind: NameKind, sign_in_with: SignInWith, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected, self.sign_in_with = expected, sign_in_with
        field = self.fields["confirm"]
        field.label, self.refused = DELETE_WORDS[kind]
        field.error_messages["required"] = REQUIRED[kind]

    def clean_confirm(self) -> str:
        """Return what was typed. Raises ValidationError unless it is the expected name."""
        typed: str = self.cleaned_data["confirm"]
        if self.sign_in_with.spelt(typed).casefold() != self.expected.casefold():
            raise ValidationError(self.refused, "mismatch")
        return typed
