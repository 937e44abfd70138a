"""Where somebody goes after signing in: a path of this site that begins with one ``/``, or else the account page.

https://cheatsheetseries.owasp.org/cheatsheets/Unvalidated_Redirects_and_Forwards_Cheat_Sheet.html
"""

from urllib.parse import unquote, urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import Resolver404, resolve
from django.utils.encoding import iri_to_uri

LONGEST = 2000  # characters, percent-encoded
# Addresses that take only a form, and pages on the way in: they lead on at once, each to its own ``next``.
NOT_COME_BACK_TO = {
    "admin_login",
    "admin_logout",
    "another_way",
    "api_accounts",
    "api_confirm_account",
    "api_me",
    "api_resend_code",
    "cancel_attribute_change",
    "challenge",
    "confirm_access",
    "confirm_access_options",
    "end_other_sessions",
    "end_session",
    "federated_callback",
    "federated_login",
    "login",
    "login_code",
    "login_options",
    "login_passkey",
    "logout",
    "new_folder",
    "passkey_add",
    "passkey_offer",
    "passkey_options",
    "register",
    "resend_attribute_code",
    "resend_code",
    "resend_registration_code",
    "resend_reset_code",
    "resend_sign_in_code",
    "upload_files",
    "verify_code",
}


def own_path(url: str) -> str:
    """Return ``url``, percent-encoded, if it is a path of this site that somebody can come back to, else "".

    Browsers read ``\\`` as ``/``, drop tabs and line feeds, and resolve ``.`` and ``..``, so none of these is taken.
    https://url.spec.whatwg.org/#url-parsing
    """
    # What is not printable has no place in a header, and half a surrogate pair cannot be encoded at all.
    if not url.startswith("/") or url.startswith("//") or "\\" in url or not url.isprintable() or len(url) > LONGEST:
        return ""
    encoded = iri_to_uri(url)
    path = unquote(encoded.partition("?")[0].partition("#")[0])
    if len(encoded) > LONGEST or not {".", ".."}.isdisjoint(path.split("/")) or leads_on(path):
        return ""
    return encoded


def leads_on(path: str) -> bool:
    """Whether the decoded ``path``, or what APPEND_SLASH makes of it, is no page to lead anybody back to."""
    for candidate in (path, f"{path}/"):
        try:
            match = resolve(candidate)
        except Resolver404:
            continue
        return match.url_name in NOT_COME_BACK_TO
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

    Browsers name it, to this site in full (SECURE_REFERRER_POLICY); else it is the form's own address, if that is a
    page. https://www.rfc-editor.org/rfc/rfc9110#name-referer
    """
    return own_path(on_this_site(request, request.headers.get("Referer", "")) or request.path)


def login_url(next_url: str = "", **parameters: str) -> str:
    """Return the address of the sign-in page with ``parameters``, which leads on to ``next_url`` if it is taken."""
    address, back = resolve_url(settings.LOGIN_URL), own_path(next_url)
    query = urlencode({**parameters, **({"next": back} if back else {})})
    return f"{address}?{query}" if query else address
