"""Forms of people who are not signed in: registering, confirming, signing in, recovering."""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from accounts.cognito.results import Attribute
from accounts.cognito.sign_in_names import NameKind, SignInWith
from accounts.forms.attributes import attribute_field
from accounts.forms.fields import (
    CodeField,
    EmailField,
    Form,
    NewPasswordForm,
    NewUsernameField,
    PasswordField,
    PhoneNumberField,
    ReturnAddressField,
    sign_in_name,
)


class NewcomerForm(Form):
    """What the pool wants to know of a newcomer."""

    password_fields: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, sign_in_with: SignInWith, attributes: tuple[Attribute, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.made_under, contact = sign_in_with.kinds[0], sign_in_with.contact
        if self.made_under is NameKind.USERNAME:
            self.fields["username"] = NewUsernameField(
                aliases=sign_in_with.aliases, help_text=_("You’ll sign in with this.")
            )
        required = [attribute for attribute in attributes if attribute.required and attribute.name != contact]
        self.asked = [contact.value, *(attribute.name for attribute in required)]
        self.fields[contact.value] = contact_field(contact, is_name=contact is self.made_under)
        for attribute in required:
            self.fields[attribute.name] = attribute_field(attribute)
        self.order_fields(["username", *self.asked, *self.password_fields])

    @property
    def username(self) -> str:
        """The name the account goes by."""
        name: str = self.cleaned_data[self.made_under.value]
        return name

    @property
    def attributes(self) -> dict[str, str]:
        """The attributes of the account, by their Cognito names."""
        return {name: str(self.cleaned_data[name]) for name in self.asked}

    @property
    def details(self) -> dict[str, str]:
        """What was typed, passwords excepted, to fill the form with again."""
        return {name: str(self.cleaned_data[name]) for name in self.fields if name not in self.password_fields}


def contact_field(kind: NameKind, *, is_name: bool) -> EmailField | PhoneNumberField:
    """Return the field for the address or number of a newcomer; ``is_name``: they will sign in with it."""
    if kind is NameKind.PHONE:
        return PhoneNumberField()
    return EmailField(autocomplete="username" if is_name else "email")


class FirstPasswordForm(NewPasswordForm):
    """The password of a new account."""

    new_password1 = None  # type: ignore[assignment]
    new_password2 = None  # type: ignore[assignment]
    password1 = PasswordField(label=_("Password"))
    password2 = PasswordField(label=_("Password again"), required=False)
    password_fields: ClassVar[tuple[str, ...]] = ("password1", "password2")


class RegisterForm(FirstPasswordForm, NewcomerForm):
    """What the pool wants to know of a newcomer, and a password."""

    def words_of_their_own(self) -> tuple[str, ...]:
        """Return the name, the address and the number just typed."""
        return tuple(self.cleaned_data.get(name.value) or "" for name in NameKind)


class NamedForm(Form):
    """A form that asks for the account's name only where this browser has not told it before."""

    def __init__(self, *args: Any, sign_in_with: SignInWith, username: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known_username = username
        if not username:
            self.fields["username"] = sign_in_name(sign_in_with)
            self.order_fields(["username"])

    @property
    def username(self) -> str:
        """The name of the account."""
        return self.known_username or self.cleaned_data["username"]


class VerifyCodeForm(NamedForm):
    """The code that proves an address or a number."""

    code = CodeField()


class CompleteRegistrationForm(NamedForm, FirstPasswordForm):
    """The code that proves the mailbox or the phone, and the password of the account that is then made."""

    code = CodeField()
    field_order = ("code", "password1", "password2")


class ResendCodeForm(NamedForm):
    """Asking for another code."""


class LoginForm(NamedForm):
    """A name and a password. ``next`` is where the person was going."""

    password = PasswordField()
    next = ReturnAddressField()


class ForgotPasswordForm(NamedForm):
    """A name, to send a code to whoever owns it. ``next`` is where the person was going."""

    next = ReturnAddressField()


class ResetPasswordForm(NamedForm, NewPasswordForm):
    """The code that was sent, and a new password. Cognito chooses among a person's own where to send it."""

    code = CodeField()
    field_order = ("code", "new_password1", "new_password2")

    def __init__(self, *args: Any, username: str = "", **kwargs: Any) -> None:
        super().__init__(*args, username=username, own_words=(username,), **kwargs)
