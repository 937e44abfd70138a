"""Where a request came from."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

from accounts.cognito.results import ClientContext


def ip_address(request: HttpRequest) -> str | None:
    """Return the browser's address, None when it cannot be told (a Unix socket).

    Each of TRUSTED_PROXIES proxies has appended the address it was called from to X-Forwarded-For; what stands before
    those entries was written by the client and is not looked at.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.TRUSTED_PROXIES:
        forwarded = [entry.strip() for entry in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        if len(forwarded) >= settings.TRUSTED_PROXIES:
            address = forwarded[-settings.TRUSTED_PROXIES]
    try:
        # The zone of a link-local address (RFC 4007) means nothing elsewhere, and no column takes it.
        return str(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return None


def network(request: HttpRequest) -> str:
    """Return what stands for whoever sent ``request`` where tries are counted, "" when it cannot be told.

    That is an IPv4 address, or the /64 of an IPv6 one: a household is given that many addresses, and may use them all.
    https://www.rfc-editor.org/rfc/rfc6177
    """
    text = ip_address(request)
    if text is None:
        return ""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return str(ipaddress.ip_network((int(address), 64), strict=False))
        address = address.ipv4_mapped
    return str(address)


def user_agent(request: HttpRequest) -> str:
    """Return how the browser calls itself, cut to what is stored."""
    told = str(request.META.get("HTTP_USER_AGENT", ""))
    # PostgreSQL takes no NUL, and nothing that is not printable has a place in a list of browsers.
    return (told if told.isprintable() else "".join(filter(str.isprintable, told)))[:512]


def context(request: HttpRequest) -> ClientContext | None:
    """Return what Cognito's threat protection may know of ``request``; None without an address, which it requires."""
    address = ip_address(request)
    if address is None:
        return None
    return ClientContext(
        ip_address=address,
        user_agent=user_agent(request),
        server_name=request.get_host(),
        server_path=request.path,
    )
