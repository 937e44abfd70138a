"""The groups of the pool: what takes an AWS key and concerns nobody in particular."""

from accounts.cognito import answers
from accounts.cognito.client import Gateway
from accounts.cognito.results import Group, GroupsPage, PeoplePage

LARGEST_PAGE = 60  # groups or people; Cognito returns no more at a time
MOST_GROUPS = 1200  # read of a pool, which may have 10 000: a page that shows more helps nobody


class Groups(Gateway):
    """The operations on groups that AWS signs and IAM allows. The client must be a signed one.

    All raise Misconfigured where the key lacks the permission. A group is known by its name, upper and lower case told
    apart, and keeps it: Cognito has no operation to rename one.
    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-user-groups.html
    """

    def get(self, name: str) -> Group:
        """Return the group called ``name``. Raises GroupNotFound.

        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetGroup.html
        """
        answer = self._call("GetGroup", UserPoolId=self._config.user_pool_id, GroupName=name)
        return answers.group(answer.get("Group") or {}, operation="GetGroup")

    def page(self, *, token: str = "") -> GroupsPage:
        """Return the first groups of the pool, or those that follow the page which answered ``token``.

        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListGroups.html
        """
        pool_id = self._config.user_pool_id
        return answers.groups(
            self._call("ListGroups", UserPoolId=pool_id, Limit=LARGEST_PAGE, NextToken=token or None),
        )

    def every(self) -> tuple[Group, ...]:
        """Return the groups of the pool in Cognito's order, no more than MOST_GROUPS."""
        found: list[Group] = []
        token = ""
        while len(found) < MOST_GROUPS:
            page = self.page(token=token)
            found += page.groups
            token = page.next_token
            if not token:
                break
        return tuple(found[:MOST_GROUPS])

    def members(self, name: str, *, token: str = "") -> PeoplePage:
        """Return the first members of the group, or those that follow the page which answered ``token``.

        Raises GroupNotFound; InputRejected for a token that is none.
        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsersInGroup.html
        """
        answer = self._call(
            "ListUsersInGroup",
            UserPoolId=self._config.user_pool_id,
            GroupName=name,
            Limit=LARGEST_PAGE,
            NextToken=token or None,
        )
        return answers.members(answer)

    def create(
        self, name: str, *, description: str = "", precedence: int | None = None, role_arn: str | None = None
    ) -> Group:
        """Make the group ``name`` and return it. Raises GroupExists, InputRejected, TooManyAttempts for one too many.

        Of several groups, the one of the lowest ``precedence`` (0 or more, None for none) decides the IAM role, which
        is ``role_arn``.
        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateGroup.html
        """
        answer = self._call(
            "CreateGroup",
            UserPoolId=self._config.user_pool_id,
            GroupName=name,
            Description=description,
            Precedence=precedence,
            RoleArn=role_arn or None,
        )
        return answers.group(answer.get("Group") or {}, operation="CreateGroup")

    def update(self, name: str, *, description: str, precedence: int | None = None) -> Group:
        """Give the group another description, and another precedence unless None, and return it. Raises GroupNotFound.

        What is left out stays as it is: a precedence cannot be taken away again.
        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateGroup.html
        """
        answer = self._call(
            "UpdateGroup",
            UserPoolId=self._config.user_pool_id,
            GroupName=name,
            Description=description,
            Precedence=precedence,
        )
        return answers.group(answer.get("Group") or {}, operation="UpdateGroup")

    def delete(self, name: str) -> None:
        """Delete the group; its members stay in the pool. Raises GroupNotFound.

        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DeleteGroup.html
        """
        self._call("DeleteGroup", UserPoolId=self._config.user_pool_id, GroupName=name)
