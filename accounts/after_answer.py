"""What is done after the answer, so that nobody waits for a mail server or for Cognito to forget a token.

A few threads of this process and a bounded number of waiting jobs; what does not fit is left out, and the log says so.
A job touches no database: a thread has a connection of its own, which nobody would close.
"""

import atexit
import logging
import os
import time
from collections.abc import Callable
from contextvars import Context, copy_context
from queue import Full, Queue
from threading import Lock, Thread
from typing import Any

logger = logging.getLogger(__name__)

# Seconds that the end of a process waits for its jobs: less than the 30 that gunicorn gives a worker to end.
# https://docs.gunicorn.org/en/stable/settings.html#graceful-timeout
LAST_CHANCE = 10.0

Job = tuple[Context, Callable[..., object], tuple[Any, ...]]


class AfterAnswer:
    """At most ``threads`` threads that do up to ``most`` waiting jobs, in the order they came.

    Threads start with the first jobs, never before: a server may load the site and fork its workers afterwards, and
    threads do not come along. https://docs.python.org/3/library/os.html#os.register_at_fork
    """

    def __init__(self, name: str, *, threads: int, most: int) -> None:
        self.name, self.threads, self.most = name, threads, most
        self.begin()

    def begin(self) -> None:
        """Begin without threads and jobs. A process that was just forked does so: waiting jobs are its parent's."""
        self._lock, self._started = Lock(), 0
        self._jobs: Queue[Job] = Queue(self.most)

    def do(self, job: Callable[..., object], *given: Any) -> bool:
        """Have ``job(*given)`` done soon; return False, after a line in the log, when too many are waiting.

        Never waits. The job sees the context of the caller, so that its log lines carry the request's id.
        """
        try:
            self._jobs.put_nowait((copy_context(), job, given))
        except Full:
            logger.error("left undone", extra={"job": self.name, "waiting": self.most})
            return False
        self._staff()
        return True

    def flush(self, seconds: float) -> int:
        """Wait at most ``seconds`` until all is done; return how many jobs are not."""
        with self._jobs.all_tasks_done:
            self._jobs.all_tasks_done.wait_for(lambda: not self._jobs.unfinished_tasks, seconds)
            return self._jobs.unfinished_tasks

    def _staff(self) -> None:
        """Start another thread, unless there are as many as allowed, or one for each job."""
        with self._lock:
            if self._started < min(self.threads, self._jobs.unfinished_tasks):
                Thread(target=self._work, args=(self._jobs,), name=self.name, daemon=True).start()
                self._started += 1

    def _work(self, jobs: "Queue[Job]") -> None:
        while True:
            context, job, given = jobs.get()
            try:
                context.run(job, *given)
            except Exception as error:  # noqa: BLE001 -- a thread that ends would leave later jobs undone
                # Neither the words of the error nor a traceback: both may hold what was to be mailed or revoked.
                context.run(logger.error, "failed", extra={"job": self.name, "error": type(error).__name__})
            finally:
                jobs.task_done()
                del context, job, given


# Queues of their own, so that no revocation waits behind mails to a server that is away. A mail that is not sent gives
# up its thread after EMAIL_TIMEOUT (5 seconds), a revocation after 7.
mails = AfterAnswer("mail", threads=4, most=200)
revocations = AfterAnswer("revocation", threads=2, most=500)
# The files of people who have left, which may take long.
deletions = AfterAnswer("deletion of files", threads=1, most=100)


def flush(seconds: float = LAST_CHANCE) -> None:
    """Wait at most ``seconds`` for all jobs of this process, and log how many had to be left."""
    deadline = time.monotonic() + seconds
    for each in (mails, revocations, deletions):
        if left := each.flush(max(0.0, deadline - time.monotonic())):
            logger.error("left undone at the end", extra={"job": each.name, "waiting": left})


for _each in (mails, revocations, deletions):
    os.register_at_fork(after_in_child=_each.begin)
# Runs where a process ends in its own time: gunicorn's workers do at SIGTERM, as do runserver and commands.
atexit.register(flush)
