"""Whence something is done: by a request, or by a command that has none."""

from dataclasses import dataclass
from typing import Self

from django.http import HttpRequest

from accounts import client_address, local_time
from accounts.request_id import request_id


@dataclass(frozen=True, slots=True)
class Context:
    """Address and browser of who acts, and the id of their request; ``Context()`` for a command, of which none is.

    ``time_zone`` is what the browser calls it: anything, since a cookie says so.
    """

    ip_address: str | None = None
    user_agent: str = ""
    request_id: str = ""
    time_zone: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """Return whence ``request`` comes, with the id it is answered under and the zone the browser says it is in."""
        return cls(
            client_address.ip_address(request),
            client_address.user_agent(request),
            request_id.get(),
            request.COOKIES.get(local_time.COOKIE, ""),
        )

    @property
    def is_known(self) -> bool:
        """Whether there is anything to say of where it was."""
        return bool(self.ip_address or self.user_agent)
