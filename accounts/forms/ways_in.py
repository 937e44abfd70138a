"""The forms of the ways in beside the password: they ask who it is."""

from django import forms

from accounts.forms.entrance import NamedForm
from accounts.forms.fields import ReturnAddressField


class LoginPasskeyForm(NamedForm):
    """A name, for signing in with a passkey. ``next`` is where the person was going."""

    next = ReturnAddressField()


class LoginCodeForm(NamedForm):
    """A name, to send a code there; ``by`` is email or text."""

    by = forms.CharField(required=False, widget=forms.HiddenInput)
    next = ReturnAddressField()
