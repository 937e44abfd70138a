"""The pages anybody may read."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import conf, pool
from accounts.cognito.challenges import ChallengeName
from accounts.cognito.results import PoolDescription
from accounts.cognito.sign_in_names import NameKind
from accounts.models import User


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what this site is and the ways in."""
    described, user = pool.description(), request.user
    names = user.name.split() if isinstance(user, User) else []
    context = {
        "first_name": names[0] if names else "",
        "passkeys": described.passkeys,
        "by_text": conf.config().sign_in_with.contact is NameKind.PHONE,
        "ways": ways_in(described),
    }
    return render(request, "accounts/home.html", context)


def ways_in(described: PoolDescription) -> str:
    """Return the ways to sign in that the pool offers, as part of a sentence; "" where there is one alone."""
    offered = {
        ChallengeName.PASSWORD: _("a password"),
        ChallengeName.WEB_AUTHN: _("a passkey"),
        ChallengeName.EMAIL_OTP: _("a code we email you"),
        ChallengeName.SMS_OTP: _("a code we text you"),
    }
    ways = [words for name, words in offered.items() if name in {ChallengeName.PASSWORD, *described.first_factors}]
    return get_text_list(ways, _("or")) if len(ways) > 1 else ""


@login_not_required
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Show what to do when signing in does not work."""
    described = pool.description()
    context = {
        "by_email": conf.config().sign_in_with.kinds == (NameKind.EMAIL,),
        "passkey_is_one_step": described.passkeys and not described.passkeys_satisfy_mfa,
    }
    return render(request, "accounts/help.html", context)


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Show what is kept about people."""
    return render(request, "accounts/privacy.html", {"activity_days": settings.ACTIVITY_DAYS})


@login_not_required
@require_safe
def well_known_change_password(request: HttpRequest) -> HttpResponse:
    """Send password managers to the form. https://w3c.github.io/webappsec-change-password-url/"""
    return redirect("change_password")
