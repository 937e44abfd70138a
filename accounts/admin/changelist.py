"""Lists that may be a million rows long: nobody counts them, and nobody turns a million pages."""

from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst

from accounts.admin import at_cognito, search
from accounts.admin.at_cognito import InPool
from accounts.models import User

# The last one. Whoever looks for something beyond it finds it by a filter or a search.
MOST_PAGES = 200


class UncountedList(ChangeList):
    """Pages from newer to older rows, without a count: PostgreSQL reads a whole table to count it.

    https://wiki.postgresql.org/wiki/Slow_Counting
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = capfirst(str(self.opts.verbose_name_plural))

    def get_results(self, request: HttpRequest) -> None:
        """Read one page, and one row more to know whether there is another page."""
        if not 1 <= self.page_num <= MOST_PAGES:
            raise IncorrectLookupParameters
        start = (self.page_num - 1) * self.list_per_page
        rows = list(self.queryset[start : start + self.list_per_page + 1])
        self.result_list = rows[: self.list_per_page]
        self.result_count = len(self.result_list)
        self.has_older = len(rows) > self.list_per_page and self.page_num < MOST_PAGES
        self.full_result_count = None
        self.show_full_result_count = self.can_show_all = self.multi_page = False
        self.show_admin_actions = True
        self.paginator = Paginator(self.result_list, self.list_per_page)

    @property
    def newer_url(self) -> str:
        """Where the page before is, "" on the first one."""
        return self.get_query_string({PAGE_VAR: self.page_num - 1}) if self.page_num > 1 else ""

    @property
    def older_url(self) -> str:
        """Where the page after is, "" on the last one."""
        return self.get_query_string({PAGE_VAR: self.page_num + 1}) if self.has_older else ""


class PeopleList(UncountedList):
    """The people; a search that finds nobody here looks in the pool."""

    # Whether a search found more people than it looks at, and what the pool said.
    has_more: bool = False
    in_pool: InPool | None = None

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[User]:
        """Return the people whom filters and search let through; those who were found come by address."""
        people: QuerySet[User] = super().get_queryset(request, exclude_parameters)
        if not self.term:
            return people
        found = search.here(people, self.term)
        self.has_more = found.more
        return search.in_order(people.filter(pk__in=found.keys))

    def get_results(self, request: HttpRequest) -> None:
        """Read a page of them, and ask the pool for whom nobody here has met."""
        super().get_results(request)
        # With a filter on, whoever is wanted may well be here and only be filtered out.
        is_search = bool(self.term) and not self.has_active_filters and self.page_num == 1 and request.method == "GET"
        if is_search and not self.result_list:
            self.in_pool = at_cognito.find(request, self.term)

    @property
    def term(self) -> str:
        """What is searched for."""
        return str(self.query).strip()
