"""What happened, and what staff did: to be read, filtered and taken along, never written."""

import ipaddress
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts import activity_words, browser
from accounts.activity import record
from accounts.admin import export, search
from accounts.admin.changelist import UncountedList
from accounts.admin.markup import NOTHING, badge, labelled, moment
from accounts.admin.rights import ReadOnlyAdmin, staff_of
from accounts.admin.when import SINCE, UNTIL, DateRange
from accounts.context import Context
from accounts.models import Activity, User

Outcome, Role = Activity.Outcome, Activity.Role
BADGES = {Outcome.DONE: "ok", Outcome.REFUSED: "warn", Outcome.FAILED: "bad"}
# What an address may filter by.
LOOKUPS = frozenset({SINCE, UNTIL, "kind__exact", "outcome__exact", "role__exact", "user__id__exact", "by__id__exact"})


@admin.register(Activity)
class ActivityAdmin(ReadOnlyAdmin):
    """Who did what with whom, whence and with what outcome, newest first."""

    list_display = ("when", "person", "what", "result", "device", "network_address", "actor")
    list_display_links = ("when",)
    list_filter = (DateRange, "outcome", "role", "kind")
    list_select_related = ("user", "by")
    # What `found` looks at. Named here so that there is a box to search in.
    search_fields = ("user__email", "ip_address")
    search_label = gettext_lazy("Search in activity")
    search_help_text = gettext_lazy(
        "The beginning of an email address, a whole username, subject, group or network address."
    )
    # By the column that the range of dates is found by, and that each filter's index ends with.
    ordering = ("-at",)
    sortable_by = ()
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    fields = (
        "when",
        "what",
        "outcome",
        "person",
        "target",
        "actor",
        "role",
        "network_address",
        "user_agent",
        "request",
    )
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        """Add the address of the export."""
        view = self.admin_site.admin_view(require_POST(self.export_view))
        return [path("export/", view, name="accounts_activity_export"), *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[UncountedList]:
        """Return the list that counts nothing."""
        return UncountedList

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Return whether an address may filter by ``lookup``: by what is offered, so by nothing else of a person."""
        return lookup in LOOKUPS

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Activity], search_term: str
    ) -> tuple[QuerySet[Activity], bool]:
        """Return the rows of ``queryset`` that ``search_term`` finds, none of them twice."""
        term = search_term.strip()
        return (queryset.filter(found(term)) if term else queryset), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Tell the page whether the list may be taken along."""
        more = {"may_export": self.may_export(request), "query": request.GET.urlencode()}
        return super().changelist_view(request, (extra_context or {}) | more)

    def may_export(self, request: HttpRequest) -> bool:
        """Return whether the person of ``request`` may take along what the list shows."""
        return self.has_view_permission(request) and request.user.has_perm("accounts.export_activity")

    def export_view(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """Hand out as CSV what the list shows with the filters of the address, all pages of it.

        That it was taken along is recorded, before the first row leaves.
        """
        if not self.may_export(request):
            raise PermissionDenied
        try:
            rows = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            return HttpResponseRedirect("../")
        record(Activity.Kind.ACTIVITY_EXPORTED, None, by=staff_of(request), context=Context.of(request))
        return export.as_csv(rows)

    @admin.display(description=gettext_lazy("Request id"))
    def request(self, row: Activity) -> SafeString:
        """Return what the log calls the request, which may break anywhere."""
        return format_html("<span data-wrap>{}</span>", row.request_id or NOTHING)

    @admin.display(description=gettext_lazy("When"))
    def when(self, row: Activity) -> SafeString:
        """Return the moment."""
        return moment(row.at)

    @admin.display(description=gettext_lazy("Person"))
    def person(self, row: Activity) -> SafeString:
        """Return whose account it was: by name over address, or what is left of them."""
        return called(row.user, row.user_sub)

    @admin.display(description=gettext_lazy("What"))
    def what(self, row: Activity) -> str:
        """Return what happened, with the group or the like that it was about."""
        return activity_words.with_target(row)

    @admin.display(description=gettext_lazy("Outcome"))
    def result(self, row: Activity) -> SafeString:
        """Return what came of it; nothing to look at where it was done."""
        if row.outcome == Outcome.DONE:
            return labelled(_("Outcome:"), row.get_outcome_display())
        return outcome_badge(row)

    @admin.display(description=gettext_lazy("Device"))
    def device(self, row: Activity) -> SafeString:
        """Return what to call the browser."""
        return labelled(_("Device:"), browser.name(row.user_agent) if row.user_agent else NOTHING)

    @admin.display(description=gettext_lazy("Network address"))
    def network_address(self, row: Activity) -> SafeString:
        """Return whence it was done."""
        return labelled(_("Network address:"), row.ip_address or NOTHING)

    @admin.display(description=gettext_lazy("By"))
    def actor(self, row: Activity) -> SafeString:
        """Return who did it."""
        return labelled(_("By:"), actor_of(row))


def actor_of(row: Activity) -> str:
    """Return who did it: by name where it was an administrator, else as what they acted."""
    return called(row.by, row.by_sub) if row.by_id or row.by_sub else row.get_role_display()


def outcome_badge(row: Activity) -> SafeString:
    """Return what came of it as a badge."""
    return badge(row.get_outcome_display(), BADGES[Outcome(row.outcome)])


def called(user: User | None, sub: str) -> SafeString:
    """Return what to call somebody whose row may be gone: then they are known by their ``sub`` alone."""
    if user is None:
        return format_html(
            '<span class="name" data-wrap>{}</span>', _("Deleted: %(sub)s") % {"sub": sub} if sub else NOTHING
        )
    name = user.get_full_name()
    email = format_html(' <span class="email" data-wrap>{}</span>', user.email) if user.email not in {"", name} else ""
    return format_html('<span class="name" data-wrap>{}</span>{}', name, email)


def found(term: str) -> Q:
    """Return which rows ``term`` finds, each kind of them by an index.

    A network address is looked for as one. Else it is the beginning of the address of whoever did it or whose account
    it was, the whole user name or ``sub`` of either, or the whole name of a group.
    """
    try:
        return Q(ip_address=str(ipaddress.ip_address(term)))
    except ValueError:
        pass
    everybody = User.objects.all()
    keys = {*search.beginning_with(everybody, Lower("email"), term)}
    keys |= {*search.exactly(everybody, "username", term), *search.exactly(everybody, "sub", term)}
    return Q(user__in=keys) | Q(by__in=keys) | Q(user_sub=term) | Q(by_sub=term) | Q(target=term)
