"""What has to be filled in before an act: one function a form, which makes it for those who are chosen."""

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from django.conf import settings
from django.forms import Form
from django.http import QueryDict

from accounts import conf, pool, rights, users
from accounts.admin.consequences import People
from accounts.administration import ActRefused
from accounts.administration.membership import refuse_granting
from accounts.forms.administration import (
    DeleteForm,
    EmailForm,
    GroupsForm,
    GroupsOfManyForm,
    LanguageForm,
)
from accounts.forms.fields import Sentence
from accounts.models import User


class Answers(Protocol):
    """A form whose data are what an act takes besides the person."""

    def options(self) -> dict[str, Any]:
        """Return the data of the good form, as the act takes them."""


# From those chosen, who acts, and what was sent (None for nothing) to a form that is Answers; None for no form.
Maker = Callable[[People, User, QueryDict | None], Form | None]


def none(people: People, by: User, sent: QueryDict | None) -> None:
    """Return None: nothing has to be filled in."""


def email(people: People, by: User, sent: QueryDict | None) -> EmailForm:
    """Return the form for another address."""
    return EmailForm(sent, initial={"email": people[0].email})


def deletion(people: People, by: User, sent: QueryDict | None) -> DeleteForm:
    """Return the form to type what is deleted: the name somebody signs in with, or how many people."""
    return DeleteForm(sent, expected=users.own_name(people[0]) if len(people) == 1 else str(len(people)))


def language(people: People, by: User, sent: QueryDict | None) -> LanguageForm | None:
    """Return the form for the language of a mail; None where there is no choice."""
    choices = languages()
    return LanguageForm(sent, languages=choices, initial={"language": settings.LANGUAGE_CODE}) if choices else None


def groups(people: People, by: User, sent: QueryDict | None) -> GroupsForm | GroupsOfManyForm:
    """Return the form for groups: those of one person, or what several are put into and taken out of.

    Raises CognitoError: nobody chooses among groups that may be others by now.
    """
    every = own_groups()
    if len(people) > 1:
        return GroupsOfManyForm(sent, groups=every)
    before = [name for name in conf.directory().groups_of(people[0].username) if name in every]
    offered = [name for name in every if name in before or may_grant(by, name)]
    return GroupsForm(sent, groups=offered, initial={"groups": before, "before": before})


def own_groups() -> list[str]:
    """Return the names of the pool's own groups, sorted. Raises CognitoError."""
    return sorted(group.name for group in conf.groups().every() if not rights.is_of_provider(group.name))


def grantable(by: User, names: Iterable[str]) -> list[str]:
    """Return those of the groups ``names`` that ``by`` may put people into."""
    return [name for name in names if may_grant(by, name)]


def may_grant(by: User, name: str) -> bool:
    """Whether ``by`` may put people into the group ``name``: who is in it must be able to do no more than ``by``."""
    try:
        refuse_granting(by, [name])
    except ActRefused:
        return False
    return True


def languages() -> list[tuple[str, Sentence]]:
    """Return the languages that a mail of the pool may be in, where it can write in several; else none.

    Cognito's own mails have one text. A function of the pool may write them, and is told the language.
    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-custom-message.html
    """
    several = len(settings.LANGUAGES) > 1 and pool.description().writes_own_mails
    return list(settings.LANGUAGES) if several else []
