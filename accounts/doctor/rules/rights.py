"""What the site's AWS key may do: neither less than the settings need nor more."""

from accounts.cognito.inspected import Principal
from accounts.doctor.fixes import TEMPLATE, by_hand, template
from accounts.doctor.registry import Finding, rule
from accounts.doctor.site import ADMINISTERING, DANGEROUS, Site

ANOTHER = "Where this is an operator's key, name the site's own with --principal."
PARAMETERS = {
    "AdminAddUserToGroup": "DefaultGroup",
    "AdminInitiateAuth": "AdminPasswordAuth=on",
    "AdminCreateUser": "Registration=admin",
}


@rule("E921", "What the settings ask for fails.")
def key_is_good_for_the_settings(site: Site, principal: Principal) -> Finding | None:
    """The site's key may do what the settings need.

    docs/your-own-pool.md, Permissions.
    """
    missing = sorted(site.needed_actions() - principal.allowed)
    if not missing:
        return None
    names = {action.partition(":")[2] for action in missing}
    parameters = [value for action, value in PARAMETERS.items() if action in names]
    words = template(" and ".join(parameters)) if parameters else f"Deploy {TEMPLATE}, whose SitePolicy allows it."
    return Finding(
        f"{principal.arn} may not {', '.join(missing)}.",
        by_hand(f"{words} Attach its output SitePolicyArn to {principal.arn}."),
    )


@rule("W922", "Whoever steals the key can do it, too.")
def key_is_good_for_nothing_else(site: Site, principal: Principal) -> Finding | None:
    """The site's key may do nothing that no setting needs.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege
    """
    administers = principal.allowed >= ADMINISTERING
    needed = site.needed_actions() | (ADMINISTERING if administers else frozenset())
    too_much = sorted((principal.allowed & DANGEROUS) - needed)
    if not too_much or principal.is_root:
        return None
    return Finding(
        f"{principal.arn} may {', '.join(too_much)}.",
        by_hand(f"Take away its other policies, and attach the output SitePolicyArn of {TEMPLATE}. {ANOTHER}"),
    )


@rule("W923", "The key of an account's root can do everything, and no policy limits it.")
def key_is_not_the_roots(key: str) -> Finding | None:
    """The site's key is not the root's.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html
    """
    if not key.endswith(":root"):
        return None
    return Finding(f"The AWS key is that of {key}.", by_hand(f"Run the site as a role with SitePolicyArn. {ANOTHER}"))


@rule("W924", "Some acts of the admin pages work and others fail, and it shows only when one is tried.")
def administration_is_whole(site: Site, principal: Principal) -> Finding | None:
    """The site's key may do all acts of administrators or none."""
    others = ADMINISTERING - site.needed_actions()
    allowed = others & principal.allowed
    if not allowed or allowed == others:
        return None
    missing = sorted(others - allowed)
    return Finding(
        f"{principal.arn} may act on people and groups, but not {', '.join(missing)}.",
        by_hand(f"{template('Administration=on')} Attach its output SitePolicyArn to {principal.arn}."),
    )


@rule("I925", "It lies in the environment for years, and works from everywhere.")
def key_is_a_roles(site: Site, key: str) -> Finding | None:
    """The site's key is that of a role, unless the site runs on somebody's own machine.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-workloads-use-roles
    """
    if ":user/" not in key or site.is_local:
        return None
    return Finding(
        f"The AWS key is that of the user {key}.",
        by_hand(
            "Run the site as a role (of the instance, the task or the pod) with SitePolicyArn, and delete the key."
        ),
    )
