"""The id of the request that is being answered, for the log and for pages that ask people to quote it."""

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
