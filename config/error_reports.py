"""What a report of a mistake of ours may show, to developers too."""

from collections.abc import ItemsView
from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter


class ExceptionReporterFilter(SafeExceptionReporterFilter):
    """Shows where it happened, and neither a local variable nor anything that was typed.

    Django hides what a view names, and nothing at all while DEBUG is on; but passwords, codes and tokens pass through
    forms, gateways and boto3, where every caller's variables hold them under names nobody listed.
    https://docs.djangoproject.com/en/5.2/howto/error-reporting/#filtering-error-reports
    """

    def is_active(self, request: HttpRequest | None) -> bool:
        """Return True: a developer's screen is shared, too."""
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        """Return the names of the fields that were sent, without their values."""
        return dict.fromkeys(request.POST, self.cleansed_substitute) if request is not None else {}

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: FrameType) -> ItemsView[str, Any]:
        """Return the names of the variables, without their values."""
        return dict.fromkeys(tb_frame.f_locals, self.cleansed_substitute).items()
