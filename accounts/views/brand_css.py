"""The company's colour, as a style sheet of the site's own origin: the policy allows no style in a page."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts import brand

FOR_GOOD = "public, max-age=31536000, immutable"


@login_not_required
@require_safe
def brand_css(request: HttpRequest) -> HttpResponse:
    """Return the sheet; a browser keeps it for good under the address that names this very version, else never.

    While a site is rolled out, a process that still has the old colour is asked for the new one's address.
    https://www.rfc-editor.org/rfc/rfc8246
    """
    # The check of forms has looked at the session, and nothing of it is in the answer: it is the same for every cookie.
    request.session.accessed = False
    css = brand.stylesheet(settings.BRAND_ACCENT)
    response = HttpResponse(css, content_type="text/css; charset=utf-8")
    response["Cache-Control"] = FOR_GOOD if request.GET.get("v") == brand.version(css) else "no-cache"
    return response


# A sheet is the same for everybody: no session is touched for it.
brand_css.ignores_session = True  # type: ignore[attr-defined]
