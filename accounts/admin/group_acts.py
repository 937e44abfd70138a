"""What superusers may do to groups: one record an act, with its words. The acts are those of accounts/groups.py."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group
from django.forms import Form
from django.utils.translation import gettext_lazy as _

from accounts import groups
from accounts.cognito import results
from accounts.forms.administration import DescribeGroupForm, GroupNameForm
from accounts.forms.fields import Sentence


@dataclass(frozen=True, kw_only=True)
class GroupAct:
    """One act. Sentences know the ``name`` of the group."""

    verb: str
    do: Callable[..., object]
    label: Sentence
    heading: Sentence
    button: Sentence
    message: Sentence
    consequences: tuple[Sentence, ...] = ()
    form: type[Form] | None = None
    danger: bool = False
    # Whether it is for groups that Cognito has, or for those that it lacks; None for both.
    at_cognito: bool | None = None
    # Whether it is also for the groups that the settings name.
    of_needed: bool = True

    def concerns(self, group: Group, at_cognito: results.Group | None) -> bool:
        """Whether the act may be done to ``group``, which is ``at_cognito`` there."""
        there = self.at_cognito in (None, at_cognito is not None)
        return there and (self.of_needed or not groups.is_needed(group.name))


def recreate(group: Group, **options: Any) -> None:
    """Make at Cognito a group that is here alone. Raises GroupRefused."""
    groups.create(group.name, **options)


ACTS = {
    act.verb: act
    for act in (
        GroupAct(
            verb="describe",
            do=groups.describe,
            label=_("Change description"),
            heading=_("Change the description of %(name)s"),
            button=_("Save description"),
            message=_("The description of %(name)s is changed."),
            form=DescribeGroupForm,
            at_cognito=True,
        ),
        GroupAct(
            verb="create",
            do=recreate,
            label=_("Create in Cognito"),
            heading=_("Create %(name)s in Cognito?"),
            button=_("Create in Cognito"),
            message=_("Cognito has a group %(name)s now."),
            consequences=(_("Whoever is put into it gets the permissions that it gives here."),),
            form=DescribeGroupForm,
            at_cognito=False,
        ),
        GroupAct(
            verb="rename",
            do=groups.rename,
            label=_("Rename"),
            heading=_("Rename %(name)s"),
            button=_("Rename group"),
            message=_("The group is now called %(name)s."),
            consequences=(
                _("Cognito makes a new group of the same members, and deletes the old one."),
                _("The permissions that it gives here stay."),
                _("Other apps that know the group by its old name have to be told."),
            ),
            form=GroupNameForm,
            of_needed=False,
        ),
        GroupAct(
            verb="delete",
            do=groups.delete,
            label=_("Delete"),
            heading=_("Delete %(name)s?"),
            button=_("Delete group"),
            message=_("%(name)s is deleted."),
            consequences=(
                _("The group is deleted in Cognito and here."),
                _("Its members lose the permissions that it gives. Their accounts stay."),
            ),
            danger=True,
            of_needed=False,
        ),
    )
}
