"""Who may talk to the local AWS: programs on this machine, and pages of the site itself.

MiniStack answers any host name and any web page, and its own ``/_ministack/`` endpoints wipe or show everything
without asking for a key. A page of any web site, open in the developer's browser, could use them.
"""

from __future__ import annotations

from asgiref.typing import (
    ASGI3Application,
    ASGIReceiveCallable,
    ASGISendCallable,
    ASGISendEvent,
    HTTPResponseBodyEvent,
    HTTPResponseStartEvent,
    Scope,
)

from devcloud.settings import Settings

PUBLIC_PATHS = frozenset({"/_ministack/health", "/_ministack/ready"})
_CORS_ORIGIN = b"access-control-allow-origin"


class FrontDoor:
    """An ASGI application that passes on what may come in, and refuses the rest.

    A ``Host`` other than this machine's loopback names is refused with 421 (DNS rebinding), an ``Origin`` other than
    the site's or the local AWS's own with 403, MiniStack's own endpoints with 404, but those that tell whether it runs.
    """

    def __init__(self, app: ASGI3Application, settings: Settings) -> None:
        """Guard ``app``, which serves at ``settings.port`` for the site at ``settings.origin``."""
        self._app = app
        self._hosts = {f"{name}:{settings.port}".encode() for name in ("localhost", "127.0.0.1")}
        self._origins = {settings.origin.encode(), *(b"http://" + host for host in self._hosts)}

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Serve one connection, as the ASGI specification says."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": None})
        else:
            headers = dict(scope["headers"])
            origin = headers.get(b"origin")
            refusal = self._refusal(headers.get(b"host", b""), origin, scope["path"])
            if refusal:
                await _refuse(send, *refusal)
            else:
                await self._app(scope, receive, _with_cors_for(origin, send))

    def _refusal(self, host: bytes, origin: bytes | None, path: str) -> tuple[int, str] | None:
        if host not in self._hosts:
            return 421, "This host name is not served here."
        if origin is not None and origin not in self._origins:
            return 403, "Pages of this origin may not call the local AWS."
        if path.startswith("/_") and path not in PUBLIC_PATHS:
            return 404, "Nothing is served here."
        return None


async def _refuse(send: ASGISendCallable, status: int, reason: str) -> None:
    start: HTTPResponseStartEvent = {
        "type": "http.response.start",
        "status": status,
        "headers": [(b"content-type", b"text/plain; charset=utf-8")],
        "trailers": False,
    }
    body: HTTPResponseBodyEvent = {"type": "http.response.body", "body": reason.encode(), "more_body": False}
    await send(start)
    await send(body)


def _with_cors_for(origin: bytes | None, send: ASGISendCallable) -> ASGISendCallable:
    """Answer a page with its own origin where MiniStack says ``*``, and a program with none."""

    async def send_for_origin(event: ASGISendEvent) -> None:
        if event["type"] == "http.response.start":
            headers = [(name, value) for name, value in event["headers"] if name.lower() != _CORS_ORIGIN]
            if origin is not None:
                headers += [(_CORS_ORIGIN, origin), (b"vary", b"Origin")]
            event["headers"] = headers
        await send(event)

    return send_for_origin
