"""What staff do to people, from the list and from a person's page: chosen, asked once more, done to each, told.

What Cognito refuses for one person is no reason to leave out the next. Where it does not answer, whoever is left is
named and not tried. https://docs.djangoproject.com/en/5.2/ref/contrib/admin/actions/
"""

import logging
import time
from collections.abc import Callable, Sequence
from copy import copy
from functools import partial
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.admin import confirmation
from accounts.admin.acts import ACTS, Act
from accounts.admin.at_cognito import Description
from accounts.admin.invitation import InvitationMixin
from accounts.admin.outcomes import Outcomes
from accounts.admin.questions import Answers
from accounts.admin.standing import Standing
from accounts.administration import ActRefused
from accounts.administration.acting import refuse_unless_allowed
from accounts.cognito.errors import CognitoError, UserNotFound
from accounts.context import Context
from accounts.models import User

logger = logging.getLogger(__name__)

LIST = "admin:accounts_user_changelist"
KEY = "key"  # what names a person in an address and in a form
FILTERS = "_changelist_filters"  # Django's name for the part of an address that leads back to the list as it was
MOST_AT_ONCE = 100  # people
MOST_NAMED = 20  # people on the page that asks
LONGEST = 25  # seconds after which nobody else is begun with, lest a proxy give the request up


class ActsMixin(InvitationMixin):
    """Gives the administration of people its acts: in the menu of the list, on the person's page, each by a page."""

    def get_urls(self) -> list[URLPattern]:
        """Add the page that asks."""
        view = self.admin_site.admin_view(self.act_view)
        return [path("act/<slug:verb>/", view, name="accounts_user_act"), *super().get_urls()]

    def may(self, request: HttpRequest, act: Act) -> bool:
        """Whether the person of ``request`` may do ``act`` at all, and look at people."""
        return request.user.has_perm(act.permission) and self.has_view_permission(request)

    def get_actions(self, request: HttpRequest) -> dict[str, tuple[Callable[..., Any], str, str]]:  # type: ignore[override]
        """Return the acts that may be done to several people, for the menu of the list."""
        offered = [act for act in ACTS.values() if act.many and self.may(request, act)]
        return {act.verb: (partial(choose, act), act.verb, str(act.tool)) for act in offered}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the acts that fit the person, who is at Cognito as ``at_cognito`` says, for the tools of the page."""
        user = kwargs.get("obj")
        tools = self.tools(request, user, context.get("at_cognito") or Description()) if user else []
        return super().render_change_form(request, {**context, "tools": tools}, *args, **kwargs)

    def tools(self, request: HttpRequest, user: User, now: Description) -> list[dict[str, Any]]:
        """Return label, address and danger of each act that fits ``user`` and that the person of ``request`` may do."""
        standing, by = Standing.of(user, now), cast(User, request.user)
        fitting = [act for act in ACTS.values() if self.may(request, act) and act.fits(standing)]
        allowed = [act for act in fitting if not refusal_of(act, user, by)]
        return [tool(act, user) for act in allowed]

    def act_view(self, request: HttpRequest, verb: str) -> HttpResponse:
        """Ask whether ``verb`` is to be done to those whose keys are given; where that was answered, do it to them."""
        act = ACTS.get(verb)
        if act is None:
            raise Http404
        if not self.may(request, act):
            raise PermissionDenied
        people = chosen(request)
        if not people or (len(people) > 1 and not act.many):
            messages.error(request, _("Nobody was chosen, or they are not here any more. Nothing was done."))
            return HttpResponseRedirect(address_of_list(request))
        by, sent = cast(User, request.user), request.POST if request.method == "POST" else None
        try:
            form = act.form(people, by, sent)
        except UserNotFound:
            # Of one person, whose groups are asked for. The act notes it, and says so.
            form = None
        except CognitoError as error:
            logger.warning("act not asked for", extra={"error": str(error)})
            messages.error(
                request, _("Cognito cannot be asked at the moment. Nothing was done. Try again in a minute.")
            )
            return HttpResponseRedirect(address_after(request, people))
        if sent is None or (form is not None and not form.is_valid()):
            return self.ask(request, act, people, form)
        options = cast(Answers, form).options() if form is not None else {}
        with confirmation.sending(request) as this:
            if this.is_first:
                this.is_done = self.perform(request, act, people, options)
            else:
                messages.warning(request, _("This was sent twice, and was done once. Here is how it stands."))
        return HttpResponseRedirect(address_after(request, people))

    def ask(self, request: HttpRequest, act: Act, people: Sequence[User], form: Form | None) -> HttpResponse:
        """Return the page that asks; to one person it says at once what must not be done to them."""
        one = people[0] if len(people) == 1 else None
        if one and (reason := refusal_of(act, one, cast(User, request.user))):
            messages.error(request, _("%(name)s: nothing was changed. %(reason)s.") % {"name": one, "reason": reason})
            return HttpResponseRedirect(address_after(request, people))
        heading = act.heading if one else act.heading_of_many % {"count": len(people)}
        lead = act.lead(people)
        names_them = one and (lead or "%(name)s" in str(act.heading))
        return confirmation.page(
            self,
            request,
            title=heading % {"name": one} if one else heading,
            form=form,
            lead=lead,
            consequences=act.consequences(people),
            people=[] if names_them else people[:MOST_NAMED],
            more=0 if names_them else max(0, len(people) - MOST_NAMED),
            keys=[(KEY, user.pk) for user in people],
            button=act.button,
            danger=act.danger,
            crumb=act.tool,
            crumbs=[(reverse(LIST), _("People")), *([(page_of(one), str(one))] if one else [])],
            cancel_url=address_after(request, people),
        )

    def perform(self, request: HttpRequest, act: Act, people: Sequence[User], options: dict[str, Any]) -> bool:
        """Do ``act`` to each of ``people``, and have the next page tell what came of it for whom.

        Return whether it was done to everybody.
        """
        outcomes, deadline = Outcomes(act), time.monotonic() + LONGEST
        for number, user in enumerate(people):
            if time.monotonic() > deadline:
                outcomes.leave(people[number:])
                break
            try:
                self.perform_on(request, act, user, options, outcomes)
            except CognitoError as error:
                # It would go the same way with the next one.
                logger.warning("act not done", extra={"error": str(error)})
                outcomes.fail(user, error)
                outcomes.leave(people[number + 1 :])
                break
        outcomes.tell(request)
        return not outcomes.not_done

    def perform_on(
        self, request: HttpRequest, act: Act, user: User, options: dict[str, Any], outcomes: Outcomes
    ) -> None:
        """Do ``act`` to ``user``, with a line in their history. Raises Unavailable, Misconfigured."""
        before = copy(user)
        try:
            done = act.do(user, by=cast(User, request.user), context=Context.of(request), **options)
        except ActRefused as refused:
            sentence = outcomes.refuse(before, refused)
            if refused.changed:
                self.log_change(request, before, sentence)
            return
        sentence = outcomes.add(before, done)
        if User.objects.filter(pk=before.pk).exists():
            self.log_change(request, before, sentence)
        else:
            self.log_deletion_of(request, before)

    def log_deletion_of(self, request: HttpRequest, user: User) -> None:
        """Note in the history that ``user`` was deleted, by the subject: what they were called goes with them."""
        LogEntry.objects.create(
            user=cast(User, request.user),
            content_type=ContentType.objects.get_for_model(User),
            object_id=str(user.pk),
            object_repr=user.sub,
            action_flag=DELETION,
        )


def tool(act: Act, user: User) -> dict[str, Any]:
    """Return what the page of ``user`` shows of ``act``."""
    return {"label": act.tool, "url": address_of(act, [user.pk]), "danger": act.is_last_resort}


def choose(act: Act, model_admin: ActsMixin, request: HttpRequest, people: QuerySet[User]) -> HttpResponse | None:
    """Lead to the page that asks whether ``act`` is to be done to ``people``, ticked in the list."""
    keys = list(people.values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    if len(keys) > MOST_AT_ONCE:
        words = ngettext("Choose at most %(most)d person.", "Choose at most %(most)d people at a time.", MOST_AT_ONCE)
        messages.error(request, words % {"most": MOST_AT_ONCE})
        return None
    return HttpResponseRedirect(address_of(act, keys, request.GET.urlencode()))


def chosen(request: HttpRequest) -> list[User]:
    """Return the people whose keys are in the form that was sent, else in the address, in that order."""
    given = (request.POST if request.method == "POST" else request.GET).getlist(KEY)
    keys = [int(key) for key in dict.fromkeys(given) if key.isascii() and key.isdecimal() and len(key) < 19]
    found = User.objects.in_bulk(keys[:MOST_AT_ONCE])
    return [found[key] for key in keys if key in found]


def refusal_of(act: Act, user: User, by: User) -> str:
    """Return why ``by`` must not do ``act`` to ``user``, as far as is known here; "" where they may."""
    try:
        refuse_unless_allowed(act.verb, user, by)
    except ActRefused as refused:
        return capfirst(refused.reason)
    return ""


def address_of(act: Act, keys: Sequence[int], filters: str = "") -> str:
    """Return the address of the page that asks about the people with these ``keys``, come from a list so filtered."""
    given = [(KEY, key) for key in keys] + ([(FILTERS, filters)] if filters else [])
    return f"{reverse('admin:accounts_user_act', args=[act.verb])}?{urlencode(given)}"


def address_of_list(request: HttpRequest) -> str:
    """Return the address of the list, filtered as it was."""
    filters = request.GET.get(FILTERS, "")
    return f"{reverse(LIST)}?{filters}" if filters else reverse(LIST)


def address_after(request: HttpRequest, people: Sequence[User]) -> str:
    """Return where to go on: to the page of the one person it was about, who is still there, else to the list."""
    one = people[0] if len(people) == 1 else None
    return page_of(one) if one and User.objects.filter(pk=one.pk).exists() else address_of_list(request)


def page_of(user: User) -> str:
    """Return the address of the person's page."""
    return reverse("admin:accounts_user_change", args=[user.pk])
