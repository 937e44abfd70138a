"""Who is known here and was not met in the pool: asked for once more, and then gone."""

from collections.abc import Iterator

from django.db import transaction

from accounts import conf
from accounts.cognito.results import Status
from accounts.models import User
from accounts.sync import access
from accounts.sync.report import Difference, Drift
from accounts.sync.run import Run

ROWS_AT_ONCE = 2000


def settle(run: Run) -> None:
    """Shut out everybody whose account is gone. To be called once every page has been read.

    Somebody whose row is younger than the run may be younger in the pool, too, and is left to the next one. Nobody is
    gone by not being listed alone: pages shift while people come and go, and ListUsers is consistent eventually.
    Raises Unavailable, Misconfigured, Busy.
    """
    for pk, sub, username in candidates(run):
        person = run.ask(lambda: conf.directory().known(sub, username))  # noqa: B023 -- called within this turn
        if person is not None:
            continue
        with transaction.atomic():
            user = User.objects.select_for_update().filter(pk=pk).first()
            # An administrator may have deleted them since.
            if user is None:
                continue
            run.report.found([Difference(Drift.GONE, sub)])
            ended = [] if run.dry_run else access.gone(user)
        run.report.sessions += access.revoke(ended)


def candidates(run: Run) -> Iterator[tuple[int, str, str]]:
    """Yield primary key, sub and user name of everybody who was here before the run and was not met in it."""
    last, met = 0, run.position.met
    ours = User.objects.filter(issuer=run.issuer, pk__lte=run.position.newest).exclude(cognito_status=Status.GONE.value)
    while rows := list(ours.filter(pk__gt=last).order_by("pk").values_list("pk", "sub", "username")[:ROWS_AT_ONCE]):
        yield from (row for row in rows if row[0] not in met)
        last = rows[-1][0]
