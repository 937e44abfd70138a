"""A person's ID token, exchanged for temporary AWS credentials of the role that the identity pool gives them."""

from datetime import datetime
from typing import Any

from accounts.cognito.client import Gateway
from accounts.cognito.errors import Unreachable
from accounts.cognito.results import AwsCredentials


class IdentityPool(Gateway):
    """The identity pool, by its enhanced flow: the pool chooses the role, and no call is signed.

    https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow.html
    """

    def credentials(self, id_token: str) -> AwsCredentials:
        """Return credentials of whom the ``id_token`` speaks of. Two calls.

        Exactly one login goes along: with two, Cognito would make one identity of both. Raises NotAuthorized for a
        token that has run out, or whose person was signed out in the user pool, Unavailable, Misconfigured.
        https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_GetId.html
        https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_GetCredentialsForIdentity.html
        """
        logins = {self._config.login: id_token}
        found = self._call("GetId", IdentityPoolId=self._config.identity_pool_id, Logins=logins)
        answer = self._call("GetCredentialsForIdentity", IdentityId=identity_from(found), Logins=logins)
        # Where the login was linked meanwhile, the answer names another identity: these are its credentials.
        return credentials_from(answer, identity_from({**found, **answer}))


def identity_from(answer: dict[str, Any]) -> str:
    """Return the identity that ``answer`` names. Raises Unreachable for none, and for what is no name of a folder."""
    identity_id = answer.get("IdentityId")
    if not isinstance(identity_id, str) or not identity_id or "/" in identity_id:
        raise Unreachable("GetId", "EmptyAnswer")
    return identity_id


def credentials_from(answer: dict[str, Any], identity_id: str) -> AwsCredentials:
    """Return what GetCredentialsForIdentity answered for ``identity_id``. Raises Unreachable for less than all."""
    given = answer.get("Credentials") or {}
    key_id, secret, token = (given.get(name) for name in ("AccessKeyId", "SecretKey", "SessionToken"))
    expires = given.get("Expiration")
    if not (key_id and secret and token and isinstance(expires, datetime)):
        raise Unreachable("GetCredentialsForIdentity", "EmptyAnswer")
    return AwsCredentials(identity_id, key_id, secret, token, expires.timestamp())
