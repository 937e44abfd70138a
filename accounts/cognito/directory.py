"""What an AWS key may do in the pool: read how it is set up, and act on people."""

from accounts.cognito import answers
from accounts.cognito.client import Gateway
from accounts.cognito.results import PoolDescription


class Directory(Gateway):
    """The operations that AWS signs and IAM allows. The client must be a signed one.

    All raise Misconfigured where the key lacks the permission.
    """

    def describe(self) -> PoolDescription:
        """Return the pool's password policy, factors and the attributes this app client may write.

        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DescribeUserPool.html
        """
        pool_id = self._config.user_pool_id
        pool = self._call("DescribeUserPool", UserPoolId=pool_id)["UserPool"]
        client = self._call("DescribeUserPoolClient", UserPoolId=pool_id, ClientId=self._config.client_id)
        mfa = self._call("GetUserPoolMfaConfig", UserPoolId=pool_id)
        return answers.pool_description(pool, client["UserPoolClient"], mfa)

    def add_to_group(self, username: str, group: str) -> None:
        """Put ``username`` into ``group``; being in it already is no error. Raises UserNotFound, Misconfigured."""
        self._call("AdminAddUserToGroup", UserPoolId=self._config.user_pool_id, Username=username, GroupName=group)
