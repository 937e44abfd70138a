"""What people may write about themselves, and whether an address counts before it is proved."""

import re

from accounts.cognito.answers import NOT_FOR_FORMS
from accounts.cognito.inspected import AppClientSettings, UserPoolSettings
from accounts.doctor.fixes import another_pool, change_client, change_pool, template_sets
from accounts.doctor.registry import Finding, rule
from accounts.doctor.site import Site

# Words in the name of an attribute that somebody bases rights on.
POWER = re.compile(
    r"admin|role|group|perm|priv|scope|right|staff|super|tenant|org|plan|tier|level|owner|verified", re.IGNORECASE
)
# What no app client may write: user-pool-settings-attributes.html.
KEPT_BY_COGNITO = NOT_FOR_FORMS - {"updated_at"}
# What a form of the site may ask of a person.
OURS = frozenset({"email", "name", "phone_number"})


def writable_custom(client: AppClientSettings, pool: UserPoolSettings) -> list[str]:
    """Return the custom attributes that people may write with their own token through ``client``."""
    custom = {entry.name for entry in pool.schema if entry.name.startswith("custom:") and entry.mutable}
    return sorted(custom if client.writable is None else custom & client.writable)


def powerful_custom(client: AppClientSettings, pool: UserPoolSettings) -> list[str]:
    """Return those of the custom attributes that people may write through ``client`` that sound like a right."""
    return list(filter(POWER.search, writable_custom(client, pool)))


def without_powerful(client: AppClientSettings, pool: UserPoolSettings) -> list[str]:
    """Return all that the client may write but custom attributes that sound like a right; where that is nothing, name.

    A client that lists nothing may write what Cognito and developers do not keep to themselves.
    """
    of_pool = {entry.name for entry in pool.schema if not entry.name.startswith("dev:")} - KEPT_BY_COGNITO
    return sorted((client.writable or of_pool) - set(powerful_custom(client, pool))) or ["name"]


def without_custom(client: AppClientSettings, pool: UserPoolSettings) -> list[str]:
    """Return what the client may write, without custom attributes; where that is nothing, what the site's forms ask.

    A list with nothing in it would mean every attribute.
    """
    required = {entry.name for entry in pool.schema if entry.required} - NOT_FOR_FORMS
    named = {name for name in client.writable or OURS if not name.startswith("custom:")}
    return sorted(named | required or OURS)


@rule("E301", "Anybody who is signed in can give themselves what the attribute stands for, by one call to Cognito.")
def nobody_writes_their_own_rights(client: AppClientSettings, pool: UserPoolSettings) -> Finding | None:
    """The app client may write no custom attribute that sounds like a right.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html: a client that lists
    no WriteAttributes may write them all.
    """
    powerful = powerful_custom(client, pool)
    if not powerful:
        return None
    return Finding(
        f"WriteAttributes of the app client lets people write {', '.join(powerful)}.",
        change_client(client, template_sets("WriteAttributes"), WriteAttributes=without_custom(client, pool)),
    )


@rule("W302", "People can write into them whatever they like, by one call to Cognito: base nothing on them.")
def custom_attributes_are_kept(client: AppClientSettings, pool: UserPoolSettings) -> Finding | None:
    """The app client may write no custom attributes."""
    harmless = [name for name in writable_custom(client, pool) if not POWER.search(name)]
    if not harmless:
        return None
    return Finding(
        f"WriteAttributes of the app client lets people write {', '.join(harmless)}.",
        change_client(client, template_sets("WriteAttributes"), WriteAttributes=without_custom(client, pool)),
    )


@rule("W303", "A custom attribute that is added later can be written by everybody from its first day.")
def writable_attributes_are_named(client: AppClientSettings, pool: UserPoolSettings) -> Finding | None:
    """WriteAttributes of the app client names what people may write."""
    if client.writable is not None:
        return None
    return Finding(
        "WriteAttributes of the app client is empty, which means every attribute.",
        change_client(client, template_sets("WriteAttributes"), WriteAttributes=without_custom(client, pool)),
    )


@rule("E304", "Nobody can register or correct their address or number.")
def address_can_be_written(site: Site, client: AppClientSettings) -> Finding | None:
    """The app client may write email; phone_number where people register with that."""
    contact = site.config.sign_in_with.contact.value
    if client.writable is None or contact in client.writable:
        return None
    return Finding(
        f"WriteAttributes of the app client lacks {contact}.",
        change_client(client, template_sets("WriteAttributes"), WriteAttributes=sorted(client.writable | {contact})),
    )


@rule("E305", "The form for registering cannot give what the pool demands, so every registration is refused.")
def forms_can_give_what_is_required(site: Site, pool: UserPoolSettings) -> Finding | None:
    """The pool requires no attribute that no form asks for."""
    unasked = sorted({entry.name for entry in pool.schema if entry.required} & (NOT_FOR_FORMS - {"sub"}))
    if not unasked or site.config.registration == "closed":
        return None
    return Finding(
        f"The pool requires {', '.join(unasked)}, which people do not fill in themselves.",
        another_pool(),
    )


@rule(
    "E306",
    "A new address counts at once: whoever mistypes theirs gives the account to its owner, and anybody can "
    "take a name that somebody else's mailbox stands for.",
)
def addresses_count_when_proved(site: Site, pool: UserPoolSettings) -> Finding | None:
    """A changed address counts only when it is proved (AttributesRequireVerificationBeforeUpdate).

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-email-phone-verification.html
    """
    contact = site.config.sign_in_with.contact.value
    missing = sorted(set(pool.auto_verified or (contact,)) - set(pool.verified_before_update))
    if not missing:
        return None
    verified = sorted({*pool.verified_before_update, *missing})
    return Finding(
        f"AttributesRequireVerificationBeforeUpdate of the pool lacks {', '.join(missing)}.",
        change_pool(
            pool,
            template_sets("UserAttributeUpdateSettings"),
            AutoVerifiedAttributes=sorted({*pool.auto_verified, contact}),
            UserAttributeUpdateSettings={"AttributesRequireVerificationBeforeUpdate": verified},
        ),
    )


@rule("E307", "Nobody is sent a code when they register, so that nobody can confirm their account.")
def newcomers_are_sent_a_code(site: Site, pool: UserPoolSettings) -> Finding | None:
    """The pool verifies email by itself; phone_number where people register with that (AutoVerifiedAttributes)."""
    contact = site.config.sign_in_with.contact.value
    if contact in pool.auto_verified:
        return None
    return Finding(
        f"AutoVerifiedAttributes of the pool lacks {contact}.",
        change_pool(
            pool,
            template_sets("AutoVerifiedAttributes"),
            AutoVerifiedAttributes=sorted({*pool.auto_verified, contact}),
        ),
    )


@rule("W308", "Nobody can correct their address or number.")
def address_can_change(site: Site, pool: UserPoolSettings) -> Finding | None:
    """The pool lets an e-mail address change; a phone number where people register with that."""
    contact = site.config.sign_in_with.contact.value
    if all(entry.mutable for entry in pool.schema if entry.name == contact):
        return None
    return Finding(
        f"The pool's attribute {contact} is not Mutable.",
        another_pool(),
    )


@rule("E309", "The page asks for a code, and the mail holds none.")
def mails_hold_a_code(pool: UserPoolSettings) -> Finding | None:
    """Addresses are proved by a code and not by a link (DefaultEmailOption)."""
    if pool.confirms_by == "CONFIRM_WITH_CODE":
        return None
    return Finding(
        f"DefaultEmailOption of the pool is {pool.confirms_by}.",
        change_pool(
            pool,
            template_sets("VerificationMessageTemplate"),
            VerificationMessageTemplate={"DefaultEmailOption": "CONFIRM_WITH_CODE"},
        ),
    )
