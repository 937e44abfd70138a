"""The administration: what staff see of people, groups and activity, and what they may do to them."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin import activity, groups, people

__all__ = ["activity", "groups", "people"]

admin.site.enable_nav_sidebar = False
admin.site.site_header = _("Administration")
admin.site.site_title = _("Administration")
admin.site.index_title = _("People and rights")
