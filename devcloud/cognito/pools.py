"""User pools: UpdateUserPool.

MiniStack leaves a property as it was when an update does not name it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

from ministack.services import cognito as ministack
from ministack.services.cloudformation import provisioners

from devcloud.cognito import pool_mfa
from devcloud.cognito.gate import Response, stock
from devcloud.cognito.records import Answer, Request, pool

_stock_update: Callable[[Request], Response] = ministack._update_user_pool


def update_user_pool(request: Request) -> Answer:
    """Change a pool; a property that the request leaves out goes back to its default, as on AWS.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPool.html. CloudFormation
    works out the defaults itself and does not come through here. Raises InvalidParameterException when the pool could
    not send the codes of its second factors any more.
    """
    changed = copy.deepcopy(provisioners._COGNITO_USER_POOL_UPDATABLE) | request
    user_pool = pool(request["UserPoolId"])
    if changed["MfaConfiguration"] != "OFF":
        pool_mfa.refuse_unsendable({**user_pool, **changed})
    return stock(_stock_update, changed)
