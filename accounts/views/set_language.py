"""The language of the pages, chosen by a form at the foot of each."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import resolve_url
from django.views import i18n
from django.views.decorators.csrf import csrf_exempt

from accounts import return_address


# All that another site can do with this is to change the language of somebody's next page; a token would cost every
# stranger a cookie on every page.
@login_not_required
@csrf_exempt
def set_language(request: HttpRequest) -> HttpResponseBase:
    """Keep the posted ``language`` in a cookie, where the site has it, and go back to the page of the form, or home.

    https://docs.djangoproject.com/en/5.2/topics/i18n/translation/#the-set-language-redirect-view
    """
    response = i18n.set_language(request)
    # Django would lead to any address of this site, also to one that takes only a form.
    response["Location"] = return_address.page_around(request) or resolve_url("home")
    return response
