"""Forms of staff, about other people and about groups."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, RegexValidator
from django.utils.translation import gettext_lazy as _

from accounts.cognito.sign_in_names import NameKind, SignInWith
from accounts.forms.fields import EmailField, Form, NewUsernameField, PhoneNumberField, Sentence, UsernameField

LONGEST_NAME = 2048  # characters of a person's name
LONGEST_GROUP_NAME = 128  # characters
LONGEST_DESCRIPTION = 2048  # characters
HIGHEST_PRECEDENCE = 2**31 - 1
# Letters, marks, symbols, digits and punctuation; no spaces and no control characters. Python's own classes come near
# Cognito's: what is not printable, or is white space, is refused here, the rest by Cognito.
# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateGroup.html
GROUP_NAME = re.compile(r"\A\S+\Z")

Choices = Sequence[tuple[str, Sentence]]


def group_choices(names: Sequence[str], **kwargs: Any) -> forms.MultipleChoiceField:
    """Return a field of checkboxes, one for each of the groups ``names``."""
    return forms.MultipleChoiceField(
        choices=[(name, name) for name in names],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        **{"label": _("Groups"), **kwargs},
    )


class AnyOfThem(forms.MultipleChoiceField):
    """Values that are not to be chosen among: they were on the page when it was made."""

    def valid_value(self, value: Any) -> bool:
        """Return True: what has gone since is no mistake of whoever sends the page."""
        return True


class LanguageForm(Form):
    """The language of an email, where the pool can write in several."""

    language = forms.ChoiceField(label=_("Language of the email"))

    def __init__(self, *args: Any, languages: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = list(languages)  # type: ignore[attr-defined]

    def options(self) -> dict[str, Any]:
        """Return what was chosen, as the act takes it."""
        return {"language": self.cleaned_data["language"]}


class InviteForm(Form):
    """Whom to invite. People have a user name only where they sign in with one."""

    email = EmailField(label=_("Email"), autocomplete="off", error_messages={"required": _("Enter their address.")})
    phone_number = PhoneNumberField(autocomplete="off", error_messages={"required": _("Enter their number.")})
    name = forms.CharField(label=_("Name"), required=False, validators=[MaxLengthValidator(LONGEST_NAME)])
    send_mail = forms.BooleanField(
        label=_("Send the invitation by email"),
        required=False,
        initial=True,
        help_text=_("Without it, nobody is told. Send the invitation later from their page."),
    )
    language = forms.ChoiceField(label=_("Language of the email"), required=False)
    groups = group_choices(())
    field_order = ("email", "phone_number", "username", "name", "groups", "language", "send_mail")

    def __init__(
        self, *args: Any, sign_in_with: SignInWith, groups: Sequence[str], languages: Choices, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.made_under = sign_in_with.kinds[0].value
        if sign_in_with.kinds[0] is NameKind.USERNAME:
            self.fields["username"] = username_field(sign_in_with)
            self.order_fields(self.field_order)
        if sign_in_with.contact is NameKind.PHONE:
            del self.fields["email"]
            self.fields["send_mail"].label = _("Send the invitation by text message")
        else:
            del self.fields["phone_number"]
        offered = {"groups": [(name, name) for name in groups], "language": list(languages)}
        for field, choices in offered.items():
            if choices:
                self.fields[field].choices = choices  # type: ignore[attr-defined]
            else:
                del self.fields[field]

    def options(self) -> dict[str, Any]:
        """Return what was typed and chosen, as the act takes it: people without a user name go by address or number."""
        return {**self.cleaned_data, "username": self.cleaned_data[self.made_under]}


def username_field(sign_in_with: SignInWith) -> UsernameField:
    """Return the field for the user name of somebody who is invited."""
    return NewUsernameField(
        aliases=sign_in_with.aliases,
        label=_("Username"),
        autocomplete="off",
        help_text=_("What they will sign in with. It cannot be changed later."),
        error_messages={"required": _("Enter a username.")},
    )


class EmailForm(Form):
    """The address that is right, and whether somebody has made sure that it is theirs."""

    VERIFIED, TO_BE_VERIFIED = "verified", "to_be_verified"

    email = EmailField(label=_("Email"), autocomplete="off", error_messages={"required": _("Enter their address.")})
    proof = forms.ChoiceField(
        label=_("Is it theirs?"),
        choices=[
            (TO_BE_VERIFIED, _("To be verified: they confirm it themselves")),
            (VERIFIED, _("Verified: I have made sure that it is theirs")),
        ],
        initial=TO_BE_VERIFIED,
        widget=forms.RadioSelect,
        help_text=_("Whoever reads this mailbox can choose a new password for the account."),
    )

    def options(self) -> dict[str, Any]:
        """Return what was typed and chosen, as the act takes it."""
        return {"email": self.cleaned_data["email"], "verified": self.cleaned_data["proof"] == self.VERIFIED}


class GroupsForm(Form):
    """The groups of one person. Only what is ticked or unticked is done: somebody else may change groups meanwhile."""

    groups = group_choices(())
    before = AnyOfThem(required=False, widget=forms.MultipleHiddenInput)

    def __init__(self, *args: Any, groups: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["groups"].choices = [(name, name) for name in groups]  # type: ignore[attr-defined]

    def options(self) -> dict[str, Any]:
        """Return what was ticked and unticked, as the act takes it."""
        now, before = set(self.cleaned_data["groups"]), set(self.cleaned_data["before"])
        return {"add": sorted(now - before), "remove": sorted(before - now)}


class GroupsOfManyForm(Form):
    """The groups that several people are put into and taken out of; all others stay as they are."""

    add = group_choices((), label=_("Put into"))
    remove = group_choices((), label=_("Take out of"))

    def __init__(self, *args: Any, groups: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in ("add", "remove"):
            self.fields[field].choices = [(name, name) for name in groups]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Return the data. Raises ValidationError for a group on both lists, or none on either."""
        data: dict[str, Any] = super().clean() or {}
        both = set(data.get("add", ())) & set(data.get("remove", ()))
        if both:
            self.add_error("remove", _("A group cannot be on both lists: %s.") % ", ".join(sorted(both)))
        if not self.errors and not data["add"] and not data["remove"]:
            self.add_error("add", _("Choose at least one group."))
        return data

    def options(self) -> dict[str, Any]:
        """Return what was chosen, as the act takes it."""
        return {"add": self.cleaned_data["add"], "remove": self.cleaned_data["remove"]}


class DeleteForm(Form):
    """What is to be deleted, typed out, so that nobody deletes by a slip. Upper and lower case are one."""

    typed = forms.CharField(
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("Nothing was typed.")},
    )

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = expected
        self.fields["typed"].label = _("Type %s to delete") % expected

    def clean_typed(self) -> str:
        """Return what was typed. Raises ValidationError unless it is what was to be typed."""
        typed: str = self.cleaned_data["typed"]
        if typed.strip().casefold() != self.expected.casefold():
            raise ValidationError(_("That isn’t what you were asked to type. Nothing was deleted."), "different")
        return typed

    def options(self) -> dict[str, Any]:
        """Return nothing: what was typed is for us."""
        return {}


class DescribeGroupForm(Form):
    """What Cognito keeps of a group besides its name."""

    description = forms.CharField(
        label=_("Description"),
        required=False,
        validators=[MaxLengthValidator(LONGEST_DESCRIPTION)],
        widget=forms.Textarea(attrs={"rows": 3, "cols": 40}),
    )
    precedence = forms.IntegerField(
        label=_("Precedence"),
        required=False,
        min_value=0,
        max_value=HIGHEST_PRECEDENCE,
        help_text=_("0 comes first. For somebody in several groups, the first one decides the AWS role."),
    )

    def clean_precedence(self) -> int | None:
        """Return the precedence. Raises ValidationError where one is taken away, which Cognito cannot do."""
        precedence: int | None = self.cleaned_data["precedence"]
        if precedence is None and self.initial.get("precedence") is not None:
            raise ValidationError(_("A precedence cannot be taken away again. Enter another number."), "taken_away")
        return precedence


class GroupNameForm(Form):
    """The name of a group, as Cognito takes it."""

    name = forms.CharField(
        label=_("Name"),
        # Kept as it is typed: " editors" is a mistake to be shown, and no other name for editors.
        strip=False,
        validators=[
            MaxLengthValidator(LONGEST_GROUP_NAME, _("A group’s name has 128 characters at most.")),
            RegexValidator(GROUP_NAME, _("A group’s name has no spaces in it.")),
        ],
        error_messages={"required": _("Enter a name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def clean_name(self) -> str:
        """Return the name. Raises ValidationError for characters that nobody sees."""
        name: str = self.cleaned_data["name"]
        if not name.isprintable():
            raise ValidationError(_("A group’s name has only characters that can be seen."), "invisible")
        return name


class AddGroupForm(DescribeGroupForm, GroupNameForm):
    """A new group."""

    field_order = ("name", "description", "precedence")
