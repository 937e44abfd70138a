"""What to call a browser, from how it calls itself."""

from functools import lru_cache

from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

PHONES = ("iOS", "Android")


@lru_cache(maxsize=512)
def families(user_agent: str) -> tuple[str, str]:
    """Return browser and system that ``user_agent`` names, "" for what it does not.

    The patterns of https://github.com/ua-parser/uap-core are loaded at the first call.
    """
    result = import_string("ua_parser.parse")(user_agent)
    browser = result.user_agent.family if result.user_agent else ""
    system = result.os.family if result.os else ""
    return browser, system


def is_phone(user_agent: str) -> bool:
    """Whether ``user_agent`` names the system of phones."""
    return families(user_agent)[1] in PHONES


def name(user_agent: str) -> str:
    """Return a phrase such as "Firefox on Windows"."""
    browser, system = families(user_agent)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown browser")
