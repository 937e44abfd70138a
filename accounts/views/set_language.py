"""The language of the pages, chosen by a form at the foot of each."""

from django.contrib.auth.decorators import login_not_required
from django.views.decorators.csrf import csrf_exempt
from django.views.i18n import set_language as keep_language

# Django's own view: the language goes into a cookie, if the site has it, and the way back stays on this host.
# https://docs.djangoproject.com/en/5.2/topics/i18n/translation/#the-set-language-redirect-view
# Without a token: all that another site can do with this is to change the language of somebody's next page, and a token
# would cost every stranger a cookie on every page.
set_language = login_not_required(csrf_exempt(keep_language))
