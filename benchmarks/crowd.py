"""Many at once: real threads that set off together."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


def at_once(count: int, do: Callable[[int], Result]) -> tuple[float, list[Result]]:
    """Call ``do`` with 0 to ``count`` - 1, all at the same time; return the seconds it took, and the results."""
    ready = threading.Barrier(count + 1)

    def waiting(number: int) -> Result:
        ready.wait()
        return do(number)

    with ThreadPoolExecutor(count) as pool:
        futures = [pool.submit(waiting, number) for number in range(count)]
        ready.wait()
        start = time.perf_counter()
        results = [future.result() for future in futures]
        return time.perf_counter() - start, results
