"""Forms of people who are not signed in: registering, confirming, signing in, recovering."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.cognito.results import Attribute, PasswordPolicy
from accounts.forms.attributes import attribute_field
from accounts.forms.fields import (
    CodeField,
    EmailField,
    Form,
    NewPasswordForm,
    PasswordField,
    ReturnAddressField,
    UsernameField,
    sign_in_name,
)


class RegisterForm(NewPasswordForm):
    """What the pool wants to know of a newcomer, and a password typed twice."""

    new_password1 = None  # type: ignore[assignment]
    new_password2 = None  # type: ignore[assignment]
    email = EmailField()
    password1 = PasswordField(label=_("Password"))
    password2 = PasswordField(
        label=_("Password again"),
        attrs={"autocomplete": "new-password"},
        error_messages={"required": _("Enter the same password again.")},
    )
    password_fields = ("password1", "password2")

    def __init__(
        self, *args: Any, policy: PasswordPolicy, sign_in_with: str, attributes: tuple[Attribute, ...], **kwargs: Any
    ) -> None:
        super().__init__(*args, policy=policy, **kwargs)
        self.sign_in_with = sign_in_with
        if sign_in_with == "username":
            self.fields["username"] = UsernameField(help_text=_("The name you will sign in with."))
            self.fields["email"] = EmailField(autocomplete="email")
        self.asked = [attribute for attribute in attributes if attribute.required and attribute.name != "email"]
        for attribute in self.asked:
            self.fields[attribute.name] = attribute_field(attribute)
        asked = [attribute.name for attribute in self.asked]
        self.order_fields(["username", "email", *asked, "password1", "password2"])

    @property
    def username(self) -> str:
        """The name the account goes by."""
        name: str = self.cleaned_data["username" if self.sign_in_with == "username" else "email"]
        return name

    @property
    def attributes(self) -> dict[str, str]:
        """The attributes of the account, by their Cognito names."""
        values = {"email": self.cleaned_data["email"]}
        return values | {attribute.name: str(self.cleaned_data[attribute.name]) for attribute in self.asked}

    @property
    def details(self) -> dict[str, str]:
        """What was typed, passwords excepted, to fill the form with again."""
        return {name: str(self.cleaned_data[name]) for name in self.fields if name not in self.password_fields}

    def words_of_their_own(self) -> tuple[str, ...]:
        """Return the address and the name just typed."""
        return tuple(self.cleaned_data.get(name) or "" for name in ("email", "username"))


class NamedForm(Form):
    """A form that asks for the account's name only where this browser has not told it before."""

    def __init__(self, *args: Any, sign_in_with: str, username: str = "", **kwargs: Any) -> None:
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
    """The code that proves an e-mail address."""

    code = CodeField(help_text=_("We sent it to your e-mail address."))


class ResendCodeForm(NamedForm):
    """Asking for another code."""


class LoginForm(NamedForm):
    """A name and a password. ``next`` is where the person was going."""

    password = PasswordField()
    next = ReturnAddressField()


class LoginOptionsForm(NamedForm):
    """A name, for signing in without a password."""

    next = ReturnAddressField()


class ForgotPasswordForm(NamedForm):
    """A name, to send a code to whoever owns it."""


class ResetPasswordForm(NamedForm, NewPasswordForm):
    """The mailed code, and a new password."""

    code = CodeField(help_text=_("If the account exists, we sent it to its e-mail address."))
    field_order = ("code", "new_password1", "new_password2")

    def __init__(self, *args: Any, username: str = "", **kwargs: Any) -> None:
        super().__init__(*args, username=username, own_words=(username,), **kwargs)
