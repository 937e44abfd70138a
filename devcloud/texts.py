"""The text messages that a site sends with SNS go to the outbox.

MiniStack keeps them in memory, where they would never be seen, and takes any text for a number.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ministack.services import sns

from devcloud import outbox
from devcloud.patching import replace
from devcloud.settings import Settings

# https://docs.aws.amazon.com/sns/latest/dg/sms_publish-to-phone.html
_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
_stock_publish: Callable[[Any], Any] = sns._publish


def install(settings: Settings) -> None:
    """Deliver each message that is published to a number to ``settings.outbox``; topics stay MiniStack's."""

    def publish(params: Any) -> Any:
        number = sns._p(params, "PhoneNumber")
        if not number:
            return _stock_publish(params)
        if not _E164.fullmatch(number):
            reason = f"Invalid parameter: PhoneNumber Reason: {number} is not valid to publish to"
            return sns._error("InvalidParameter", reason, 400)
        outbox.deliver(settings.outbox, to=number, subject="", body=sns._p(params, "Message"), kind="text message")
        return _stock_publish(params)

    replace(sns, "_publish", publish)
