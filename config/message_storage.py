"""Messages for the next page, no more of them than a person reads."""

from collections.abc import Iterable
from typing import Any

from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.session import SessionStorage as DjangoSessionStorage
from django.http import HttpResponse

MOST = 5


class SessionStorage(DjangoSessionStorage):
    """Django's, which keeps each message once and only the latest: whoever never looks at them must not pile them up.

    https://docs.djangoproject.com/en/5.2/ref/contrib/messages/#storage-backends
    """

    def _store(self, messages: Iterable[Message], response: HttpResponse, *args: Any, **kwargs: Any) -> list[Message]:
        # A message that was added again stands where it was added last.
        latest = {(message.level, str(message.message)): message for message in reversed(list(messages))}
        kept = list(latest.values())[:MOST][::-1]
        unstored: list[Message] = super()._store(kept, response, *args, **kwargs)  # type: ignore[misc]
        return unstored
