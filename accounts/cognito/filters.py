"""What people are found by in the pool, written as ListUsers wants it. Apart from the gateway, which needs boto3."""

from typing import Literal

# What people are found by. ListUsers takes more: https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-manage-user-accounts.html#cognito-user-pools-searching-for-users-using-listusers-api
Searchable = Literal["email", "username", "name", "sub", "phone_number"]
LONGEST_FILTER = 256  # characters


def matching(field: Searchable, value: str, *, prefix: bool = False) -> str:
    r"""Return the filter of ListUsers for a ``field`` that is ``value``, or begins with it; any text is safe in it.

    Quotation marks have to be escaped with a backslash, and so has the backslash, lest one at the end of the value take
    the closing quotation mark with it.
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsers.html
    """
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{field} {"^=" if prefix else "="} "{quoted}"'
