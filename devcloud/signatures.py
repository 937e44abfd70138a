"""The administrator's key has to sign its calls, as every other key does.

MiniStack takes the configured key, the key ``test`` and any twelve digits for the account's root and does not check
their signature. AWS knows no such keys, and checks all signatures:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
"""

from __future__ import annotations

from ministack.core import iam_evaluator
from ministack.services import sts

from devcloud.patching import replace


def install(root_access_key_id: str) -> None:
    """Leave ``root_access_key_id`` as the only root key, and have its signature verified."""

    def is_root_access_key(access_key_id: str) -> bool:
        # Operations that AWS serves unsigned name no key; MiniStack has let only those through when it asks this.
        return access_key_id in ("", root_access_key_id)

    def skips_signature_check(_access_key_id: str) -> bool:
        return False

    replace(iam_evaluator, "is_root_access_key", is_root_access_key)
    replace(sts, "is_root_access_key", is_root_access_key)
    replace(iam_evaluator, "_is_root_key", skips_signature_check)
