"""The language of somebody's profile, and how it gets to the browser they sign in with."""

from django.conf import settings
from django.http import HttpResponse
from django.utils.text import capfirst
from django.utils.translation import get_language_info, get_supported_language_variant


def supported(locale: str) -> str:
    """Return the language of the site that a ``locale`` claim names (``de``, ``de-AT``, ``de_AT``), "" for none.

    https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims, ``locale``
    """
    try:
        return get_supported_language_variant(locale.replace("_", "-").lower())
    except LookupError:
        return ""


def names() -> list[tuple[str, str]]:
    """Return the languages of the site by their codes, each called what it calls itself."""
    return [(code, capfirst(get_language_info(code)["name_local"])) for code, _name in settings.LANGUAGES]


def name_of(locale: str) -> str:
    """Return what the language of ``locale`` calls itself; the site does not have each: then ``locale`` as it is."""
    return dict(names()).get(supported(locale), locale)


def remember(response: HttpResponse, locale: str) -> None:
    """Have the browser that gets ``response`` read the site in the language of ``locale``, if the site has it."""
    if language := supported(locale):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )
