"""How gunicorn runs the site; it reads this file by itself where it is started beside it.

https://docs.gunicorn.org/en/stable/settings.html
"""

import os
from typing import Any

from django.conf import settings

# One request a thread: a sign-in waits for Cognito, and threads are what it waits in.
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS") or 24)


def on_starting(server: Any) -> None:
    """Tell the site how many threads it has, also where ``--threads`` says otherwise: that bounds who may wait."""
    os.environ["WEB_THREADS"] = str(server.cfg.threads)
    # With --preload the site has read its environment by now.
    if settings.configured:
        settings.WEB_THREADS = server.cfg.threads
