"""After the answer: few threads, a bounded number of jobs, nobody waits, and the end of a process waits for them."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from pytest_django import Settings
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from accounts import after_answer, notices
from accounts.after_answer import AfterAnswer
from accounts.request_id import request_id
from devcloud.ports import free_port

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Holds jobs up until it is set, at the latest at the end of the test."""
    event = threading.Event()
    yield event
    event.set()


def threads_of(name: str) -> int:
    """Return how many threads have that name; others come and go with the servers of the tests."""
    return sum(thread.name == name for thread in threading.enumerate())


def test_jobs_are_done_in_the_order_they_came() -> None:
    after, done = AfterAnswer("test", threads=1, most=10), list[int]()
    assert all(after.do(done.append, number) for number in range(10))
    assert after.flush(5) == 0
    assert done == list(range(10))


def test_no_more_threads_run_than_allowed(gate: threading.Event) -> None:
    after = AfterAnswer("crowd", threads=3, most=50)
    for _ in range(50):
        after.do(gate.wait, 10)
    assert threads_of("crowd") == 3
    gate.set()
    assert after.flush(5) == 0


def test_what_does_not_fit_is_left_out_and_logged(gate: threading.Event, caplog: pytest.LogCaptureFixture) -> None:
    after, done = AfterAnswer("full", threads=1, most=2), list[str]()
    taken = threading.Event()

    def hold() -> None:
        taken.set()
        gate.wait(10)

    after.do(hold)
    assert taken.wait(5)
    assert [after.do(done.append, name) for name in ("one", "two", "canary")] == [True, True, False]
    gate.set()
    assert after.flush(5) == 0
    assert done == ["one", "two"]
    left = [record for record in caplog.records if record.getMessage() == "left undone"]
    assert [record.levelno for record in left] == [logging.ERROR]
    assert "canary" not in str([vars(record) for record in left])


def test_a_job_that_fails_is_logged_without_its_words_and_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    after, done = AfterAnswer("failing", threads=1, most=10), list[int]()

    def fail(secret: str) -> None:
        raise ValueError(secret)

    token = request_id.set("0123456789abcdef")
    try:
        after.do(fail, "canary-of-a-token")
        after.do(done.append, 1)
        assert after.flush(5) == 0
    finally:
        request_id.reset(token)
    assert done == [1]
    failed = [record for record in caplog.records if record.getMessage() == "failed"]
    assert [record.__dict__["error"] for record in failed] == ["ValueError"]
    assert "canary" not in str([vars(record) for record in failed])


def test_a_job_knows_the_id_of_its_request() -> None:
    after, seen = AfterAnswer("context", threads=1, most=10), list[str]()
    for name in ("first", "second"):
        token = request_id.set(name)
        after.do(lambda: seen.append(request_id.get()))
        request_id.reset(token)
    assert after.flush(5) == 0
    assert seen == ["first", "second"]


def test_flushing_waits_no_longer_than_told(gate: threading.Event) -> None:
    after = AfterAnswer("slow", threads=1, most=10)
    after.do(gate.wait, 10)
    after.do(gate.wait, 10)
    assert after.flush(0.01) == 2
    gate.set()
    assert after.flush(5) == 0


def run(script: str, *, terminate: bool = False) -> str:
    """Run a Python script in a process of its own, end it by SIGTERM if asked to, and return what it wrote."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", script], env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        first = process.stdout.readline()
        if terminate:
            process.send_signal(signal.SIGTERM)
        # Not by communicate(), which overlooks what came together with the first line.
        return first + process.stdout.read()


JOB = """
import os, signal, sys, time
from accounts import after_answer
def job(name):
    time.sleep(0.3)
    os.write(1, f"{name}\\n".encode())
"""


def test_the_end_of_a_process_waits_for_what_was_begun() -> None:
    ended = run(JOB + "for n in (1, 2, 3): after_answer.mails.do(job, n)\nos.write(1, b'ready\\n')")
    assert sorted(ended.split()) == ["1", "2", "3", "ready"]


def test_a_worker_that_is_told_to_stop_does_what_was_begun() -> None:
    # As gunicorn's workers do: the signal lets what runs end, and then the process exits.
    script = "signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\nafter_answer.revocations.do(job, 'revoked')\n"
    ended = run(f"{JOB}{script}os.write(1, b'ready\\n')\ntime.sleep(20)", terminate=True)
    assert ended.split() == ["ready", "revoked"]


def test_a_forked_worker_has_threads_of_its_own_and_none_of_its_parents_jobs() -> None:
    script = """
after_answer.mails.do(job, "parent")
pid = os.fork()
if pid == 0:
    assert after_answer.mails.flush(0) == 0
    after_answer.mails.do(job, "child")
    assert after_answer.mails.flush(5) == 0
    os._exit(0)
os.waitpid(pid, 0)
"""
    assert sorted(run(JOB + script).split()) == ["child", "parent"]


def test_a_mail_server_that_hangs_takes_four_threads_and_no_request(settings: Settings) -> None:
    # It listens, and never says a word.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", silent.getsockname()[1], 60
        for number in range(50):
            notices.already_registered(f"ada-{number}@example.com")
        assert after_answer.mails.flush(0) == 50
        assert threads_of("mail") == 4
    # Now it is away, and whoever waits for it is told so.
    assert after_answer.mails.flush(30) == 0


APPLICATION = """
import os, time
from accounts import after_answer
def job():
    time.sleep(0.5)
    with open(os.environ["DONE"], "a") as done:
        done.write("done\\n")
def application(environ, start_response):
    for _ in range(3):
        after_answer.revocations.do(job)
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""


@pytest.mark.parametrize("options", [[], ["--preload"]], ids=["loaded by the worker", "loaded before the fork"])
def test_gunicorn_lets_a_worker_do_what_its_requests_left(tmp_path: Path, options: list[str]) -> None:
    (tmp_path / "leaving.py").write_text(APPLICATION)
    port, done = free_port(), tmp_path / "done"
    env = {**os.environ, "PYTHONPATH": f"{ROOT}:{tmp_path}", "DONE": str(done)}
    command = [sys.executable, "-W", "ignore", "-m", "gunicorn", "leaving", "--bind", f"127.0.0.1:{port}"]
    with subprocess.Popen([*command, "--threads", "4", "--log-level", "error", *options], env=env) as server:
        asked = requests.Session()
        asked.mount("http://", HTTPAdapter(max_retries=Retry(connect=8, backoff_factor=0.2)))
        assert asked.get(f"http://127.0.0.1:{port}/", timeout=20).text == "ok"
        asked.close()
        server.terminate()
        server.wait(20)
    assert done.read_text().splitlines() == ["done"] * 3
