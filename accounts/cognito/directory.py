"""What an AWS key may do in the pool: read how it is set up, find people, and act on them.

https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-manage-user-accounts.html
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from accounts.cognito import answers
from accounts.cognito.client import Gateway
from accounts.cognito.errors import CognitoError, Unreachable, UserNotFound, lacks_operation
from accounts.cognito.factors import Factor
from accounts.cognito.filters import LONGEST_FILTER, Searchable, matching
from accounts.cognito.identities import SUBJECT, Identity
from accounts.cognito.results import AuthEvent, PeoplePage, Person, PoolDescription

MOST_LISTED = 60  # people, groups or events in one answer of Cognito's


class Directory(Gateway):
    """The operations that AWS signs and IAM allows. The client must be a signed one.

    All raise Misconfigured where the key lacks the permission, Unavailable (Throttled is one) while Cognito cannot
    answer, and those on a person UserNotFound, besides what each names. ``username`` is the pool's own name for the
    person; names may be given to somebody else once an account is deleted, so whoever acts on a person they know takes
    it from :meth:`known` first.
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

    def estimated_size(self) -> int:
        """Return about how many people the pool has, 0 where it does not say.

        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolType.html
        """
        pool = self._call("DescribeUserPool", UserPoolId=self._config.user_pool_id).get("UserPool") or {}
        return int(pool.get("EstimatedNumberOfUsers") or 0)

    def get(self, username: str) -> Person:
        """Return the person, second factors included. AWS bills them as active this month, which ListUsers does not.

        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminGetUser.html
        """
        return answers.person(self._on("AdminGetUser", username), operation="AdminGetUser")

    def known(self, sub: str, username: str = "") -> Person | None:
        """Return the person whose ``sub`` it is, None for nobody; without second factors.

        ListUsers may not show yet what has just changed, so nobody counts as gone before AdminGetUser has said so of
        ``username``, the name they had.
        """
        page = self.list_people(filter=matching("sub", sub))
        if page.people or not username:
            return next((person for person in page.people if person.sub == sub), None)
        try:
            person = self.get(username)
        except UserNotFound:
            return None
        return person if person.sub == sub else None

    def list_people(
        self,
        *,
        filter: str = "",  # noqa: A002 -- AWS's name for it
        attributes: Sequence[str] | None = None,
        limit: int = MOST_LISTED,
        token: str = "",
    ) -> PeoplePage:
        """Return at most ``limit`` (60) people, without second factors, and the token of the next page.

        ``filter`` is made by :func:`matching`. ``attributes`` are the only ones wanted; ``sub`` has to be among them
        to be known. A page with few people, or none, may have a next one. Raises InputRejected.
        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsers.html
        """
        answer = self._call(
            "ListUsers",
            UserPoolId=self._config.user_pool_id,
            Filter=filter or None,
            AttributesToGet=list(attributes) if attributes else None,
            Limit=limit,
            PaginationToken=token or None,
        )
        return answers.people(answer)

    def find(self, field: Searchable, beginning: str, *, limit: int = MOST_LISTED) -> tuple[Person, ...]:
        """Return at most ``limit`` people whose ``field`` begins with ``beginning``, without second factors.

        Nobody for a beginning longer than a filter may be.
        """
        wanted = matching(field, beginning, prefix=True)
        return self.list_people(filter=wanted, limit=limit).people if len(wanted) <= LONGEST_FILTER else ()

    def create(
        self,
        username: str,
        attributes: Mapping[str, str],
        *,
        send_mail: bool,
        resend: bool = False,
        language: str = "",
        temporary_password: str = "",
        by_text: bool = False,
    ) -> Person:
        """Create an account and mail a temporary password, unless ``send_mail`` is False; return the person.

        With ``by_text`` it goes to the number. With ``resend`` the account exists, and gets a new temporary password.
        Without ``temporary_password`` Cognito makes one; but in a pool where people may sign in by a mailed code, they
        then have no password at all, and nothing to accept. ``language`` (BCP 47) is for a pool whose CustomMessage
        function knows ``language`` in its client metadata.
        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUser.html

        Raises UsernameTaken, AliasTaken, InputRejected (with ``resend``: they have accepted), RefusedByTrigger,
        CodeNotDelivered (the account then exists).
        """
        action = "RESEND" if resend else None if send_mail else "SUPPRESS"
        answer = self._on(
            "AdminCreateUser",
            username,
            UserAttributes=named_values(attributes),
            TemporaryPassword=temporary_password or None,
            DesiredDeliveryMediums=["SMS" if by_text else "EMAIL"],
            MessageAction=action,
            ClientMetadata={"language": language} if language else None,
        )
        return answers.person(answer.get("User") or {}, operation="AdminCreateUser")

    def confirm(self, username: str) -> None:
        """Confirm a registration without its code; that proves no address. Raises NotAuthorized where nothing waits.

        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminConfirmSignUp.html
        """
        self._on("AdminConfirmSignUp", username)

    def disable(self, username: str) -> None:
        """Let the person in no longer, and revoke all their tokens. Of somebody disabled it is no error.

        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminDisableUser.html
        """
        self._on("AdminDisableUser", username)

    def enable(self, username: str) -> None:
        """Let the person in again. Tokens that were revoked stay revoked."""
        self._on("AdminEnableUser", username)

    def reset_password(self, username: str) -> None:
        """Make the password useless and send a code to choose another.

        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminResetUserPassword.html

        Raises NotAuthorized (in no state for it), InputRejected (no proved address to send to), TooManyAttempts.
        """
        self._on("AdminResetUserPassword", username)

    def sign_out(self, username: str) -> None:
        """Revoke all tokens of the person.

        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminUserGlobalSignOut.html
        """
        self._on("AdminUserGlobalSignOut", username)

    def delete(self, username: str) -> None:
        """Delete the account for good."""
        self._on("AdminDeleteUser", username)

    def delete_software_token(self, username: str) -> None:
        """Forget the person's authenticator app; on a server without the operation, turn it off.

        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminDeleteSoftwareToken.html

        Raises InputRejected.
        """
        try:
            self._on("AdminDeleteSoftwareToken", username)
        except CognitoError as error:
            if not lacks_operation(error):
                raise
            self.set_mfa_preference(username, {Factor.TOTP: (False, False)})

    def set_mfa_preference(
        self, username: str, factors: Mapping[Factor, tuple[bool, bool]], *, passkeys: bool | None = None
    ) -> None:
        """Switch ``factors``: whether each is on, and whether it is preferred. Others stay as they are.

        ``passkeys`` says whether a passkey stands for both steps of this person; None leaves that as it is.
        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminSetUserMFAPreference.html

        Raises InputRejected for one the pool or the person cannot use.
        """
        self._on(
            "AdminSetUserMFAPreference",
            username,
            **{
                factor.setting: {"Enabled": enabled, "PreferredMfa": enabled and preferred}
                for factor, (enabled, preferred) in factors.items()
            },
            WebAuthnMfaSettings=None if passkeys is None else {"Enabled": passkeys},
        )

    def update_attributes(self, username: str, attributes: Mapping[str, str]) -> None:
        """Write ``attributes``, ``email_verified`` and ``phone_number_verified`` among them.

        A pool that wants a new address proved before it counts keeps the old one, and mails a code to the new one,
        unless the call says that it is verified.
        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminUpdateUserAttributes.html

        Raises AliasTaken, InputRejected.
        """
        self._on("AdminUpdateUserAttributes", username, UserAttributes=named_values(attributes))

    def set_permanent_password(self, username: str, password: str) -> None:
        """Give the person the password they have just chosen themselves. Raises PasswordRejected, InputRejected.

        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminSetUserPassword.html
        """
        self._on("AdminSetUserPassword", username, Password=password, Permanent=True)

    def groups_of(self, username: str) -> tuple[str, ...]:
        """Return the names of all groups the person is in, in Cognito's order.

        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminListGroupsForUser.html
        """
        pages = self._pages("AdminListGroupsForUser", username, Limit=MOST_LISTED)
        return tuple(group["GroupName"] for page in pages for group in page.get("Groups") or ())

    def add_to_group(self, username: str, group: str) -> None:
        """Put ``username`` into ``group``; being in it already is no error. Raises Misconfigured for no such group."""
        self._on("AdminAddUserToGroup", username, GroupName=group)

    def remove_from_group(self, username: str, group: str) -> None:
        """Take ``username`` out of ``group``; not being in it is no error. Raises Misconfigured for no such group."""
        self._on("AdminRemoveUserFromGroup", username, GroupName=group)

    def auth_events(self, username: str, limit: int = MOST_LISTED) -> tuple[AuthEvent, ...]:
        """Return the person's newest sign-ins and codes, at most ``limit``, as Cognito itself recorded them.

        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminListUserAuthEvents.html

        Raises Misconfigured where the pool has no threat protection.
        """
        pages = self._pages("AdminListUserAuthEvents", username, MaxResults=min(limit, MOST_LISTED))
        events = (event for page in pages for event in page.get("AuthEvents") or ())
        return tuple(answers.auth_event(event) for event in islice(events, limit))

    def first_factors(self, username: str) -> frozenset[str]:
        """Return what the person may begin a sign-in with, as challenges: PASSWORD, EMAIL_OTP, SMS_OTP, WEB_AUTHN.

        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminGetUserAuthFactors.html
        """
        return frozenset(self._on("AdminGetUserAuthFactors", username).get("ConfiguredUserAuthFactors") or ())

    def link(self, identity: Identity, to: Identity) -> None:
        """Have whoever signs in as ``identity`` from now on be the profile that began as ``to``.

        The identity must have no profile of its own, and no other may be linked to it: Cognito merges nobody.
        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminLinkProviderForUser.html

        Raises InputRejected (linked already, to whomever, or with a profile of its own), AliasTaken, TooManyAttempts
        (as many as there can be), Misconfigured. InputRejected has been seen where the link was made all the same.
        """
        self._call(
            "AdminLinkProviderForUser",
            UserPoolId=self._config.user_pool_id,
            DestinationUser={"ProviderName": to.provider, "ProviderAttributeValue": to.user_id},
            SourceUser=by_subject(identity),
        )

    def unlink(self, identity: Identity) -> None:
        """Have whoever signs in as ``identity`` be somebody new from now on. Their tokens are left alone.

        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminDisableProviderForUser.html

        Raises InputRejected where it is linked to nobody, AliasTaken, Misconfigured.
        """
        self._call("AdminDisableProviderForUser", UserPoolId=self._config.user_pool_id, User=by_subject(identity))

    def _on(self, operation: str, username: str, **parameters: Any) -> dict[str, Any]:
        """Return the answer to an operation on one person."""
        return self._call(operation, UserPoolId=self._config.user_pool_id, Username=username, **parameters)

    def _pages(self, operation: str, username: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        """Yield every answer to an operation that answers in pages. Raises Unreachable for one that has no end."""
        token = None
        while True:
            page = self._on(operation, username, NextToken=token, **parameters)
            yield page
            before, token = token, page.get("NextToken") or None
            if token is None:
                return
            if token == before:
                raise Unreachable(operation, "SamePageAgain")


def by_subject(identity: Identity) -> dict[str, str]:
    """Return ``identity`` as Cognito's ProviderUserIdentifierType, named by what the provider calls its subject."""
    return {
        "ProviderName": identity.provider,
        "ProviderAttributeName": SUBJECT,
        "ProviderAttributeValue": identity.user_id,
    }


def named_values(attributes: Mapping[str, str]) -> list[dict[str, str]]:
    """Return ``attributes`` as Cognito's list of AttributeType."""
    return [{"Name": name, "Value": value} for name, value in attributes.items()]
