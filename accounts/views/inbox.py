"""The mails and text messages the local AWS has sent. There is no such page on AWS."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

MOST = 50  # messages shown
CODE = re.compile(r"(?<![\w-])\d{6,8}(?![\w-])")


@login_not_required
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """List the messages, newest first. Raises Http404 unless the site runs on the local AWS."""
    if settings.DEVCLOUD_OUTBOX is None:
        raise Http404
    return render(request, "accounts/inbox.html", {"messages_list": messages_in(settings.DEVCLOUD_OUTBOX)})


def messages_in(outbox: Path) -> list[dict[str, Any]]:
    """Return the latest messages of the file ``outbox``, each with the code it holds, if any, and a key of its own."""
    try:
        lines = outbox.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    shown = []
    for line in reversed(lines[-MOST:]):
        try:
            message = json.loads(line)
        except ValueError:  # a line that is being written
            continue
        code = CODE.search(message.get("body", ""))
        key = hashlib.sha256(line.encode()).hexdigest()[:16]
        shown.append({**message, "code": code.group() if code else "", "key": key})
    return shown
