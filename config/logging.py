"""Log records as lines, each with the id of the request it belongs to."""

import json
import logging
from datetime import UTC, datetime

from accounts.request_id import request_id

# What every record has; anything beyond was given by the caller as ``extra``.
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request_id", "taskName"}
# Extras of Django's own records that hold whole objects.
OBJECTS = {"request", "server_time", "status_code", "sinfo"}


class RequestIdFilter(logging.Filter):
    """Puts the current request's id on each record that brings none of its own."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every record."""
        record.request_id = getattr(record, "request_id", "") or request_id.get()
        return True


def extras(record: logging.LogRecord) -> dict[str, str]:
    """Return what the caller of the logger gave as ``extra``, as text."""
    return {name: str(value) for name, value in vars(record).items() if name not in STANDARD and name not in OBJECTS}


class LineFormatter(logging.Formatter):
    """For eyes: time, level, words, then ``name=value`` pairs, on one line (a traceback follows on its own)."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for ``record``."""
        time = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        pairs = {**extras(record), "request_id": getattr(record, "request_id", "")}
        words = [time, record.levelname, single_line(record.getMessage())]
        words += [f"{name}={single_line(value)}" for name, value in pairs.items() if value]
        trace = "\n" + self.formatException(record.exc_info) if record.exc_info else ""
        return " ".join(words) + trace


class JsonFormatter(logging.Formatter):
    """For machines: one JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object for ``record``."""
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", ""),
            **extras(record),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry)


def single_line(text: str) -> str:
    """Return ``text`` with control characters escaped, so that nothing typed can forge a line."""
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)
