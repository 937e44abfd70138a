"""What a report of a mistake of ours may show, to developers too."""

import re
from collections.abc import ItemsView
from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.views.debug import ExceptionReporter as DjangoExceptionReporter
from django.views.debug import SafeExceptionReporterFilter

# What the server, and not the browser, says of a request, and what is the same for everybody.
SHOWN_META = {"CONTENT_LENGTH", "CONTENT_TYPE", "REQUEST_METHOD", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL"}


class ExceptionReporterFilter(SafeExceptionReporterFilter):
    """Shows where it happened, and neither a local variable nor anything that was typed or sent.

    Django hides what a view names, and nothing at all while DEBUG is on; but passwords, codes and tokens pass through
    forms, gateways and boto3, where every caller's variables hold them under names nobody listed.
    https://docs.djangoproject.com/en/5.2/howto/error-reporting/#filtering-error-reports
    """

    # Besides Django's own: an address of a database, a cache or a mail server may have a password in it.
    hidden_settings = re.compile(
        "API|AUTH|TOKEN|KEY|SECRET|PASS|SIGNATURE|COOKIE|CREDENTIAL|DSN|LOCATION|OPTIONS|URL", re.IGNORECASE
    )

    def is_active(self, request: HttpRequest | None) -> bool:
        """Return True: a developer's screen is shared, too."""
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        """Return the names of the fields that were sent, without their values."""
        return dict.fromkeys(request.POST, self.cleansed_substitute) if request is not None else {}

    def get_safe_request_meta(self, request: HttpRequest | None) -> dict[str, Any]:
        """Return what came with the request, with the values of SHOWN_META only.

        The development server puts the whole environment of the process in here, ``TOKEN_KEYS`` included.
        """
        meta: dict[str, Any] = getattr(request, "META", {})
        return {name: value if name in SHOWN_META else self.cleansed_substitute for name, value in meta.items()}

    def get_safe_cookies(self, request: HttpRequest | None) -> dict[str, Any]:
        """Return the names of the cookies, without their values."""
        return dict.fromkeys(getattr(request, "COOKIES", {}), self.cleansed_substitute)

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: FrameType) -> ItemsView[str, Any]:
        """Return the names of the variables, without their values."""
        return dict.fromkeys(tb_frame.f_locals, self.cleansed_substitute).items()


class ExceptionReporter(DjangoExceptionReporter):
    """Django's, without what its filter is not asked about: the query, files, and text that could not be decoded.

    https://docs.djangoproject.com/en/5.2/howto/error-reporting/#custom-error-reports
    """

    def get_traceback_data(self) -> dict[str, Any]:
        """Return what the page and the mail are made of."""
        data = super().get_traceback_data()
        hidden = self.filter.cleansed_substitute
        data["unicode_hint"] = ""
        if self.request is not None:
            data["request_GET_items"] = dict.fromkeys(self.request.GET, hidden).items()
            data["request_FILES_items"] = dict.fromkeys(self.request.FILES, hidden).items()
            data["request_insecure_uri"] = str(data["request_insecure_uri"]).partition("?")[0]
        return data
