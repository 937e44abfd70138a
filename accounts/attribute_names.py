"""What people call the attributes of their account.

https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
"""

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

# Name -> label and autocomplete token (https://www.w3.org/TR/WCAG22/#input-purposes).
STANDARD: dict[str, tuple[Any, str]] = {
    "email": (_("Email"), "email"),
    "name": (_("Name"), "name"),
    "given_name": (_("First name"), "given-name"),
    "family_name": (_("Last name"), "family-name"),
    "middle_name": (_("Middle name"), "additional-name"),
    "nickname": (_("Nickname"), "nickname"),
    "preferred_username": (_("Preferred username"), "nickname"),
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


def label_of(name: str) -> Any:
    """Return how the attribute ``name`` is called; one of the pool's own ``custom:shoe_size`` is "Shoe size"."""
    if name in STANDARD:
        return STANDARD[name][0]
    return name.removeprefix("custom:").replace("_", " ").replace("-", " ").strip().capitalize()


def autocomplete_of(name: str) -> str:
    """Return what browsers may fill into a field for the attribute ``name``."""
    return STANDARD[name][1] if name in STANDARD else "off"


def within_sentence(name: str) -> str:
    """Return the label of the attribute ``name`` as it stands within a sentence. German nouns keep their capitals."""
    words = str(label_of(name))
    return words if get_language() == "de" else words[:1].lower() + words[1:]
