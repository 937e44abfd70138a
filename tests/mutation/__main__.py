"""The command line: `python -m tests.mutation accounts/users.py`, or `make mutants` (docs/developing.md, "Tests")."""

from __future__ import annotations

import argparse
import os
import queue
import threading
import time
from collections import Counter, defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, field

from tests.mutation.mutants import Mutant
from tests.mutation.recording import Recording
from tests.mutation.selection import chosen, is_equivalent, tests_for
from tests.mutation.tree import ROOT, Copy, recorded

# How long the tests of one mutant may have taken when they were recorded, in seconds; the likeliest come first.
BUDGET = 12.0
# A mutant is stopped after so many times what its tests took when they were recorded, and so many seconds more.
SLOWER, PATIENCE = 4, 20


@dataclass
class Result:
    """What became of one mutant: killed, survived, timeout, untested, and the test that missed what was changed."""

    mutant: Mutant
    outcome: str
    seconds: float = 0.0
    killer: str = ""


@dataclass
class Pass:
    """A pass over `mutants`, on several copies at once."""

    recording: Recording
    budget: float
    doubted: set[str] = field(default_factory=set)
    results: list[Result] = field(default_factory=list)
    _printing: threading.Lock = field(default_factory=threading.Lock)

    def run(self, mutants: list[Mutant], copies: list[Copy]) -> None:
        """Try each mutant, and print those that survive as they are found."""
        waiting: queue.SimpleQueue[Mutant] = queue.SimpleQueue()
        for mutant in mutants:
            waiting.put(mutant)
        # Daemons: who presses Ctrl-C does not wait for the tests under way.
        threads = [threading.Thread(target=self.work, args=(waiting, copy), daemon=True) for copy in copies]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def prove(self, copies: list[Copy]) -> None:
        """Raise SystemExit unless tests pass where there is no mutant: else each would count as killed."""
        quickest = sorted(self.recording.seconds, key=lambda test: self.recording.seconds[test])
        some = [*quickest[:3], *quickest[len(quickest) // 2 :][:3]]
        for copy in copies:
            answer = copy.ask(path=None, source=None, tests=some, seconds=PATIENCE * SLOWER)
            if answer["outcome"] != "survived":
                raise SystemExit(f"The tests fail without a mutant, too: {answer}")

    def work(self, waiting: queue.SimpleQueue[Mutant], copy: Copy) -> None:
        """Try mutants on `copy` until none is waiting."""
        while True:
            try:
                mutant = waiting.get_nowait()
            except queue.Empty:
                return
            result = self.outcome(mutant, copy)
            with self._printing:
                self.results.append(result)
                if result.outcome not in {"killed", "equivalent"}:
                    print(f"{result.outcome}: {mutant.place}\n    - {mutant.before}\n    + {mutant.after}", flush=True)

    def outcome(self, mutant: Mutant, copy: Copy) -> Result:
        """Return what the tests say of `mutant`."""
        if is_equivalent(mutant):
            return Result(mutant, "equivalent")
        tests = [test for test in tests_for(mutant, self.recording, self.budget) if test not in self.doubted]
        if not tests:
            return Result(mutant, "untested")
        source = mutant.apply((copy.root / mutant.path).read_bytes()).decode()
        seconds = PATIENCE + SLOWER * sum(self.recording.seconds[test] for test in tests)
        answer = copy.ask(path=mutant.path, source=source, tests=tests, seconds=seconds)
        return Result(mutant, answer["outcome"], answer["seconds"], next(iter(answer["failed"]), ""))

    def doubt(self, copy: Copy) -> list[Mutant]:
        """Run the tests that killed without any mutant; return the mutants whose killer fails without one, too."""
        killers = sorted({result.killer for result in self.results} - {""})
        if killers:
            seconds = PATIENCE + SLOWER * sum(self.recording.seconds[test] for test in killers)
            answer = copy.ask(path=None, source=None, tests=killers, seconds=seconds)
            self.doubted = set(killers) if answer["outcome"] == "timeout" else set(answer["failed"])
        doubtful = [result for result in self.results if result.killer in self.doubted]
        self.results = [result for result in self.results if result.killer not in self.doubted]
        return [result.mutant for result in doubtful]


def summary(results: list[Result]) -> str:
    """Return a table of the outcomes by file, with the seconds each took."""
    outcomes = ("killed", "survived", "timeout", "untested", "equivalent")
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    seconds: Counter[str] = Counter()
    for result in results:
        for name in (result.mutant.path, "all"):
            counts[name][result.outcome] += 1
            seconds[name] += result.seconds  # type: ignore[assignment] # a Counter adds up what it is given
    width = max((len(name) for name in counts), default=4)
    lines = [f"{'file':{width}}  " + "  ".join(f"{name:>10}" for name in (*outcomes, "seconds"))]
    for name in sorted(counts, key=lambda name: (name == "all", name)):
        numbers = [f"{counts[name][outcome]:>10}" for outcome in outcomes]
        lines.append(f"{name:{width}}  " + "  ".join([*numbers, f"{seconds[name]:>10.0f}"]))
    return "\n".join(lines)


def arguments() -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description="Find checks that no test misses.")
    parser.add_argument("places", nargs="*", default=["accounts"], help="files, directories, or file:first-last")
    parser.add_argument("--since", metavar="COMMIT", help="only lines changed since this commit")
    parser.add_argument("--count", type=int, metavar="N", help="only so many, drawn by chance")
    parser.add_argument("--seed", type=int, default=1, help="which ones chance draws (1)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="copies tried at once (one for each core)")
    parser.add_argument("--budget", type=float, default=BUDGET, help=f"seconds of tests a mutant meets ({BUDGET})")
    parser.add_argument("--record", action="store_true", help="record again which tests run which lines")
    parser.add_argument("--list", action="store_true", help="print the mutants and try none")
    return parser.parse_args()


def main() -> int:
    """Run a pass; return 0 when no mutant survived."""
    asked = arguments()
    mutants = chosen(asked.places, since=asked.since, count=asked.count, seed=asked.seed)
    if asked.list:
        print("\n".join(f"{mutant.place}\n    - {mutant.before}\n    + {mutant.after}" for mutant in mutants))
        return 0
    started = time.monotonic()
    with ExitStack() as stack:
        copies = [stack.enter_context(Copy()) for _ in range(max(1, asked.jobs))]
        recording = recorded(copies[0], len(copies), again=asked.record)
        print(f"{len(mutants)} mutants of {ROOT.name}, {len(recording.seconds)} tests.", flush=True)
        tried = Pass(recording, asked.budget)
        tried.prove(copies)
        tried.run(mutants, copies)
        if again := tried.doubt(copies[0]):
            print(f"Fail without a mutant, too, and are left out: {', '.join(sorted(tried.doubted))}")
            tried.run(again, copies)
    print(f"\n{summary(tried.results)}\n{time.monotonic() - started:.0f} s")
    return int(any(result.outcome in {"survived", "untested"} for result in tried.results))


if __name__ == "__main__":
    raise SystemExit(main())
