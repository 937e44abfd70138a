"""A form field for each attribute a pool can have.

https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
"""

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator, URLValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import language
from accounts.attribute_names import autocomplete_of, label_of, within_sentence
from accounts.cognito.results import Attribute
from accounts.forms.fields import EmailField, PhoneNumberField

ADDRESSES = {"website", "profile", "picture"}


def attribute_field(attribute: Attribute, *, required: bool | None = None) -> forms.Field:
    """Return the field for ``attribute``; an attribute of the pool's own is a line of text under its own name."""
    name = attribute.name
    autocomplete = autocomplete_of(name)
    needed = attribute.required if required is None else required
    common: dict[str, Any] = {
        "label": label_of(name),
        "required": needed,
        "error_messages": {"required": gettext("Enter your %(attribute)s.") % {"attribute": within_sentence(name)}},
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
    if name == "locale":
        return forms.ChoiceField(**common, widget=forms.Select(attrs=attrs), choices=language.names())
    too_long = _("This is too long.")
    validators: list[Any] = [MaxLengthValidator(attribute.maximum_length, too_long)]
    if name in ADDRESSES:
        validators.append(URLValidator(message=_("Enter an address like https://example.com.")))
    return forms.CharField(**common, widget=forms.TextInput(attrs=attrs), validators=validators)
