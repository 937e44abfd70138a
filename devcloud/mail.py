"""The invitations that MiniStack mails for Cognito go to the outbox.

MiniStack keeps its mails in memory and hands them to an SMTP server if there is one; they would never be seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.services import cognito

from devcloud import outbox
from devcloud.patching import replace
from devcloud.settings import Settings

_INVITATION = "CognitoInvitationMessage"


def install(settings: Settings) -> None:
    """Deliver each invitation that MiniStack's Cognito sends to ``settings.outbox``."""

    def deliver_cognito_email(
        _pool: Mapping[str, Any],
        to_email: str,
        subject: str,
        body: str,
        type_name: str,
        extra: Mapping[str, str] | None = None,
    ) -> None:
        # The codes MiniStack mails are constants that work nowhere; devcloud.cognito draws and sends its own.
        if type_name == _INVITATION:
            outbox.deliver(settings.outbox, to=to_email, subject=subject, body=body, kind="invitation")

    replace(cognito, "_deliver_cognito_email", deliver_cognito_email)
