"""What to call a browser, from how it calls itself."""

import re
from functools import lru_cache

from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

PHONES = ("iPhone", "iPod", "Android")
# What a browser for phones adds to its name. People know it as "Safari", and see from the system that it is a phone.
FOR_PHONES = re.compile(r"^Mobile | Mobile\b| iOS$")
# What their makers call systems today.
SYSTEMS = {"Mac OS X": "macOS", "Chrome OS": "ChromeOS"}


@lru_cache(maxsize=512)
def families(user_agent: str) -> tuple[str, str]:
    """Return browser and system that ``user_agent`` names, "" for what it does not.

    Where the system is Apple's for phones, it is the device instead: "iPhone", "iPad". The patterns of
    https://github.com/ua-parser/uap-core are loaded at the first call.
    """
    result = import_string("ua_parser.parse")(user_agent)
    browser = FOR_PHONES.sub("", result.user_agent.family) if result.user_agent else ""
    system = result.os.family if result.os else ""
    if system == "iOS" and result.device:
        system = result.device.family
    return browser, SYSTEMS.get(system, system)


def is_phone(user_agent: str) -> bool:
    """Whether ``user_agent`` names the system of phones."""
    return families(user_agent)[1] in PHONES


def name(user_agent: str) -> str:
    """Return a phrase such as "Firefox on Windows" or "Safari on iPhone"."""
    browser, system = families(user_agent)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown browser")
