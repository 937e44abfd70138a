"""A filter of the administration: from one day to another."""

from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import PAGE_VAR
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

SINCE, UNTIL = "since", "until"


class Day(forms.DateInput):
    """A field that browsers offer a calendar for. https://html.spec.whatwg.org/#date-state-(type=date)"""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class Days(forms.Form):
    """The first day and the last, each of which may be left open."""

    since = forms.DateField(label=_("From"), required=False, widget=Day())
    until = forms.DateField(label=_("To"), required=False, widget=Day())


class DateRange(admin.ListFilter):
    """Rows whose ``at`` lies on one of the days chosen, in UTC. What is no day is said to be none and filters nothing.

    https://docs.djangoproject.com/en/5.2/ref/contrib/admin/filters/
    """

    title = _("date")
    template = "admin/accounts/date_range_filter.html"

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        for name in (SINCE, UNTIL):
            if name in params:
                # Lists, since the last of several counts, as everywhere in Django.
                self.used_parameters[name] = params.pop(name)[-1]
        self.form = Days(self.used_parameters, auto_id="date-%s")
        self.form.full_clean()

    def has_output(self) -> bool:
        """Return True: it always has something to choose."""
        return True

    def expected_parameters(self) -> list[str | None]:
        """Return what the filter is called in the address."""
        return [SINCE, UNTIL]

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        """Yield what the template needs: the form, what else the address says, and the address without this filter."""
        others = {name: values for name, values in changelist.filter_params.items() if name not in (SINCE, UNTIL)}
        kept = [(name, value) for name, values in others.items() for value in values]
        if changelist.query:
            kept.append(("q", changelist.query))
        without = changelist.get_query_string(remove=[SINCE, UNTIL, PAGE_VAR])
        yield {"form": self.form, "kept": kept, "without": without, "selected": bool(self.used_parameters)}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of ``queryset`` from the first day on to the end of the last."""
        since, until = (self.form.cleaned_data.get(name) for name in (SINCE, UNTIL))
        if since:
            queryset = queryset.filter(at__gte=datetime.combine(since, time.min, UTC))
        if until:
            queryset = queryset.filter(at__lte=datetime.combine(until, time.max, UTC))
        return queryset
