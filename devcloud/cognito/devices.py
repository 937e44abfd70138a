"""Remembered devices, of which there are none: device tracking is not played here.

https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-device-tracking.html
"""

from __future__ import annotations

from devcloud.cognito.errors import CognitoError
from devcloud.cognito.records import Answer, Request, find_user, pool, signed_in


def admin_list_devices(request: Request) -> Answer:
    """Return the devices of somebody else: none.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminListDevices.html. Raises
    ResourceNotFoundException for an unknown pool or person.
    """
    if find_user(pool(request["UserPoolId"]), request.get("Username")) is None:
        raise CognitoError("ResourceNotFoundException", "User does not exist.")
    return {"Devices": []}


def list_devices(request: Request) -> Answer:
    """Return the devices of the signed-in person: none.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListDevices.html. Raises
    NotAuthorizedException for a token that no longer works.
    """
    signed_in(request)
    return {"Devices": []}
