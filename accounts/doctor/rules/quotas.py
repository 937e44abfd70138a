"""Whether the pool's quotas fit the site."""

from accounts.cognito.inspected import AppClientSettings
from accounts.doctor.fixes import Fix
from accounts.doctor.registry import Finding, rule
from accounts.doctor.site import Site

SHARE = 0.5  # of the quota: the other half is for signing in


@rule("W931", "Beyond the quota Cognito throttles, and then nobody can sign in.")
def refreshes_fit_the_quota(
    site: Site, client: AppClientSettings, live_sessions: int, sign_in_quota: float | None
) -> Finding | None:
    """Refreshing the tokens of all sessions that are open takes less than half of the quota for signing in.

    https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html: a refresh counts as UserAuthentication.
    """
    seconds = max(1, client.access_token_seconds - site.refresh_margin)
    a_second = live_sessions / seconds
    if not sign_in_quota or a_second <= SHARE * sign_in_quota:
        return None
    return Finding(
        f"{live_sessions} sessions refresh up to {a_second:.0f} times a second (AccessTokenValidity), and the quota "
        f"'Rate of UserAuthentication requests' is {sign_in_quota:.0f}.",
        Fix(
            words="Ask for a higher quota in Service Quotas, or have access tokens live longer, up to an hour.",
            command="aws service-quotas list-service-quotas --service-code cognito-idp",
        ),
    )
