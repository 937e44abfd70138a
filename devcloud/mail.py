"""What MiniStack mails for Cognito goes to the outbox.

MiniStack keeps its mails in memory and hands them to an SMTP server if there is one; an invitation or a code that it
renders itself would never be seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.services import cognito

from devcloud import outbox
from devcloud.settings import Settings

_KINDS = {
    "CognitoInvitationMessage": "invitation",
    "CognitoVerificationMessage": "sign-up code",
    "CognitoEmailOtpMessage": "sign-in code",
}


def install(settings: Settings) -> None:
    """Deliver each mail that MiniStack's Cognito sends to `settings.outbox`."""

    def deliver_cognito_email(
        _pool: Mapping[str, Any],
        to_email: str,
        subject: str,
        body: str,
        type_name: str,
        extra: Mapping[str, str] | None = None,
    ) -> None:
        reset = (extra or {}).get("AttributeName") == "password"
        kind = "reset code" if reset else _KINDS[type_name]
        outbox.deliver(settings.outbox, to=to_email, subject=subject, body=body, kind=kind)

    cognito._deliver_cognito_email = deliver_cognito_email
