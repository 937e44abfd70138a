"""The variables that a site needs for the pool of a stack, named in docs/settings.md."""

from __future__ import annotations

from infra.account import Account, in_words
from infra.stack import State


def variables(account: Account, state: State) -> dict[str, str]:
    """Return them by name, all but the client's secret; empty for a stack that has made nothing yet.

    Another server than AWS has the pages of a domain at its own address.
    """
    outputs, parameters = state.outputs, state.parameters
    if "UserPoolId" not in outputs:
        return {}
    pool_id, endpoint = outputs["UserPoolId"], account.endpoint
    domain = outputs.get("DomainUrl", "")
    elsewhere = {
        "AWS_ENDPOINT_URL": endpoint,
        "COGNITO_JWKS_URL": f"{endpoint}/{pool_id}/.well-known/jwks.json",
    }
    return {
        "SITE_URL": parameters["SiteUrl"],
        "AWS_REGION": account.region,
        **(elsewhere if endpoint else {}),
        "COGNITO_USER_POOL_ID": pool_id,
        "COGNITO_CLIENT_ID": outputs["ClientId"],
        "COGNITO_ISSUER": outputs["Issuer"],
        "COGNITO_SIGN_IN_WITH": parameters["SignInWith"],
        "COGNITO_REGISTRATION": parameters["Registration"],
        "COGNITO_DOMAIN": endpoint if domain and endpoint else domain,
        "COGNITO_PROVIDERS": outputs.get("Providers", ""),
        "COGNITO_DEFAULT_GROUP": outputs.get("DefaultGroup", ""),
        "COGNITO_STAFF_GROUP": outputs["StaffGroup"],
        "COGNITO_SUPERUSER_GROUP": outputs["SuperuserGroup"],
        "COGNITO_IDENTITY_POOL_ID": outputs.get("IdentityPoolId", ""),
        "FILES_BUCKET": outputs.get("FilesBucket", ""),
    }


def secret(account: Account, state: State) -> dict[str, str]:
    """Return ``COGNITO_CLIENT_SECRET``, read from Cognito: no output of a stack may hold it.

    Raises DeploymentError in one of its kinds.
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DescribeUserPoolClient.html
    """
    with in_words():
        client = account.client("cognito-idp").describe_user_pool_client(
            UserPoolId=state.outputs["UserPoolId"], ClientId=state.outputs["ClientId"]
        )
    return {"COGNITO_CLIENT_SECRET": client["UserPoolClient"]["ClientSecret"]}
