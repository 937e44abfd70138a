"""One line for an event: readable by eyes and machines, and by nobody's typing forged."""

from __future__ import annotations

import json
import logging
import os
import sys

import pytest

from accounts.request_id import request_id
from config.logging import JsonFormatter, LineFormatter, RequestIdFilter


def record(message: str = "refused", **extra: object) -> logging.LogRecord:
    made = logging.getLogger("accounts").makeRecord("accounts", logging.WARNING, "f", 1, message, (), None, extra=extra)
    RequestIdFilter().filter(made)
    return made


def test_a_machine_gets_one_object_a_line() -> None:
    line = JsonFormatter().format(record("refused\nforged", ip="192.0.2.1"))
    assert "\n" not in line
    entry = json.loads(line)
    assert (entry["level"], entry["message"], entry["ip"]) == ("WARNING", "refused\nforged", "192.0.2.1")


@pytest.mark.parametrize("forged", ["a\nb", "a\r\nb", "a\x1b[31mb", "a\u2028b"])
def test_eyes_get_one_line_whatever_was_typed(forged: str) -> None:
    line = LineFormatter().format(record(forged, ip=forged))
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line


def test_a_line_carries_the_id_of_its_request() -> None:
    token = request_id.set("0123456789abcdef")
    try:
        assert "request_id=0123456789abcdef" in LineFormatter().format(record())
        assert json.loads(JsonFormatter().format(record()))["request_id"] == "0123456789abcdef"
    finally:
        request_id.reset(token)


def test_an_exception_follows() -> None:
    try:
        os.environ["NOBODY_SETS_THIS"]
    except KeyError:
        made = record()
        made.exc_info = sys.exc_info()
    assert "KeyError: 'NOBODY_SETS_THIS'" in json.loads(JsonFormatter().format(made))["exception"]
    assert "KeyError: 'NOBODY_SETS_THIS'" in LineFormatter().format(made)


def test_a_line_that_brings_the_id_of_another_request_keeps_it() -> None:
    token = request_id.set("0123456789abcdef")
    try:
        assert json.loads(JsonFormatter().format(record(request_id="earlier")))["request_id"] == "earlier"
        assert json.loads(JsonFormatter().format(record(request_id="")))["request_id"] == "0123456789abcdef"
    finally:
        request_id.reset(token)
