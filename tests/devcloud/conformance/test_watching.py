"""Threat protection's settings and log export, as far as they are settings."""

from __future__ import annotations

from tests.devcloud.conformance.conftest import MakePool
from tests.devcloud.conformance.user_pool import refused

BLOCK = {"Actions": {"EventAction": "BLOCK"}}
GROUP = {"LogGroupArn": "arn:aws:logs:eu-west-1:000000000000:log-group:cognito"}


def test_risks_are_not_described_without_threat_protection(make_pool: MakePool) -> None:
    """https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DescribeRiskConfiguration.html"""
    app = make_pool()
    with refused("UserPoolAddOnNotEnabledException"):
        app.admin.describe_risk_configuration(UserPoolId=app.pool_id)
    with refused("UserPoolAddOnNotEnabledException"):
        app.admin.set_risk_configuration(UserPoolId=app.pool_id, CompromisedCredentialsRiskConfiguration=BLOCK)


def test_what_is_done_about_risks_is_kept(make_pool: MakePool) -> None:
    """https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SetRiskConfiguration.html"""
    app = make_pool(UserPoolTier="PLUS", UserPoolAddOns={"AdvancedSecurityMode": "ENFORCED"})
    app.admin.set_risk_configuration(UserPoolId=app.pool_id, CompromisedCredentialsRiskConfiguration=BLOCK)
    kept = app.admin.describe_risk_configuration(UserPoolId=app.pool_id)["RiskConfiguration"]
    assert kept["CompromisedCredentialsRiskConfiguration"] == BLOCK
    app.admin.set_risk_configuration(UserPoolId=app.pool_id)
    reset = app.admin.describe_risk_configuration(UserPoolId=app.pool_id)["RiskConfiguration"]
    assert "CompromisedCredentialsRiskConfiguration" not in reset


def test_logs_go_nowhere_until_told(make_pool: MakePool) -> None:
    """https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetLogDeliveryConfiguration.html"""
    app = make_pool()
    told = app.admin.get_log_delivery_configuration(UserPoolId=app.pool_id)["LogDeliveryConfiguration"]
    assert told == {"UserPoolId": app.pool_id, "LogConfigurations": []}


def test_logs_take_one_destination(make_pool: MakePool) -> None:
    """https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_LogConfigurationType.html"""
    app = make_pool()
    logs = {"LogLevel": "ERROR", "EventSource": "userNotification"}
    with refused("InvalidParameterException", "destination"):
        app.admin.set_log_delivery_configuration(UserPoolId=app.pool_id, LogConfigurations=[logs])
    chosen = [{**logs, "CloudWatchLogsConfiguration": GROUP}]
    app.admin.set_log_delivery_configuration(UserPoolId=app.pool_id, LogConfigurations=chosen)
    told = app.admin.get_log_delivery_configuration(UserPoolId=app.pool_id)["LogDeliveryConfiguration"]
    assert told["LogConfigurations"] == chosen
