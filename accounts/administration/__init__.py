"""What administrators do to people, for the administration's pages and for the commands alike.

Each act asks Cognito first and writes to the database after. It can be repeated after a failure at any step. All raise
ActRefused, and Unavailable or Misconfigured where nobody knows whether it was done. There is no act that sets
somebody's password: whoever knows it could be that person.
"""

from accounts.administration.account import (
    change_email,
    confirm,
    delete,
    disable,
    enable,
    reset_password,
    sign_out,
    synchronise,
)
from accounts.administration.acting import ActRefused, Done, Gone, mark_gone
from accounts.administration.export import export
from accounts.administration.invitations import invite, rehearse_invitation, resend_invitation
from accounts.administration.lookup import called
from accounts.administration.membership import change_groups
from accounts.administration.second_steps import remove_authenticator, remove_passkeys, turn_off_mfa

__all__ = [
    "ActRefused",
    "Done",
    "Gone",
    "called",
    "change_email",
    "change_groups",
    "confirm",
    "delete",
    "disable",
    "enable",
    "export",
    "invite",
    "mark_gone",
    "rehearse_invitation",
    "remove_authenticator",
    "remove_passkeys",
    "resend_invitation",
    "reset_password",
    "sign_out",
    "synchronise",
    "turn_off_mfa",
]
