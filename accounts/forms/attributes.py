"""A form field for each attribute a pool can have.

https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
"""

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator, URLValidator
from django.utils.translation import gettext_lazy as _

from accounts.cognito.results import Attribute
from accounts.forms.fields import EmailField, PhoneNumberField

# Name -> label and autocomplete token (https://www.w3.org/TR/WCAG22/#input-purposes).
STANDARD: dict[str, tuple[Any, str]] = {
    "name": (_("Name"), "name"),
    "given_name": (_("First name"), "given-name"),
    "family_name": (_("Last name"), "family-name"),
    "middle_name": (_("Middle name"), "additional-name"),
    "nickname": (_("Nickname"), "nickname"),
    "preferred_username": (_("Preferred user name"), "nickname"),
    "birthdate": (_("Date of birth"), "bday"),
    "gender": (_("Gender"), "sex"),
    "address": (_("Address"), "street-address"),
    "locale": (_("Language"), "language"),
    "zoneinfo": (_("Time zone"), "off"),
    "website": (_("Website"), "url"),
    "profile": (_("Profile page"), "url"),
    "picture": (_("Picture address"), "photo"),
    "phone_number": (_("Phone number"), "tel"),
}
ADDRESSES = {"website", "profile", "picture"}


def attribute_field(attribute: Attribute, *, required: bool | None = None) -> forms.Field:
    """Return the field for ``attribute``; an attribute of the pool's own is a line of text under its own name."""
    name = attribute.name
    label, autocomplete = STANDARD.get(name, (plain_label(name), "off"))
    needed = attribute.required if required is None else required
    common: dict[str, Any] = {
        "label": label,
        "required": needed,
        "error_messages": {"required": _("Fill in this field.")},
    }
    if name == "email":
        return EmailField(autocomplete="email", required=needed)
    if name == "birthdate":
        return forms.DateField(
            **{
                **common,
                "widget": forms.DateInput(attrs={"type": "date", "autocomplete": autocomplete}, format="%Y-%m-%d"),
                "error_messages": {**common["error_messages"], "invalid": _("Enter a date like 1990-12-31.")},
            }
        )
    if name == "phone_number":
        return PhoneNumberField(required=needed)
    attrs = {"autocomplete": autocomplete}
    too_long = _("This is too long.")
    validators: list[Any] = [MaxLengthValidator(attribute.maximum_length, too_long)]
    if name in ADDRESSES:
        validators.append(URLValidator(message=_("Enter an address like https://example.com.")))
    return forms.CharField(**common, widget=forms.TextInput(attrs=attrs), validators=validators)


def plain_label(name: str) -> str:
    """Return how an attribute without a label of ours is called: ``custom:shoe_size`` becomes "Shoe size"."""
    return name.removeprefix("custom:").replace("_", " ").replace("-", " ").strip().capitalize()
