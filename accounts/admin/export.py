"""The record of what happened as a table for other programs, however long it is."""

import csv
from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone

from accounts.models import Activity

BATCH = 2000  # rows read at a time
# Spreadsheets take what begins with one of these for a formula and work it out, and strangers may have written it.
# https://owasp.org/www-community/attacks/CSV_Injection
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
COLUMNS = (
    "at",
    "kind",
    "factor",
    "outcome",
    "user__sub",
    "user__email",
    "user_sub",
    "target",
    "role",
    "by__sub",
    "by__email",
    "by_sub",
    "ip_address",
    "user_agent",
    "request_id",
)
HEADS = (
    "at",
    "kind",
    "factor",
    "outcome",
    "user_sub",
    "user_email",
    "target",
    "role",
    "by_sub",
    "by_email",
    "ip_address",
    "user_agent",
    "request_id",
)


class Echo:
    """A file that hands back what is written to it.

    https://docs.djangoproject.com/en/5.2/howto/outputting-csv/#streaming-large-csv-files
    """

    def write(self, text: str) -> str:
        """Return ``text``."""
        return text


def as_csv(rows: QuerySet[Activity]) -> StreamingHttpResponse:
    """Return ``rows`` as an answer that is a file, newest first, made while it is sent. RFC 4180."""
    response = StreamingHttpResponse(lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="activity-{timezone.now():%Y-%m-%d}.csv"'
    return response


def lines(rows: QuerySet[Activity]) -> Iterator[str]:
    """Yield the heads of the columns and each of ``rows``, every cell in quotation marks."""
    writer = csv.writer(Echo(), quoting=csv.QUOTE_ALL)
    yield writer.writerow(HEADS)
    for row in in_batches(rows):
        yield writer.writerow([harmless(cell) for cell in cells(row)])


def in_batches(rows: QuerySet[Activity]) -> Iterator[dict[str, Any]]:
    """Yield ``rows`` as dictionaries, newest first, read in batches that each begin after the last one.

    No cursor: the database would keep the whole of the answer for as long as somebody's browser takes it.
    """
    ordered = rows.order_by("-at", "-pk").values("pk", *COLUMNS)
    batch = list(ordered[:BATCH])
    while batch:
        yield from batch
        at, pk = batch[-1]["at"], batch[-1]["pk"]
        # The first condition follows from the second, and is one that an index takes.
        batch = list(ordered.filter(at__lte=at).filter(Q(at__lt=at) | Q(pk__lt=pk))[:BATCH])


def cells(row: dict[str, Any]) -> list[str]:
    """Return the cells of ``row``; who they were stands in the same column after their rows are gone."""
    return [
        row["at"].isoformat(),
        row["kind"],
        row["factor"],
        row["outcome"],
        row["user__sub"] or row["user_sub"],
        row["user__email"] or "",
        row["target"],
        row["role"],
        row["by__sub"] or row["by_sub"],
        row["by__email"] or "",
        row["ip_address"] or "",
        row["user_agent"],
        row["request_id"],
    ]


def harmless(cell: str) -> str:
    """Return ``cell`` such that no spreadsheet works it out: text that could be a formula gets an apostrophe."""
    return f"'{cell}" if cell.lstrip(" ").startswith(FORMULA) else cell
