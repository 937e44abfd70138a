"""Everything that is looked at, at one moment. What could not be read says why."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from functools import partial

from django.db import DatabaseError

from accounts.cognito.errors import CognitoError, Unavailable
from accounts.cognito.inspected import (
    AppClientSettings,
    Domain,
    FactorSettings,
    Group,
    IdentityPool,
    Keys,
    MailAccount,
    Principal,
    Provider,
    SmsRole,
    Trigger,
    UserPoolSettings,
)
from accounts.cognito.inspection import Inspection, NotAllRead, NotOffered, NotPermitted
from accounts.doctor.site import ADMINISTERING, DANGEROUS, Site, live_sessions


@dataclass(frozen=True, kw_only=True)
class Unread:
    """Why something could not be read: AWS's ``code``, and the IAM ``action`` that is missing, "" for another reason.

    ``outage`` says that the same question may be answered later. ``part`` is what was read of a list that is too long:
    what is wrong can be found in it, and not that nothing is.
    """

    reason: str
    code: str = ""
    action: str = ""
    outage: bool = False
    part: tuple[object, ...] | None = None


NOT_ASKED = Unread(reason="nothing asked for it")


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What rules read. Each field but ``site`` may be Unread instead of a value."""

    site: Site
    pool: UserPoolSettings | Unread = NOT_ASKED
    client: AppClientSettings | Unread = NOT_ASKED
    other_clients: tuple[AppClientSettings, ...] | Unread = NOT_ASKED
    factors: FactorSettings | Unread = NOT_ASKED
    groups: tuple[Group, ...] | Unread = NOT_ASKED
    providers: tuple[Provider, ...] | Unread = NOT_ASKED
    domains: tuple[Domain, ...] | Unread = NOT_ASKED
    blocks_known_passwords: bool | Unread = NOT_ASKED
    log_sources: frozenset[str] | Unread = NOT_ASKED
    triggers: tuple[Trigger, ...] | Unread = NOT_ASKED
    identity_pools: tuple[IdentityPool, ...] | Unread = NOT_ASKED
    mail_account: MailAccount | Unread | None = NOT_ASKED
    sms_sandbox: bool | Unread = NOT_ASKED
    sms_role: SmsRole | Unread | None = NOT_ASKED
    web_acl: str | Unread = NOT_ASKED
    # None where it is not known, or nobody is signed in.
    sign_in_quota: float | Unread | None = NOT_ASKED
    live_sessions: int | Unread = NOT_ASKED
    # The ARN of whose key the site has, and what that may do.
    key: str | Unread = NOT_ASKED
    principal: Principal | Unread = NOT_ASKED
    key_set: Keys | Unread = NOT_ASKED
    pools_key_set: Keys | Unread = NOT_ASKED


def take(inspection: Inspection, site: Site, names: Collection[str], *, principal: str = "") -> Snapshot:
    """Read the fields called ``names``. ``principal`` is the ARN the site runs as, where this is another's key."""

    def key() -> str:
        return principal or inspection.caller()

    def rights() -> Principal:
        return inspection.principal(key(), site.needed_actions() | ADMINISTERING | DANGEROUS)

    def quota() -> float | None:
        # Where nobody is signed in, no quota is too small.
        return inspection.sign_in_quota() if live_sessions() else None

    ours: dict[str, Callable[[], object]] = {
        "key": key,
        "principal": rights,
        "live_sessions": live_sessions,
        "sign_in_quota": quota,
    }
    wanted = [entry.name for entry in fields(Snapshot) if entry.name in names and entry.name != "site"]
    values = {name: attempt(ours.get(name) or partial(getattr(inspection, name))) for name in wanted}
    return Snapshot(site=site, **values)  # type: ignore[arg-type]


def attempt(reading: Callable[[], object]) -> object:
    """Return what ``reading`` returns, or why it did not."""
    try:
        return reading()
    except NotPermitted as error:
        return Unread(reason=f"the AWS key may not {error.action}", code=error.code, action=error.action)
    except NotAllRead as error:
        return Unread(reason=f"only the first {error.most} of {error.operation} were looked at", part=error.part)
    except NotOffered as error:
        return Unread(reason=f"the server at AWS_ENDPOINT_URL does not offer {error.code} {error.operation}")
    except DatabaseError as error:
        # Looking at a pool is often the first thing that is done, before there are tables.
        return Unread(reason=f"the site's database cannot be asked ({type(error).__name__})")
    except CognitoError as error:
        if error.code == "NoSuchEntity":
            # A session of a role does not tell the role's path, which is part of its ARN.
            return Unread(
                reason="IAM knows no such user or role: name it by --principal, with its path", code=error.code
            )
        return Unread(reason=str(error), code=error.code, outage=isinstance(error, Unavailable))
