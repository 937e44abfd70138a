"""Threat protection's settings and the export of logs: they are kept and told, and nothing is watched or logged.

MiniStack does not know these operations.
"""

from __future__ import annotations

import copy
from typing import Any

from devcloud.cognito.errors import CognitoError, invalid_parameter
from devcloud.cognito.records import Answer, Request, pool

_RISK, _LOGS = "_risk_configuration", "_log_configurations"
_RISKS = (
    "CompromisedCredentialsRiskConfiguration",
    "AccountTakeoverRiskConfiguration",
    "RiskExceptionConfiguration",
)


def describe_risk_configuration(request: Request) -> Answer:
    """Return what threat protection does about risks.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DescribeRiskConfiguration.html.
    Raises UserPoolAddOnNotEnabledException where threat protection is off.
    """
    user_pool = pool(request["UserPoolId"])
    _refuse_without_threat_protection(user_pool)
    kept: dict[str, Any] = (user_pool.get(_RISK) or {}).get(request.get("ClientId", ""), {})
    return {"RiskConfiguration": {"UserPoolId": user_pool["Id"], **copy.deepcopy(kept)}}


def set_risk_configuration(request: Request) -> Answer:
    """Replace what threat protection does about risks; what the request leaves out goes back to its default.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SetRiskConfiguration.html. Raises
    UserPoolAddOnNotEnabledException where threat protection is off.
    """
    user_pool = pool(request["UserPoolId"])
    _refuse_without_threat_protection(user_pool)
    chosen = {name: copy.deepcopy(request[name]) for name in _RISKS if name in request}
    user_pool[_RISK] = {**(user_pool.get(_RISK) or {}), request.get("ClientId", ""): chosen}
    return describe_risk_configuration(request)


def get_log_delivery_configuration(request: Request) -> Answer:
    """Return where the pool's logs go, no configurations for nowhere.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetLogDeliveryConfiguration.html
    """
    user_pool = pool(request["UserPoolId"])
    kept = copy.deepcopy(user_pool.get(_LOGS) or [])
    return {"LogDeliveryConfiguration": {"UserPoolId": user_pool["Id"], "LogConfigurations": kept}}


def set_log_delivery_configuration(request: Request) -> Answer:
    """Say where the pool's logs go.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_LogConfigurationType.html. Raises
    InvalidParameterException for a configuration that names no destination, or two.
    """
    user_pool = pool(request["UserPoolId"])
    places = ("CloudWatchLogsConfiguration", "S3Configuration", "FirehoseConfiguration")
    for configuration in request["LogConfigurations"]:
        if sum(bool(configuration.get(place)) for place in places) != 1:
            raise invalid_parameter("Exactly one log destination must be specified.")
    user_pool[_LOGS] = copy.deepcopy(request["LogConfigurations"])
    return get_log_delivery_configuration(request)


def _refuse_without_threat_protection(user_pool: dict[str, Any]) -> None:
    if (user_pool.get("UserPoolAddOns") or {}).get("AdvancedSecurityMode", "OFF") == "OFF":
        raise CognitoError("UserPoolAddOnNotEnabledException", "Threat protection is not enabled for this user pool.")
