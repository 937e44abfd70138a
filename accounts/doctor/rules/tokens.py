"""How long tokens live, against the site's sessions, and how they end."""

from typing import Any

from accounts.cognito.inspected import AppClientSettings
from accounts.cognito.sign_in_names import NameKind
from accounts.doctor.fixes import change_client, template_sets
from accounts.doctor.registry import Finding, rule
from accounts.doctor.rules.signing_in import forbidding
from accounts.doctor.site import Site

LONGEST_ACCESS = 60 * 60  # seconds
SHORTEST_GRACE = 10  # seconds; a page that waits for a slow answer is repeated within it
SHORTEST_USE = 5 * 60  # seconds of an access token between two refreshes
UNITS = (("day", 24 * 60 * 60), ("hour", 60 * 60), ("minute", 60), ("second", 1))
NEEDED_CLAIMS = {"email", "email_verified", "name"}
CLAIMS_OF_PHONES = {"phone_number", "phone_number_verified"}


def words(seconds: int) -> str:
    """Return a life in words, in the largest unit that fits."""
    unit, size = next((name, size) for name, size in UNITS if seconds % size == 0)
    number = seconds // size
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def lives(token: str, seconds: int) -> dict[str, Any]:
    """Return the changes that have ``token`` (as in AccessToken) live for ``seconds``."""
    return {f"{token}Validity": seconds // 60, "TokenValidityUnits": {token: "minutes"}}


@rule("E201", "Signing out ends nothing at Cognito: a stolen refresh token goes on working until it expires.")
def tokens_can_be_revoked(client: AppClientSettings) -> Finding | None:
    """EnableTokenRevocation of the app client is on.

    https://docs.aws.amazon.com/cognito/latest/developerguide/token-revocation.html
    """
    if client.revokes_tokens:
        return None
    return Finding(
        "EnableTokenRevocation of the app client is off.",
        change_client(client, template_sets("EnableTokenRevocation"), EnableTokenRevocation=True),
    )


@rule("W202", "A refresh token that leaked once works as long as the session, and nobody notices.")
def refresh_tokens_rotate(client: AppClientSettings) -> Finding | None:
    """RefreshTokenRotation of the app client is ENABLED.

    A client that rotates may not allow ALLOW_REFRESH_TOKEN_AUTH.
    https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html
    """
    if client.rotates:
        return None
    return Finding(
        "RefreshTokenRotation of the app client is not ENABLED.",
        change_client(
            client,
            template_sets("RefreshTokenRotation"),
            RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": 30},
            ExplicitAuthFlows=forbidding(client, "ALLOW_REFRESH_TOKEN_AUTH"),
        ),
    )


@rule("W203", "Whoever's answer with the new token is lost on the way is signed out.")
def rotation_has_a_grace_period(client: AppClientSettings) -> Finding | None:
    """A refresh token that was replaced still works for some seconds."""
    if not client.rotates or client.grace_seconds >= SHORTEST_GRACE:
        return None
    rotation = {"Feature": "ENABLED", "RetryGracePeriodSeconds": 30}
    return Finding(
        f"RetryGracePeriodSeconds of the app client is {client.grace_seconds}.",
        change_client(client, template_sets("RefreshTokenRotation"), RefreshTokenRotation=rotation),
    )


@rule("W204", "People are signed out before the time that SESSION_ABSOLUTE_SECONDS promises.")
def refresh_tokens_outlive_sessions(site: Site, client: AppClientSettings) -> Finding | None:
    """A refresh token lives at least as long as a session of the site."""
    if client.refresh_token_seconds >= site.session_seconds:
        return None
    return Finding(
        f"RefreshTokenValidity of the app client is {words(client.refresh_token_seconds)}, and "
        f"SESSION_ABSOLUTE_SECONDS is {words(site.session_seconds)}.",
        change_client(
            client,
            f"Set SESSION_ABSOLUTE_SECONDS={client.refresh_token_seconds} in the site's environment.",
            **lives("RefreshToken", site.session_seconds),
        ),
    )


@rule("I205", "A token that is not revoked, because Cognito was away when the session ended, works on for nothing.")
def refresh_tokens_end_with_sessions(site: Site, client: AppClientSettings) -> Finding | None:
    """A refresh token lives no longer than twice a session of the site."""
    if client.refresh_token_seconds <= 2 * site.session_seconds:
        return None
    return Finding(
        f"RefreshTokenValidity of the app client is {words(client.refresh_token_seconds)}, and a session ends after "
        f"{words(site.session_seconds)}.",
        change_client(client, **lives("RefreshToken", max(site.session_seconds, 60 * 60))),
    )


@rule("W206", "Every open browser refreshes every few minutes, and each refresh counts against the pool's quota.")
def access_tokens_live_beyond_the_margin(site: Site, client: AppClientSettings) -> Finding | None:
    """An access token lives some minutes longer than the margin before its end in which the site refreshes it."""
    if client.access_token_seconds >= site.refresh_margin + SHORTEST_USE:
        return None
    return Finding(
        f"AccessTokenValidity of the app client is {words(client.access_token_seconds)}, and the site refreshes "
        f"{words(site.refresh_margin)} before its end.",
        change_client(client, template_sets("AccessTokenValidity"), **lives("AccessToken", LONGEST_ACCESS)),
    )


@rule("W207", "Whoever is disabled, deleted or taken out of a group keeps what they had until the next refresh.")
def access_tokens_are_renewed(client: AppClientSettings) -> Finding | None:
    """An access token lives for an hour at most.

    https://docs.aws.amazon.com/cognito/latest/developerguide/token-revocation.html: a token that is checked without
    Cognito is good until it expires.
    """
    if client.access_token_seconds <= LONGEST_ACCESS:
        return None
    return Finding(
        f"AccessTokenValidity of the app client is {words(client.access_token_seconds)}.",
        change_client(client, template_sets("AccessTokenValidity"), **lives("AccessToken", LONGEST_ACCESS)),
    )


@rule("E208", "The site learns no address and no name of those who sign in.")
def claims_can_be_read(site: Site, client: AppClientSettings) -> Finding | None:
    """The app client may read email, email_verified and name, and of numbers the same where people sign in with them.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
    """
    with_phone = NameKind.PHONE in site.config.sign_in_with.kinds
    needed = NEEDED_CLAIMS | (CLAIMS_OF_PHONES if with_phone else set())
    missing = sorted(needed - client.readable) if client.readable is not None else []
    if not missing:
        return None
    return Finding(
        f"ReadAttributes of the app client lacks {', '.join(missing)}.",
        change_client(
            client,
            template_sets("ReadAttributes"),
            ReadAttributes=sorted((client.readable or frozenset()) | needed),
        ),
    )
