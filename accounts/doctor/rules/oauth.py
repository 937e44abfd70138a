"""What else the pool lets apps do: OAuth flows, callback addresses, domains, other clients, identity providers."""

from collections.abc import Callable
from urllib.parse import urlsplit

from accounts.cognito.inspected import AppClientSettings, Domain, Provider, UserPoolSettings
from accounts.doctor.fixes import TEMPLATE, Fix, aws, by_hand, change_client, template, template_sets
from accounts.doctor.registry import Finding, rule
from accounts.doctor.rules.attributes import POWER, powerful_custom, without_powerful
from accounts.doctor.site import Site

ADMIN_SCOPE = "aws.cognito.signin.user.admin"
OLD_TLS = {"TLS_V1"}
OWN_DIRECTORY = "COGNITO"
PROOFS = {"email_verified", "phone_number_verified"}
VERIFY = {"Google": {"email_verified"}, "SignInWithApple": {"email_verified"}}
OWN_CLIENT = f"Deploy {TEMPLATE}, whose app client has none."


def elsewhere(urls: tuple[str, ...], site: Site) -> list[str]:
    """Return those of ``urls`` that do not lead to the site, or not safely."""
    ours = urlsplit(site.url)
    parts = {url: urlsplit(url) for url in urls}
    return sorted(url for url, part in parts.items() if (part.scheme, part.netloc) != (ours.scheme, ours.netloc))


def keep_ours(urls: tuple[str, ...], site: Site) -> list[str]:
    """Return those of ``urls`` that lead to the site."""
    return sorted(set(urls) - set(elsewhere(urls, site)))


@rule("E701", "Tokens stand in the address bar, in histories and in logs.")
def no_implicit_flow(client: AppClientSettings) -> Finding | None:
    """The app client does not allow OAuth's implicit flow.

    RFC 9700, section 2.1.2.
    """
    if not client.oauth or "implicit" not in client.oauth_flows:
        return None
    kept = [flow for flow in client.oauth_flows if flow != "implicit"] or ["code"]
    return Finding(
        "AllowedOAuthFlows of the app client has implicit.",
        change_client(client, template_sets("AllowedOAuthFlows"), AllowedOAuthFlows=kept),
    )


@rule("W702", "Whoever has the client's secret gets tokens that belong to no person and look like a person's.")
def no_machine_tokens(client: AppClientSettings) -> Finding | None:
    """The app client does not allow OAuth's client credentials.

    https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
    """
    if not client.oauth or "client_credentials" not in client.oauth_flows:
        return None
    return Finding(
        "AllowedOAuthFlows of the app client has client_credentials.",
        by_hand("Make an app client of its own for machines, and take the flow away from this one."),
    )


@rule("E703", "Authorization codes are handed to whoever has that address.")
def callbacks_lead_here(site: Site, client: AppClientSettings) -> Finding | None:
    """CallbackURLs of the app client lead to SITE_URL only.

    RFC 9700, section 4.1.
    """
    foreign = elsewhere(client.callback_urls, site) if client.oauth else []
    if not foreign:
        return None
    kept = keep_ours(client.callback_urls, site) or [f"{site.url}/login/callback/"]
    return Finding(
        f"CallbackURLs of the app client has {', '.join(foreign)}, and SITE_URL is {site.url}.",
        change_client(client, template(f"SiteUrl={site.url}"), CallbackURLs=kept, DefaultRedirectURI=None),
    )


@rule("W704", "Signing out can lead people to a page that only looks like this one.")
def logouts_lead_here(site: Site, client: AppClientSettings) -> Finding | None:
    """LogoutURLs of the app client lead to SITE_URL only."""
    foreign = elsewhere(client.logout_urls, site) if client.oauth else []
    if not foreign:
        return None
    return Finding(
        f"LogoutURLs of the app client has {', '.join(foreign)}, and SITE_URL is {site.url}.",
        change_client(client, template(f"SiteUrl={site.url}"), LogoutURLs=keep_ours(client.logout_urls, site) or None),
    )


@rule("W705", "People who come by the domain cannot change their password, their profile or their factors here.")
def scopes_let_people_act(site: Site, client: AppClientSettings) -> Finding | None:
    """An app client with OAuth has the scopes openid and aws.cognito.signin.user.admin.

    https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html
    """
    missing = [scope for scope in ("openid", ADMIN_SCOPE) if scope not in client.oauth_scopes]
    if site.config.providers or not client.oauth or "code" not in client.oauth_flows or not missing:
        return None  # where the site itself sends people there, E719 is about all it asks for
    return Finding(
        f"AllowedOAuthScopes of the app client lacks {', '.join(missing)}.",
        change_client(client, AllowedOAuthScopes=[*client.oauth_scopes, *missing]),
    )


@rule("W706", "The domain lets people in past the site's limits, refusals and records, and the site does not use it.")
def managed_login_is_closed(site: Site, client: AppClientSettings, pool: UserPoolSettings) -> Finding | None:
    """The pool's domain signs nobody in by password for this app client, unless COGNITO_PROVIDERS has COGNITO."""
    name, others = pool.custom_domain or pool.domain, [each for each in client.providers if each != OWN_DIRECTORY]
    offered = any(provider.name == OWN_DIRECTORY for provider in site.config.providers)
    if not name or not client.oauth or offered or OWN_DIRECTORY not in client.providers:
        return None
    return Finding(
        f"AllowedOAuthFlowsUserPoolClient of the app client is on, with COGNITO among its providers, and the pool has "
        f"the domain {name}.",
        _without_page(client, others),
    )


def _without_page(client: AppClientSettings, others: list[str]) -> Fix:
    """Return the fix that leaves the domain to ``others``; where there are none, it takes OAuth off."""
    words = template("ManagedLogin=off")
    if others:
        return change_client(client, words, SupportedIdentityProviders=others)
    return change_client(
        client,
        words,
        AllowedOAuthFlowsUserPoolClient=False,
        AllowedOAuthFlows=None,
        AllowedOAuthScopes=None,
        CallbackURLs=None,
        LogoutURLs=None,
        DefaultRedirectURI=None,
    )


@rule("E707", "Signing in by the domain fails.")
def domains_are_active(site: Site, domains: tuple[Domain, ...]) -> Finding | None:
    """The pool's domains belong to it and are active.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DomainDescriptionType.html
    """
    pool_id = site.config.user_pool_id
    wrong = [domain for domain in domains if domain.status != "ACTIVE" or domain.pool_id != pool_id]
    if not wrong:
        return None
    states = {domain.name: domain.status if domain.pool_id in {"", pool_id} else "another pool's" for domain in wrong}
    said = ", ".join(f"{name} is {state or 'gone'}" for name, state in states.items())
    command = aws("cognito-idp", "describe-user-pool-domain", region=site.config.region, domain=wrong[0].name)
    return Finding(f"The pool's domain {said}.", Fix(words="Wait, or make it again.", command=command.command))


@rule("W708", "Browsers may be talked into TLS 1.0, which is broken.")
def domains_speak_good_tls(domains: tuple[Domain, ...]) -> Finding | None:
    """A custom domain of the pool takes TLS 1.2 at least (SecurityPolicy)."""
    old = [domain for domain in domains if domain.security_policy in OLD_TLS]
    if not old:
        return None
    return Finding(
        f"SecurityPolicy of the domain {old[0].name} is {old[0].security_policy}.",
        by_hand(
            f"aws cognito-idp update-user-pool-domain --domain {old[0].name}, with its certificate and "
            "SecurityPolicy=TLS_V1_2_2021 in --custom-domain-config."
        ),
    )


@rule("E709", "Signing in with it fails.")
def named_providers_exist(client: AppClientSettings, providers: tuple[Provider, ...]) -> Finding | None:
    """The pool has the identity providers that the app client names (SupportedIdentityProviders)."""
    missing = sorted(set(client.providers) - {"COGNITO"} - {provider.name for provider in providers})
    if not missing:
        return None
    kept = sorted(set(client.providers) - set(missing)) or ["COGNITO"]
    return Finding(
        f"SupportedIdentityProviders of the app client has {', '.join(missing)}, which the pool does not have.",
        change_client(client, template_sets("SupportedIdentityProviders"), SupportedIdentityProviders=kept),
    )


@rule("W710", "Whoever runs the provider decides what the attribute says, and what the site believes of it.")
def providers_prove_nothing(providers: tuple[Provider, ...]) -> Finding | None:
    """No identity provider writes an attribute that sounds like a right, and only Google and Apple email_verified.

    These two say it of what they have verified themselves. Cognito takes an address for unverified otherwise.
    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-specifying-attribute-mapping.html
    """
    mapped = [
        f"{provider.name}: {name}"
        for provider in providers
        for name in provider.mapping
        if name in PROOFS - VERIFY.get(provider.type, set()) or (name.startswith("custom:") and POWER.search(name))
    ]
    if not mapped:
        return None
    return Finding(
        f"AttributeMapping of an identity provider writes {', '.join(mapped)}.",
        by_hand(
            "aws cognito-idp update-identity-provider with an --attribute-mapping without it, unless you trust it."
        ),
    )


@rule("W711", "Amazon Pinpoint has ended on 30 October 2026, so what the client sends there is lost.")
def nothing_goes_to_pinpoint(client: AppClientSettings) -> Finding | None:
    """The app client has no AnalyticsConfiguration.

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-pinpoint-integration.html
    """
    if not client.has_analytics:
        return None
    return Finding(
        "AnalyticsConfiguration of the app client is set.",
        change_client(client, OWN_CLIENT, AnalyticsConfiguration=None),
    )


@rule("W712", "Without a secret anybody can say where they come from; below PLUS nobody reads it.")
def user_context_is_believed_with_reason(client: AppClientSettings, pool: UserPoolSettings) -> Finding | None:
    """EnablePropagateAdditionalUserContextData is on only with a client secret and the feature plan PLUS.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-viewing-threat-protection-app.html
    """
    if not client.passes_user_context or (client.has_secret and pool.tier == "PLUS"):
        return None
    return Finding(
        "EnablePropagateAdditionalUserContextData of the app client is on.",
        change_client(client, OWN_CLIENT, EnablePropagateAdditionalUserContextData=False),
    )


def lax(
    clients: tuple[AppClientSettings, ...], is_wrong: Callable[[AppClientSettings], object]
) -> list[AppClientSettings]:
    """Return those of ``clients`` that are wrong."""
    return [client for client in clients if is_wrong(client)]


@rule("E713", "Whoever knows its id goes around what this site's own client hides.")
def other_clients_hide_existence_too(other_clients: tuple[AppClientSettings, ...]) -> Finding | None:
    """No other app client of the pool tells who has an account."""
    wrong = lax(other_clients, lambda client: client.user_existence_errors != "ENABLED")
    if not wrong:
        return None
    return Finding(
        f"PreventUserExistenceErrors of the app client {wrong[0].id} ({wrong[0].name}) is "
        f"{wrong[0].user_existence_errors}.",
        change_client(wrong[0], "Delete the client if nothing uses it.", PreventUserExistenceErrors="ENABLED"),
    )


@rule("E714", "Anybody who signs in through it can give themselves what the attribute stands for.")
def other_clients_write_no_rights(
    other_clients: tuple[AppClientSettings, ...], pool: UserPoolSettings
) -> Finding | None:
    """No other app client of the pool may write a custom attribute that sounds like a right."""
    wrong = lax(other_clients, lambda client: powerful_custom(client, pool))
    if not wrong:
        return None
    return Finding(
        f"WriteAttributes of the app client {wrong[0].id} ({wrong[0].name}) has "
        f"{', '.join(powerful_custom(wrong[0], pool))}.",
        change_client(
            wrong[0],
            "Delete the client if nothing uses it.",
            WriteAttributes=without_powerful(wrong[0], pool),
        ),
    )
