"""Mail beside that of the local AWS: the site's own notices go into the same file, and so into the same inbox."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class OutboxBackend(BaseEmailBackend):
    """Appends each message to DEVCLOUD_OUTBOX, one JSON object a line; without one, sends nothing.

    https://docs.djangoproject.com/en/5.2/topics/email/#defining-a-custom-email-backend
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write ``email_messages`` and return how many there were."""
        if settings.DEVCLOUD_OUTBOX is None:
            return 0
        with settings.DEVCLOUD_OUTBOX.open("a", encoding="utf-8") as outbox:
            for message in email_messages:
                outbox.write(json.dumps(entry(message)) + "\n")
        return len(email_messages)


def entry(message: EmailMessage) -> dict[str, Any]:
    """Return what the inbox shows of ``message``."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "to": ", ".join(message.to),
        "subject": message.subject,
        "body": message.body,
        "kind": "notice",
    }
