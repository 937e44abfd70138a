"""``manage.py check``, and then one line of JSON: the CPU seconds that loading the modules of ``accounts`` took.

Run as ``python -m benchmarks.own_modules``. "seconds" is the time of those modules alone, without what they import;
"modules" how many they are; "imported" the top-level names of everything that was imported.
"""

import json
import sys
import time
from importlib.machinery import SourceFileLoader
from types import ModuleType

from django.core.management import execute_from_command_line


class Stopwatch:
    """Times each module that is loaded from source or bytecode."""

    def __init__(self) -> None:
        self.seconds, self.modules = 0.0, 0
        self._nested = [0.0]
        self._exec_module = SourceFileLoader.exec_module

    def exec_module(self, loader: SourceFileLoader, module: ModuleType) -> None:
        """Load ``module`` as ever, and note how long it took if it is one of ours."""
        start = time.process_time()
        self._nested.append(0.0)
        try:
            self._exec_module(loader, module)
        finally:
            taken = time.process_time() - start
            alone = taken - self._nested.pop()
            self._nested[-1] += taken
            if module.__name__.partition(".")[0] == "accounts":
                self.seconds += alone
                self.modules += 1


def main() -> None:
    """Run the command under the stopwatch and print what was seen."""
    stopwatch = Stopwatch()

    def timed(loader: SourceFileLoader, module: ModuleType) -> None:
        stopwatch.exec_module(loader, module)

    SourceFileLoader.exec_module = timed  # type: ignore[method-assign, assignment]
    execute_from_command_line(["manage.py", "check"])
    imported = sorted({name.partition(".")[0] for name in sys.modules})
    print(json.dumps({"seconds": stopwatch.seconds, "modules": stopwatch.modules, "imported": imported}))


if __name__ == "__main__":
    main()
