"""What signing in by COGNITO_PROVIDERS takes: the domain, what the app client lets it do, what providers write.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-identity-federation.html
"""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from accounts.cognito.config import CognitoConfig
from accounts.cognito.hosted_ui import SCOPES
from accounts.cognito.inspected import AppClientSettings, Provider, UserPoolSettings
from accounts.doctor.fixes import by_hand, change_client, region_of, setting, template, template_sets
from accounts.doctor.registry import Finding, rule
from accounts.doctor.site import Site

# What Cognito sets itself, so that no app client has to be able to write it.
NEVER_WRITTEN = {"username", "email_verified", "phone_number_verified"}
A_DOMAIN = "DomainPrefix set to a name that nobody has in the region"


def names(config: CognitoConfig) -> list[str]:
    """Return what the providers that people are offered are called in the pool."""
    return [provider.name for provider in config.providers]


def in_use(client: AppClientSettings, providers: tuple[Provider, ...]) -> Iterator[Provider]:
    """Yield the providers of the pool that sign people in by this app client."""
    return (provider for provider in providers if client.oauth and provider.name in client.providers)


def with_mapping(wrong: dict[str, list[str]], said: Callable[[str, str], str], change: str) -> Finding | None:
    """Return the finding that something is wrong with attributes, by provider."""
    if not wrong:
        return None
    words = f"aws cognito-idp update-identity-provider with an --attribute-mapping {change}."
    sentences = [f"AttributeMapping of {said(name, ', '.join(attributes))}." for name, attributes in wrong.items()]
    return Finding(" ".join(sentences), by_hand(words))


@rule("E715", "The buttons of COGNITO_PROVIDERS lead nowhere, or to another pool.")
def domain_is_the_pools(site: Site, pool: UserPoolSettings) -> Finding | None:
    """COGNITO_DOMAIN is a domain of the pool.

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain.html; another server at
    AWS_ENDPOINT_URL has its pages elsewhere.
    """
    config = site.config
    prefix = f"{pool.domain}.auth.{region_of(config.user_pool_id)}.amazoncognito.com" if pool.domain else ""
    theirs = [name for name in (pool.custom_domain, prefix) if name]
    if not config.domain or config.endpoint_url or urlsplit(config.domain).hostname in theirs:
        return None
    there = f"has {' and '.join(theirs)}" if theirs else "has no domain"
    mend = setting("COGNITO_DOMAIN", f"https://{theirs[0]}") if theirs else by_hand(template(A_DOMAIN))
    return Finding(f"COGNITO_DOMAIN is {config.domain}, and the pool {there}.", mend)


@rule("E716", "Cognito refuses people on their way to the provider.")
def people_can_come_back(site: Site, client: AppClientSettings) -> Finding | None:
    """CallbackURLs of the app client has /login/callback/ of SITE_URL where COGNITO_PROVIDERS names somebody."""
    address = f"{site.url}/login/callback/"
    if not site.config.providers or address in client.callback_urls:
        return None
    return Finding(
        f"CallbackURLs of the app client lacks {address}.",
        change_client(client, template(f"SiteUrl={site.url}"), CallbackURLs=[*client.callback_urls, address]),
    )


@rule("W717", "People who signed in by a provider end at an error of Cognito's when they sign out.")
def people_can_be_signed_out(site: Site, client: AppClientSettings) -> Finding | None:
    """LogoutURLs of the app client has /login/ of SITE_URL where COGNITO_PROVIDERS names somebody.

    https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html
    """
    address = f"{site.url}/login/"
    if not site.config.providers or address in client.logout_urls:
        return None
    return Finding(
        f"LogoutURLs of the app client lacks {address}.",
        change_client(client, template(f"SiteUrl={site.url}"), LogoutURLs=[*client.logout_urls, address]),
    )


@rule("E718", "Cognito refuses people on their way to the provider.")
def codes_are_granted(site: Site, client: AppClientSettings) -> Finding | None:
    """The app client grants authorization codes where COGNITO_PROVIDERS names somebody."""
    if not site.config.providers or (client.oauth and "code" in client.oauth_flows):
        return None
    flows = f"AllowedOAuthFlows of the app client is {', '.join(client.oauth_flows) or 'empty'}"
    return Finding(
        f"{flows}." if client.oauth else "AllowedOAuthFlowsUserPoolClient of the app client is off.",
        change_client(
            client,
            template_sets("AllowedOAuthFlows"),
            AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthFlows=["code"],
            AllowedOAuthScopes=list(client.oauth_scopes) or SCOPES.split(),
            CallbackURLs=list(client.callback_urls) or [f"{site.url}/login/callback/"],
        ),
    )


@rule("E719", "Cognito refuses people on their way to the provider (invalid_scope).")
def scopes_are_granted(site: Site, client: AppClientSettings) -> Finding | None:
    """The app client has every scope that the site asks for where COGNITO_PROVIDERS names somebody.

    https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html
    """
    missing = [scope for scope in SCOPES.split() if scope not in client.oauth_scopes]
    if not site.config.providers or not client.oauth or not missing:
        return None
    return Finding(
        f"AllowedOAuthScopes of the app client lacks {', '.join(missing)}.",
        change_client(client, template_sets("AllowedOAuthScopes"), AllowedOAuthScopes=[*client.oauth_scopes, *missing]),
    )


@rule("E720", "The button on the sign-in page ends at an error of Cognito's.")
def offered_providers_sign_in(site: Site, client: AppClientSettings) -> Finding | None:
    """Each of COGNITO_PROVIDERS is a provider of the app client (SupportedIdentityProviders)."""
    missing = sorted(set(names(site.config)) - set(client.providers))
    if not missing:
        return None
    return Finding(
        f"COGNITO_PROVIDERS has {', '.join(missing)}, and SupportedIdentityProviders of the app client has not.",
        change_client(
            client,
            "Take it out of COGNITO_PROVIDERS, or deploy the provider: docs/your-own-pool.md.",
            SupportedIdentityProviders=[*client.providers, *missing],
        ),
    )


@rule("E721", "Nobody new can sign in by it: Cognito makes no account without what the pool requires.")
def providers_give_what_is_required(
    client: AppClientSettings, pool: UserPoolSettings, providers: tuple[Provider, ...]
) -> Finding | None:
    """Providers of the app client write every attribute that the pool requires.

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-specifying-attribute-mapping.html
    """
    required = [attribute.name for attribute in pool.schema if attribute.required and attribute.name != "sub"]
    wrong = {
        provider.name: missing
        for provider in in_use(client, providers)
        if (missing := [name for name in required if name not in provider.mapping])
    }
    return with_mapping(wrong, "{} lacks {}".format, "that has all the pool requires")


@rule("E722", "People can sign in by it once, and never again: Cognito cannot write the attribute anew.")
def what_providers_write_can_change(
    client: AppClientSettings, pool: UserPoolSettings, providers: tuple[Provider, ...]
) -> Finding | None:
    """Providers of the app client write no attribute that cannot be changed (Mutable).

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SchemaAttributeType.html
    """
    fixed = {attribute.name for attribute in pool.schema if not attribute.mutable}
    wrong = {
        provider.name: found
        for provider in in_use(client, providers)
        if (found := sorted(fixed & set(provider.mapping)))
    }
    return with_mapping(wrong, "{} writes {}, which is not Mutable".format, "without it")


@rule("E723", "Signing in by it fails: Cognito writes what a provider says by way of the app client.")
def client_writes_what_providers_say(client: AppClientSettings, providers: tuple[Provider, ...]) -> Finding | None:
    """WriteAttributes of the app client has every attribute that its providers write.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html
    """
    written = {name for provider in in_use(client, providers) for name in provider.mapping} - NEVER_WRITTEN
    if client.writable is None or not (missing := sorted(written - client.writable)):
        return None
    return Finding(
        f"WriteAttributes of the app client lacks {', '.join(missing)}, which a provider writes.",
        change_client(client, template_sets("WriteAttributes"), WriteAttributes=sorted(client.writable | written)),
    )
