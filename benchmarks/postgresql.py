"""A PostgreSQL database to measure on, where a server is at hand."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

SERVER = "postgresql://postgres@127.0.0.1:5432"


@contextmanager
def temporary_database() -> Iterator[str]:
    """Make a database at SERVER and yield its URL, "" where no server lets us; it is gone afterwards."""
    try:
        server = psycopg.connect(f"{SERVER}/postgres", autocommit=True, connect_timeout=2)
    except psycopg.OperationalError:
        yield ""
        return
    with server:
        name = f"latchkey_bench_{secrets.token_hex(4)}"
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield f"{SERVER}/{name}"
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
