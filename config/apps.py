"""Django's administration, with the site's door."""

from django.contrib.admin.apps import AdminConfig


class AdministrationConfig(AdminConfig):
    """The app ``django.contrib.admin``, whose site is ours.

    https://docs.djangoproject.com/en/5.2/ref/contrib/admin/#overriding-the-default-admin-site
    """

    default_site = "accounts.door.AdministrationSite"
