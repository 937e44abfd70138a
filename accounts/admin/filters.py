"""What the list of people is filtered by. Each finds its people by an index, however few they are."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth.models import Group
from django.db.models import Max, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.states import State
from accounts.models import User

Choices = list[tuple[str, Any]]


class PeopleFilter(admin.SimpleListFilter):
    """A filter that knows its choices: anything else in the address is refused, as Django's own filters do."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        """Return those of ``queryset`` who are chosen. Raises IncorrectLookupParameters."""
        value = self.value()
        if value is None:
            return queryset
        if value not in {str(choice) for choice, _label in self.lookup_choices}:
            raise IncorrectLookupParameters
        return self.chosen(queryset, value)

    def chosen(self, people: QuerySet[User], value: str) -> QuerySet[User]:
        """Return those of ``people`` that ``value``, one of the choices, stands for."""
        raise NotImplementedError


class StateFilter(PeopleFilter):
    """By state."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Return the states that administrators know; the odd one out is seldom met and found by no filter."""
        return [(state.value, state.label) for state in State if state is not State.OTHER]

    def chosen(self, people: QuerySet[User], value: str) -> QuerySet[User]:
        """Return those in this state."""
        return people.filter(State(value).people())


class TwoStepFilter(PeopleFilter):
    """By whether a second factor is on."""

    title = _("two-step verification")
    parameter_name = "two_step"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Return the two."""
        return [("on", _("On")), ("off", _("Off"))]

    def chosen(self, people: QuerySet[User], value: str) -> QuerySet[User]:
        """Return those with a second factor, or those without."""
        return people.exclude(second_factors=[]) if value == "on" else people.filter(second_factors=[])


class GroupFilter(PeopleFilter):
    """By group. Named as Django would name it, so that a link to a group's members reads as everywhere."""

    title = _("groups")
    parameter_name = "groups__id__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Return the groups by name."""
        return [(str(key), name) for key, name in Group.objects.order_by("name").values_list("pk", "name")]

    def chosen(self, people: QuerySet[User], value: str) -> QuerySet[User]:
        """Return the group's members. Nobody is in a group twice, so there is nothing to make distinct.

        Said to be no newer than the newest of them: PostgreSQL otherwise reads everybody who came after, in the hope
        that members are spread evenly.
        """
        members = User.groups.through.objects.filter(group_id=int(value))
        newest = members.aggregate(newest=Max("user_id"))["newest"]
        return people.none() if newest is None else people.filter(groups=int(value), pk__lte=newest)


class StaffFilter(PeopleFilter):
    """By what people may do here."""

    title = _("staff")
    parameter_name = "staff"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Return the ranks."""
        return [("yes", _("Staff")), ("superuser", _("Superusers")), ("no", _("Not staff"))]

    def chosen(self, people: QuerySet[User], value: str) -> QuerySet[User]:
        """Return the staff, the superusers among them, or everybody else."""
        if value == "superuser":
            return people.filter(is_staff=True, is_superuser=True)
        return people.filter(is_staff=value == "yes")


PEOPLE = (StateFilter, TwoStepFilter, GroupFilter, StaffFilter)
PARAMETERS = frozenset(each.parameter_name for each in PEOPLE)
