"""The people, as far as this site knows them. What Cognito owns is shown here and changed there."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts import users
from accounts.activity import record
from accounts.admin import at_cognito, filters, person
from accounts.admin.actions import ActsMixin
from accounts.admin.changelist import PeopleList
from accounts.admin.markup import day, labelled, moment, state_badge
from accounts.admin.rights import staff_of
from accounts.admin.states import State
from accounts.context import Context
from accounts.limits import DIRECTORY, declares
from accounts.models import Activity, User

LONGEST_GROUPS = 80  # characters of the names of somebody's groups in a list


class ChoiceOfAct(forms.Select):
    """The acts in one template: with one for each option, they take as long to draw as the people do."""

    template_name = "admin/accounts/choice_of_act.html"


class OnThisPage(ActionForm):
    """Chooses an act. Who is meant is ticked one by one: nobody acts on people they have not seen."""

    action = forms.ChoiceField(label=gettext_lazy("Action:"), widget=ChoiceOfAct)

    def clean_select_across(self) -> bool:
        """Return False, whatever was sent."""
        return False


@admin.register(User)
class UserAdmin(ActsMixin, admin.ModelAdmin):
    """People: found by address, name or subject, never written by hand."""

    list_display = ("who", "state", "two_step", "group_names", "last_sign_in", "joined")
    list_filter = filters.PEOPLE
    # What accounts/admin/search.py looks at. Named here so that there is a box to search in.
    search_fields = ("email__istartswith", "name__istartswith", "username__iexact", "sub__iexact")
    search_label = gettext_lazy("Search for people")
    search_help_text = gettext_lazy("The beginning of a name or email, or a whole username, subject or phone number.")
    # Newest first. By key, which has an index: sorting a million people by date takes half a second, and a hierarchy of
    # dates three. Counting them by filter takes as long.
    ordering = ("-pk",)
    sortable_by = ()
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    action_form = OnThisPage
    fieldsets = ()

    def get_urls(self) -> list[URLPattern]:
        """Add the address that takes somebody over from the pool."""
        view = self.admin_site.admin_view(declares(DIRECTORY)(require_POST(self.take_over)))
        return [path("from-pool/", view, name="accounts_user_from_pool"), *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[PeopleList]:
        """Return the list that counts nobody."""
        return PeopleList

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Return everybody: the list searches by itself, since it also says whom it leaves out."""
        return queryset, False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Return whether an address may filter by ``lookup``: by what is offered, so by no hash."""
        return lookup in filters.PARAMETERS

    @admin.display(description=gettext_lazy("Person"))
    def who(self, user: User) -> SafeString:
        """Return the name over the address, or the one there is."""
        name = user.get_full_name()
        email = (
            format_html(' <span class="email" data-wrap>{}</span>', user.email) if user.email not in {"", name} else ""
        )
        return format_html('<span class="name" data-wrap>{}</span>{}', name, email)

    @admin.display(description=gettext_lazy("Status"))
    def state(self, user: User) -> SafeString:
        """Return the badge of the state of the account, as last seen."""
        return state_badge(State.of_user(user))

    @admin.display(description=gettext_lazy("Two-step verification"))
    def two_step(self, user: User) -> SafeString:
        """Return the second factors, as last seen."""
        return labelled(_("Two-step:"), person.factor_names(user.second_factors))

    @admin.display(description=gettext_lazy("Groups"))
    def group_names(self, user: User) -> SafeString:
        """Return the groups at Cognito, as last seen."""
        names = ", ".join(user.cognito_groups) or _("none")
        return labelled(_("Groups:"), Truncator(names).chars(LONGEST_GROUPS))

    @admin.display(description=gettext_lazy("Last sign-in"))
    def last_sign_in(self, user: User) -> SafeString:
        """Return when the person last signed in here."""
        return labelled(_("Last sign-in:"), moment(user.last_login))

    @admin.display(description=gettext_lazy("Joined"))
    def joined(self, user: User) -> SafeString:
        """Return the day on which the person came to be known here."""
        return labelled(_("Joined:"), day(user.date_joined))

    # Django passes all of the rest by name.
    def render_change_form(  # type: ignore[override]
        self, request: HttpRequest, context: dict[str, Any], *, obj: User, **kwargs: Any
    ) -> HttpResponse:
        """Show what is known of the person, and what Cognito says of them now."""
        now = at_cognito.describe(request, obj)
        shown = {
            "title": str(obj),
            "subtitle": None,
            "trouble": now.trouble,
            "at_cognito": now,
            "panels": person.panels(obj, now),
            "sessions": person.sessions(obj),
            "activity": person.activity(obj) if request.user.has_perm("accounts.view_activity") else None,
            "rights": person.rights(obj),
        }
        return super().render_change_form(request, context | shown, obj=obj, **kwargs)

    def take_over(self, request: HttpRequest) -> HttpResponse:
        """Give somebody of the pool, whom this site has not met, a row and a page here.

        What is written is what Cognito says, and takes the permission to have it written. Whoever has a row keeps it
        as it is: to bring it up to date is an act, which ends sessions where it has to and spares superiors.
        """
        if not self.may_take_over(request):
            raise PermissionDenied
        try:
            found, groups = at_cognito.person(request, request.POST.get("username", ""))
        except at_cognito.NotTold as error:
            messages.error(request, error.reason)
            return HttpResponseRedirect(reverse("admin:accounts_user_changelist"))
        user = at_cognito.user_of(found)
        if user is None:
            user = users.keep(found, groups)
            record(Activity.Kind.SYNCHRONISED, user, by=staff_of(request), context=Context.of(request))
            self.log_addition(request, user, _("Taken over from Cognito."))
        return HttpResponseRedirect(reverse("admin:accounts_user_change", args=[user.pk]))

    def may_take_over(self, request: HttpRequest) -> bool:
        """Return whether the person of ``request`` may have a row brought up to date with Cognito, and look at it."""
        return self.has_view_permission(request) and request.user.has_perm("accounts.synchronise_user")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Tell the page what may be done with whom the pool knows."""
        more = {"may_take_over": self.may_take_over(request)}
        return super().changelist_view(request, (extra_context or {}) | more)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False: a person is added by an invitation or by signing in."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Return False: nothing is typed into a person. What is done to them has a page and a permission of its own."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Return False: the account at Cognito would make a new row at the next sign-in."""
        return False
