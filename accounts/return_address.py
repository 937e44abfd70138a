"""Where somebody goes after signing in: a path of this site that begins with one ``/``, or else the account page.

https://cheatsheetseries.owasp.org/cheatsheets/Unvalidated_Redirects_and_Forwards_Cheat_Sheet.html
"""

from collections.abc import Collection
from urllib.parse import unquote, urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import Resolver404, resolve
from django.utils.encoding import iri_to_uri

LONGEST = 2000  # characters, percent-encoded
TAKE_ONLY_A_FORM = {
    "admin_logout",
    "api_accounts",
    "api_confirm_account",
    "api_me",
    "api_resend_code",
    "cancel_attribute_change",
    "confirm_access_options",
    "end_session",
    "federated_login",
    "logout",
    "new_folder",
    "passkey_add",
    "passkey_options",
    "resend_attribute_code",
    "resend_code",
    "resend_registration_code",
    "resend_reset_code",
    "resend_sign_in_code",
    "upload_files",
}
# Pages on the way in lead on at once, each to its own ``next``.
NOT_COME_BACK_TO = TAKE_ONLY_A_FORM | {
    "admin_login",
    "another_way",
    "challenge",
    "confirm_access",
    "end_other_sessions",
    "federated_callback",
    "login",
    "login_code",
    "login_options",
    "login_passkey",
    "passkey_offer",
    "register",
    "verify_code",
}


def own_path(url: str, barred: Collection[str] = NOT_COME_BACK_TO) -> str:
    """Return ``url``, percent-encoded, if it is a path of this site that somebody can come back to, else "".

    ``barred`` are the names of addresses that are none. Browsers read ``\\`` as ``/``, drop tabs and line feeds, and
    resolve ``.`` and ``..``, so none of these is taken.
    https://url.spec.whatwg.org/#url-parsing
    """
    # What is not printable has no place in a header, and half a surrogate pair cannot be encoded at all.
    if not url.startswith("/") or url.startswith("//") or "\\" in url or not url.isprintable() or len(url) > LONGEST:
        return ""
    encoded = iri_to_uri(url)
    path = unquote(encoded.partition("?")[0].partition("#")[0])
    if len(encoded) > LONGEST or not {".", ".."}.isdisjoint(path.split("/")) or is_named(path, barred):
        return ""
    return encoded


def is_named(path: str, names: Collection[str]) -> bool:
    """Whether the decoded ``path``, or what APPEND_SLASH makes of it, is the address of one of ``names``."""
    for candidate in (path, f"{path}/"):
        try:
            match = resolve(candidate)
        except Resolver404:
            continue
        return match.url_name in names
    return False


def checked(url: str, default: str = "") -> str:
    """Return ``url`` if :func:`own_path` takes it, else ``default`` or the address of the account page."""
    return own_path(url) or default or resolve_url(settings.LOGIN_REDIRECT_URL)


def redirect_to(url: str) -> HttpResponseRedirect:
    """Return the way to ``url``, which somebody sent, or to the account page.

    Django's ``redirect()`` would take it for the name of a view.
    https://docs.djangoproject.com/en/5.2/topics/http/shortcuts/#redirect
    """
    return HttpResponseRedirect(checked(url))


def on_this_site(request: HttpRequest, url: str) -> str:
    """Return the path and query of the absolute ``url`` where that is at the host of ``request``, else ""."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    origin = f"{parts.scheme}://{parts.netloc}"
    if origin not in {f"{request.scheme}://{request.get_host()}", settings.SITE_URL}:
        return ""
    return parts._replace(scheme="", netloc="", fragment="").geturl() or "/"


def form_page(request: HttpRequest) -> str:
    """Return the page that the form sent as ``request`` stood on, if somebody can come back to it, else "".

    Browsers name it; else it is the form's own address, if that is a page.
    """
    return own_path(referring(request) or request.path)


def page_around(request: HttpRequest) -> str:
    """Return the page around the form sent as ``request``, which does not change what the page is about; "" for none.

    It may be one on the way in. A page that answers a form at an address that takes nothing else has to say as ``next``
    where it is found.
    """
    return own_path(request.POST.get("next", ""), TAKE_ONLY_A_FORM) or own_path(referring(request), TAKE_ONLY_A_FORM)


def referring(request: HttpRequest) -> str:
    """Return where on this site ``request`` comes from, "" for elsewhere.

    Browsers say so, to this site in full (SECURE_REFERRER_POLICY).
    https://www.rfc-editor.org/rfc/rfc9110#name-referer
    """
    return on_this_site(request, request.headers.get("Referer", ""))


def login_url(next_url: str = "", **parameters: str) -> str:
    """Return the address of the sign-in page with ``parameters``, which leads on to ``next_url`` if it is taken."""
    address, back = resolve_url(settings.LOGIN_URL), own_path(next_url)
    query = urlencode({**parameters, **({"next": back} if back else {})})
    return f"{address}?{query}" if query else address
