"""From the pool to the database: CPU beside boto3 reading the same pages and dropping them, and memory.

The stand-in answers at once, for both sides. Half of AWS's own time, 25 ms a page and more, is paid by both as well,
so what is compared here is the least favourable.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import boto3

from accounts import sync
from accounts.models import Synchronisation, User
from accounts.sync.report import Report
from benchmarks import cognito, report
from benchmarks.environment import POOL_ID, REGION
from benchmarks.measuring import Way, compare

PEOPLE = 6000
FEW, MANY = 10_000, 100_000
KEY = {"AWS_ACCESS_KEY_ID": "AKIAMEASURED", "AWS_SECRET_ACCESS_KEY": "of-nobody"}
MEBIBYTE = 2**20


def synchronise() -> None:
    """Do what the command does."""
    sync.synchronise(Report())


@contextmanager
def nobody_known() -> Iterator[None]:
    """Have nobody in the database."""
    User.objects.all().delete()
    Synchronisation.objects.all().delete()
    yield


def most_memory(people: int) -> dict[str, int]:
    """Return the most bytes a process took whose pool has so many ``people``: all new to it, then all known."""
    with tempfile.TemporaryDirectory() as directory:
        variables = {**os.environ, "DATABASE_URL": f"sqlite:///{Path(directory) / 'sync'}.sqlite3"}
        command = [sys.executable, "-m", "benchmarks.sync_worker", str(people)]
        output = subprocess.run(command, env=variables, check=True, capture_output=True, text=True).stdout
    found: dict[str, int] = json.loads(output.splitlines()[-1])
    return found


def cpu() -> Iterator[report.Line]:
    """Compare with boto3's paginator alone."""
    client = boto3.client("cognito-idp", region_name=REGION, endpoint_url=os.environ["AWS_ENDPOINT_URL"])

    def read() -> None:
        for _ in client.get_paginator("list_users").paginate(UserPoolId=POOL_ID, PaginationConfig={"PageSize": 60}):
            pass

    cognito.counted(people=PEOPLE)
    for name, way, goal in (
        ("nothing changed", Way(synchronise), 1.25),
        ("all new", Way(synchronise, nobody_known), 2.0),
    ):
        found = compare(way, Way(read), pairs=6, size=1, goal=goal)
        ours, reference = (f"{each / PEOPLE:.1f} us" for each in (found.ours, found.reference))
        yield report.at_most(f"sync CPU a person, {name}", ours, f"boto3's paginator: {reference}", found.ratio, goal)


def memory() -> Iterator[report.Line]:
    """Compare the most memory at MANY people with that at FEW."""
    few, many = most_memory(FEW), most_memory(MANY)
    for name, kind in (("all new", "new"), ("nothing changed", "known")):
        more = (many[kind] - few[kind]) / MEBIBYTE
        reference = f"at {FEW}: {few[kind] / MEBIBYTE:.1f} MiB"
        yield report.Line(
            f"memory of a sync at {MANY} people, {name}", f"+{more:.1f} MiB", reference, "<= 5 MiB", more <= 5
        )


def lines() -> Iterator[report.Line]:
    """Measure both."""
    with patch.dict(os.environ, KEY):
        yield from cpu()
        yield from memory()
