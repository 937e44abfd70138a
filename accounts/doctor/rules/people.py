"""Who may have an account, under which name, with which password, and in which groups."""

from accounts.cognito.inspected import Group, UserPoolSettings
from accounts.cognito.sign_in_names import NameKind, SignInWith
from accounts.doctor.fixes import (
    TEMPLATE,
    Fix,
    another_pool,
    aws,
    by_hand,
    change_pool,
    setting,
    template,
    template_sets,
)
from accounts.doctor.registry import Finding, rule
from accounts.doctor.site import Site

SHORTEST = 8  # characters: OWASP ASVS 5.0, 6.2.1; NIST SP 800-63B-4, 3.1.1.2, where there is a second factor
SHORTEST_ALONE = 15  # characters: NIST SP 800-63B-4, 3.1.1.2, where a password is all
LONGEST_INVITATION = 7  # days


@rule("W401", "Ada@example.com and ada@example.com are two accounts, and people are told that theirs does not exist.")
def case_does_not_count(pool: UserPoolSettings) -> Finding | None:
    """User names are the same whatever their case (CaseSensitive).

    A pool that was made by the API without saying so is case-sensitive.
    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-case-sensitivity.html
    """
    if not pool.case_sensitive:
        return None
    return Finding("UsernameConfiguration of the pool has CaseSensitive on.", another_pool())


@rule("E402", "People cannot sign in with what the form asks them for, or cannot register with it.")
def people_sign_in_with_what_the_form_asks(site: Site, pool: UserPoolSettings) -> Finding | None:
    """COGNITO_SIGN_IN_WITH is what the pool was made for (UsernameAttributes, AliasAttributes).

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html#user-pool-settings-aliases
    """
    asked, possible = site.config.sign_in_with, ways_of(pool)
    if asked in possible:
        return None
    made_for = ", ".join(pool.username_attributes) or "empty"
    aliases = ", ".join(pool.alias_attributes) or "empty"
    return Finding(
        f"COGNITO_SIGN_IN_WITH is {asked}, UsernameAttributes of the pool is {made_for}, and AliasAttributes is "
        f"{aliases}.",
        setting("COGNITO_SIGN_IN_WITH", possible[0]),
    )


def ways_of(pool: UserPoolSettings) -> list[SignInWith]:
    """Return the values of COGNITO_SIGN_IN_WITH that work with ``pool``, first the one that names all its aliases."""
    if pool.username_attributes:
        ways = [SignInWith.EMAIL, SignInWith.PHONE]
        return [way for way in ways if way.kinds[0] in pool.username_attributes]
    fitting = [way for way in SignInWith if way.has_usernames and set(way.aliases) <= set(pool.alias_attributes)]
    return sorted(fitting, key=lambda way: -len(way.aliases))


@rule(
    "W403",
    "People sign in with a name that the site does not know as theirs: a new password, chosen by that name, leaves "
    "their sessions open, and nobody is shown the sign-ins that failed.",
)
def aliases_are_known(site: Site, pool: UserPoolSettings) -> Finding | None:
    """The pool has no aliases but those that COGNITO_SIGN_IN_WITH names (AliasAttributes).

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html#user-pool-settings-aliases
    """
    unknown = sorted(set(pool.alias_attributes) & {*NameKind} - {*site.config.sign_in_with.kinds})
    if not unknown:
        return None
    return Finding(
        f"AliasAttributes of the pool has {', '.join(unknown)}, and COGNITO_SIGN_IN_WITH is "
        f"{site.config.sign_in_with}.",
        setting("COGNITO_SIGN_IN_WITH", ways_of(pool)[0]),
    )


@rule("E404", "Nobody gets a code, an invitation or a new password.")
def phones_are_reached(site: Site, pool: UserPoolSettings) -> Finding | None:
    """The pool can send text messages where COGNITO_SIGN_IN_WITH has phone (SmsConfiguration).

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-settings-sms-userpool-settings.html
    """
    if pool.sms_role or NameKind.PHONE not in site.config.sign_in_with.kinds:
        return None
    return Finding(
        f"COGNITO_SIGN_IN_WITH is {site.config.sign_in_with}, and the pool has no SmsConfiguration.",
        by_hand(f"Give the pool a role that may publish to SNS (SmsConfiguration), as {TEMPLATE} does."),
    )


@rule(
    "E411", "The form says one thing and Cognito does another: people are let in, or turned away, against the setting."
)
def registration_is_as_set(site: Site, pool: UserPoolSettings) -> Finding | None:
    """AllowAdminCreateUserOnly fits COGNITO_REGISTRATION."""
    mode, closed = site.config.registration, site.config.registration != "self"
    if pool.invited_only == closed:
        return None
    can = "nobody can register by themselves" if pool.invited_only else "anybody who knows the client's id can register"
    return Finding(
        f"COGNITO_REGISTRATION is {mode}, and AllowAdminCreateUserOnly of the pool is "
        f"{str(pool.invited_only).lower()}: {can}.",
        change_pool(pool, template(f"Registration={mode}"), AdminCreateUserConfig={"AllowAdminCreateUserOnly": closed}),
    )


@rule("E412", "Passwords can be guessed.")
def passwords_are_long_enough(pool: UserPoolSettings) -> Finding | None:
    """A password has at least 8 characters.

    OWASP ASVS 5.0, 6.2.1.
    """
    if pool.minimum_length >= SHORTEST:
        return None
    return Finding(
        f"MinimumLength of the pool's PasswordPolicy is {pool.minimum_length}.",
        change_pool(pool, template_sets("Policies"), Policies={"PasswordPolicy": policy(pool, MinimumLength=SHORTEST)}),
    )


def policy(pool: UserPoolSettings, **changes: int) -> dict[str, object]:
    """Return the pool's password policy with ``changes``."""
    before: dict[str, object] = pool.update.get("Policies", {}).get("PasswordPolicy", {})
    return {**before, **changes}


@rule("W413", "People choose the same short passwords everywhere, and nothing else stands in the way.")
def short_passwords_are_mixed(pool: UserPoolSettings) -> Finding | None:
    """A password is long, or at least of all kinds of characters.

    NIST SP 800-63B-4, 3.1.1.2, prefers length: 15 characters of any kind, where the password is the only factor.
    """
    if pool.minimum_length >= SHORTEST_ALONE or pool.character_classes == 4:
        return None
    return Finding(
        f"MinimumLength of the pool's PasswordPolicy is {pool.minimum_length}, and only {pool.character_classes} of 4 "
        "kinds of characters are required.",
        change_pool(pool, Policies={"PasswordPolicy": policy(pool, MinimumLength=SHORTEST_ALONE)}),
    )


@rule("W414", "Invitations lie in mailboxes and work for whoever reads them.")
def invitations_expire(pool: UserPoolSettings) -> Finding | None:
    """A temporary password works for 7 days at most, which is AWS's default."""
    if pool.temporary_password_days <= LONGEST_INVITATION:
        return None
    days = {"PasswordPolicy": policy(pool, TemporaryPasswordValidityDays=LONGEST_INVITATION)}
    return Finding(
        f"TemporaryPasswordValidityDays of the pool is {pool.temporary_password_days}.",
        change_pool(pool, template_sets("Policies"), Policies=days),
    )


@rule("E421", "Newcomers are not put into it, or nobody can enter the admin.")
def groups_exist(site: Site, groups: tuple[Group, ...]) -> Finding | None:
    """The groups of COGNITO_DEFAULT_GROUP, COGNITO_STAFF_GROUP and COGNITO_SUPERUSER_GROUP exist in the pool."""
    config = site.config
    settings = {
        "COGNITO_DEFAULT_GROUP": config.default_group,
        "COGNITO_STAFF_GROUP": config.staff_group,
        "COGNITO_SUPERUSER_GROUP": config.superuser_group,
    }
    there = {group.name for group in groups}
    missing = {name: group for name, group in settings.items() if group and group not in there}
    if not missing:
        return None
    said = ", ".join(f"{name} is {group}" for name, group in missing.items())
    made = [
        aws(
            "cognito-idp", "create-group", region=config.region, user_pool_id=config.user_pool_id, group_name=group
        ).command
        for group in dict.fromkeys(missing.values())
    ]
    return Finding(f"{said}, and the pool has no such group.", Fix(command=" && ".join(made)))


@rule("E422", "Everybody who registers gets the rights of staff or superusers.")
def groups_differ(site: Site) -> Finding | None:
    """The groups of newcomers, staff and superusers are three different ones."""
    config = site.config
    named = [group for group in (config.default_group, config.staff_group, config.superuser_group) if group]
    if len(set(named)) == len(named):
        return None
    return Finding(
        "Two of COGNITO_DEFAULT_GROUP, COGNITO_STAFF_GROUP and COGNITO_SUPERUSER_GROUP are the same group.",
        by_hand(
            template("different DefaultGroup, StaffGroup and SuperuserGroup") + " Set the variables to its outputs."
        ),
    )


@rule("W423", "Nobody can enter the admin, whatever group they are in.")
def somebody_can_enter_the_admin(site: Site) -> Finding | None:
    """COGNITO_SUPERUSER_GROUP is set."""
    if site.config.superuser_group:
        return None
    return Finding("COGNITO_SUPERUSER_GROUP is empty.", setting("COGNITO_SUPERUSER_GROUP", "superusers"))


@rule(
    "W424", "Whoever is put into the group gets an AWS role from an identity pool, and with it more than rights here."
)
def groups_carry_no_role(groups: tuple[Group, ...]) -> Finding | None:
    """No group of the pool has an IAM role.

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-user-groups.html
    """
    with_role = sorted(group.name for group in groups if group.role_arn)
    if not with_role:
        return None
    return Finding(
        f"RoleArn is set for the group {', '.join(with_role)}.",
        by_hand(
            "Delete the group and make it again without a role, if none is meant; update-group cannot take it away."
        ),
    )
