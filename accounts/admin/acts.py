"""What staff may do to people: one record an act, with its words. The acts are those of accounts/administration.py.

The verb is the name of the act in the address and in the permission: ``accounts.<verb>_user``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts import administration
from accounts.admin import consequences, questions
from accounts.admin.consequences import People
from accounts.admin.standing import Standing
from accounts.administration import Done
from accounts.cognito.factors import Factor
from accounts.cognito.results import Status
from accounts.forms.fields import Sentence


def nothing(people: People) -> Sentence:
    """Return no sentence."""
    return ""


def reached_by(mail: Sentence, phone: Sentence) -> Sentence:
    """Return the sentence for how people are reached, which is looked up when it is read."""
    return lazy(lambda: str(phone if consequences.is_by_phone() else mail), str)()


def always(standing: Standing) -> bool:
    """Return True."""
    return True


@dataclass(frozen=True, kw_only=True)
class Act:
    """One act. Sentences know ``name`` and ``email`` of one person and the ``names`` it was about, or a ``count``.

    What has followed says by ``email`` where codes and invitations go, which may be a number.
    """

    verb: str
    do: Callable[..., Done]
    button: Sentence
    heading: Sentence
    heading_of_many: Sentence
    # What happens, one sentence each, worked out for those who are chosen.
    consequences: Callable[[People], Sequence[Any]]
    # What has followed, which may depend on what came of it.
    message: Sentence | Callable[[Done], Sentence]
    message_of_many: Sentence
    # On the person's page and in the menu of the list, where that says more than the button.
    label: Sentence = ""
    # What has to be read first.
    lead: Callable[[People], Sentence] = nothing
    danger: bool = False
    # Whether to say how many devices were signed out.
    tells_devices: bool = False
    # Whether it is set apart among the tools of the person's page.
    is_last_resort: bool = False
    # Whether it may be done to several people at a time.
    many: bool = True
    # Returns the form that is to be filled in, if there is one; see accounts/admin/questions.py.
    form: questions.Maker = questions.none
    # Whether somebody is in a state for it. Cognito has the last word.
    fits: Callable[[Standing], bool] = always

    @property
    def permission(self) -> str:
        """What it takes."""
        return f"accounts.{self.verb}_user"

    @property
    def tool(self) -> Sentence:
        """What the person's page and the list call it."""
        return self.label or self.button

    def message_after(self, done: Done) -> Sentence:
        """Return what is said once the act came to ``done``."""
        return self.message(done) if callable(self.message) else self.message


ACTS = {
    act.verb: act
    for act in (
        Act(
            verb="resend_invitation",
            do=administration.resend_invitation,
            form=questions.language,
            button=_("Resend invitation"),
            heading=_("Resend the invitation?"),
            heading_of_many=ngettext_lazy(
                "Resend the invitation of %(count)d person?", "Resend the invitations of %(count)d people?", "count"
            ),
            consequences=consequences.of_resending,
            message=_("New invitation sent to %(email)s."),
            message_of_many=ngettext_lazy(
                "New invitation sent to %(count)d person.", "New invitations sent to %(count)d people.", "count"
            ),
            fits=lambda standing: standing.enabled and standing.status == Status.FORCE_CHANGE_PASSWORD,
        ),
        Act(
            verb="confirm",
            do=administration.confirm,
            button=reached_by(_("Confirm email"), _("Confirm phone number")),
            heading=reached_by(_("Confirm the email of %(name)s?"), _("Confirm the phone number of %(name)s?")),
            heading_of_many=ngettext_lazy("Confirm %(count)d person?", "Confirm %(count)d people?", "count"),
            consequences=consequences.of_confirming,
            message=reached_by(_("The email of %(name)s is confirmed."), _("The number of %(name)s is confirmed.")),
            message_of_many=ngettext_lazy("%(count)d person is confirmed.", "%(count)d people are confirmed.", "count"),
            fits=lambda standing: standing.status == Status.UNCONFIRMED,
        ),
        Act(
            verb="sign_out",
            do=administration.sign_out,
            tells_devices=True,
            button=_("Sign out everywhere"),
            heading=_("Sign out %(name)s everywhere?"),
            heading_of_many=ngettext_lazy(
                "Sign out %(count)d person everywhere?", "Sign out %(count)d people everywhere?", "count"
            ),
            consequences=consequences.of_signing_out,
            message=_("%(name)s is signed out everywhere."),
            message_of_many=ngettext_lazy(
                "%(count)d person is signed out everywhere.", "%(count)d people are signed out everywhere.", "count"
            ),
            fits=lambda standing: standing.comes_in,
        ),
        Act(
            verb="reset_password",
            do=administration.reset_password,
            button=_("Reset password"),
            heading=_("Reset the password of %(name)s?"),
            heading_of_many=ngettext_lazy(
                "Reset the password of %(count)d person?", "Reset the passwords of %(count)d people?", "count"
            ),
            consequences=consequences.of_resetting,
            message=_("%(name)s has to choose a new password. A code is on its way to %(email)s."),
            message_of_many=ngettext_lazy(
                "%(count)d person has to choose a new password. A code is on its way to them.",
                "%(count)d people have to choose a new password. A code is on its way to each of them.",
                "count",
            ),
            fits=lambda standing: standing.has_password,
        ),
        Act(
            verb="remove_authenticator",
            do=administration.remove_authenticator,
            button=_("Remove authenticator app"),
            heading=_("Remove the authenticator app?"),
            heading_of_many=ngettext_lazy(
                "Remove the authenticator app of %(count)d person?",
                "Remove the authenticator apps of %(count)d people?",
                "count",
            ),
            lead=consequences.without_app,
            consequences=consequences.of_removing_app,
            message=_("Authenticator app of %(name)s removed."),
            message_of_many=ngettext_lazy(
                "Authenticator app of %(count)d person removed.",
                "Authenticator apps of %(count)d people removed.",
                "count",
            ),
            danger=True,
            fits=lambda standing: standing.is_there and Factor.TOTP in standing.factors,
        ),
        Act(
            verb="turn_off_mfa",
            do=administration.turn_off_mfa,
            button=_("Turn off"),
            label=_("Turn off two-step verification"),
            heading=_("Turn off two-step verification?"),
            heading_of_many=ngettext_lazy(
                "Turn off two-step verification of %(count)d person?",
                "Turn off two-step verification of %(count)d people?",
                "count",
            ),
            lead=consequences.password_alone,
            consequences=consequences.of_turning_off,
            message=_("Two-step verification of %(name)s is off."),
            message_of_many=ngettext_lazy(
                "Two-step verification of %(count)d person is off.",
                "Two-step verification of %(count)d people is off.",
                "count",
            ),
            danger=True,
            fits=lambda standing: standing.is_there and bool(standing.factors),
        ),
        Act(
            verb="remove_passkeys",
            do=administration.remove_passkeys,
            button=_("Remove passkeys"),
            heading=_("Remove the passkeys of %(name)s?"),
            heading_of_many=ngettext_lazy(
                "Remove the passkeys of %(count)d person?", "Remove the passkeys of %(count)d people?", "count"
            ),
            lead=consequences.without_passkeys,
            consequences=consequences.of_removing_passkeys,
            message=consequences.after_removing_passkeys,
            message_of_many=ngettext_lazy(
                "Passkeys of %(count)d person removed.", "Passkeys of %(count)d people removed.", "count"
            ),
            danger=True,
            fits=lambda standing: standing.lends_passkeys,
        ),
        Act(
            verb="change_email",
            do=administration.change_email,
            form=questions.email,
            button=_("Save email"),
            label=_("Correct email"),
            heading=_("Correct the email of %(name)s"),
            heading_of_many="",
            consequences=consequences.of_correcting,
            message=consequences.after_correcting,
            message_of_many="",
            many=False,
            fits=lambda standing: standing.is_there and standing.status != Status.EXTERNAL_PROVIDER,
        ),
        Act(
            verb="change_groups",
            do=administration.change_groups,
            form=questions.groups,
            button=_("Save groups"),
            label=_("Change groups"),
            heading=_("Change groups of %(name)s"),
            heading_of_many=ngettext_lazy(
                "Change groups of %(count)d person", "Change groups of %(count)d people", "count"
            ),
            consequences=consequences.of_changing_groups,
            message=consequences.after_changing_groups,
            message_of_many=ngettext_lazy(
                "Groups of %(count)d person changed.", "Groups of %(count)d people changed.", "count"
            ),
            fits=lambda standing: standing.is_there,
        ),
        Act(
            verb="synchronise",
            do=administration.synchronise,
            button=_("Bring up to date"),
            heading=_("Bring %(name)s up to date?"),
            heading_of_many=ngettext_lazy(
                "Bring %(count)d person up to date?", "Bring %(count)d people up to date?", "count"
            ),
            consequences=consequences.of_synchronising,
            message=_("%(name)s is up to date."),
            message_of_many=ngettext_lazy(
                "%(count)d person is up to date.", "%(count)d people are up to date.", "count"
            ),
        ),
        Act(
            verb="disable",
            do=administration.disable,
            is_last_resort=True,
            tells_devices=True,
            button=_("Disable"),
            heading=_("Disable %(name)s?"),
            heading_of_many=ngettext_lazy("Disable %(count)d person?", "Disable %(count)d people?", "count"),
            consequences=consequences.of_disabling,
            message=_("%(name)s is disabled."),
            message_of_many=ngettext_lazy("%(count)d person is disabled.", "%(count)d people are disabled.", "count"),
            danger=True,
            fits=lambda standing: standing.is_there and standing.enabled,
        ),
        Act(
            verb="enable",
            do=administration.enable,
            button=_("Enable"),
            heading=_("Enable %(name)s?"),
            heading_of_many=ngettext_lazy("Enable %(count)d person?", "Enable %(count)d people?", "count"),
            consequences=consequences.of_enabling,
            message=_("%(name)s is enabled."),
            message_of_many=ngettext_lazy("%(count)d person is enabled.", "%(count)d people are enabled.", "count"),
            fits=lambda standing: standing.is_there and not standing.enabled,
        ),
        Act(
            verb="delete",
            do=administration.delete,
            is_last_resort=True,
            tells_devices=True,
            form=questions.deletion,
            button=_("Delete"),
            heading=_("Delete %(name)s?"),
            heading_of_many=ngettext_lazy("Delete %(count)d person?", "Delete %(count)d people?", "count"),
            consequences=consequences.of_deleting,
            message=_("%(name)s is deleted."),
            message_of_many=ngettext_lazy("%(count)d person is deleted.", "%(count)d people are deleted.", "count"),
            danger=True,
        ),
    )
}
