"""Strangers who send forms over many connections, in a process of its own: the load of benchmarks.strangers.

It stops by itself. What came back is printed as one line of JSON: how many answers of each status.
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter
from urllib.parse import urlencode

CSRF = "a" * 32


def form(kind: str) -> tuple[str, bytes, str]:
    """Return path, body and address of one request: ``refused`` (a wrong password) or ``repeated`` (the same post)."""
    fields = {"csrfmiddlewaretoken": CSRF}
    if kind == "repeated":
        return "/login/challenge/", urlencode({**fields, "code": "123456"}).encode(), "192.0.2.1"
    name = f"{random.getrandbits(64):x}@example.com"
    body = urlencode({**fields, "username": name, "password": "Wrong-horse-1"}).encode()
    # From one address nearly all would be turned away by the limit alone.
    scattered = ".".join(str(random.randint(1, 250)) for _ in range(4))
    return "/login/", body, scattered if kind == "refused" else "192.0.2.1"


async def answered(reader: asyncio.StreamReader) -> int:
    """Return the status of the next answer, read to its end; IncompleteReadError when the server has hung up."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = head.partition("content-length: ")[2].partition("\r\n")[0]
    await reader.readexactly(int(length or 0))
    return int(head.split(None, 2)[1])


async def stranger(port: int, kind: str, until: float, pause: float, counts: Counter[int]) -> None:
    """Send a form every ``pause`` seconds over one connection, opened again when the server closes it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.sleep(random.random() * pause)
    while (sent := time.monotonic()) < until:
        path, body, address = form(kind)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nCookie: csrftoken={CSRF}; sessionid={'s' * 32}\r\n"
            f"X-Forwarded-For: {address}\r\nX-Forwarded-Proto: http\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        try:
            writer.write(head.encode() + body)
            counts[await answered(reader)] += 1
        except (asyncio.IncompleteReadError, ConnectionError):
            # Idle for longer than the server keeps a connection.
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            continue
        await asyncio.sleep(max(0.0, sent + pause - time.monotonic()))
    writer.close()


async def main(port: int, kind: str, seconds: float, connections: int, rate: float) -> None:
    """Send ``rate`` forms a second in all, for ``seconds``; with a rate of 0, each connection again at once."""
    counts: Counter[int] = Counter()
    until, pause = time.monotonic() + seconds, connections / rate if rate else 0.0
    await asyncio.gather(*(stranger(port, kind, until, pause, counts) for _ in range(connections)))
    print(json.dumps(counts), flush=True)


if __name__ == "__main__":
    port, kind, seconds, connections, rate = sys.argv[1:]
    asyncio.run(main(int(port), kind, float(seconds), int(connections), float(rate)))
