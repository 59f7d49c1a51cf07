"""`make mutants`: makes each named fault in a copy of the product, and says which tests did not notice.

    python -m tests.mutants                 # all, with servers around it (`make mutants`)
    python -m tests.mutants calendar alert  # those whose name holds one of these words
    python -m tests.mutants --by-rule changes/gate/risk  # faults by rule in these files, see by_rule.py

Exit code 1 where one lives. Faults inside of a function are made in memory, in one warm session (`warm.py`); those in
tables, constants and migrations in a copy of the product. What the tests say without the fault is asked as well: a test
that fails anyway would notice nothing.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from urllib.parse import urlsplit, urlunsplit

import pytest

from itsm.run import launch
from tests.mutants import by_rule, rules, source, warm
from tests.mutants.named import NAMED, Mutant
from tests.mutants.rules import Fault

FAILED, PASSED = 1, 0  # pytest's exit codes; anything else is no answer


class Bench:
    """A copy of the product with a test database of its own."""

    def __init__(self, folder: Path, number: int) -> None:
        self.root = folder / f"copy-{number}"
        self.number = number
        self.root.mkdir()
        source.copy(self.root)

    def run(self, names: Sequence[str], *, anew: bool = False) -> tuple[int, str]:
        """pytest's exit code and its last words, for the test functions of these names."""
        files = source.tests_named(tuple(names))
        words = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:randomly"]
        words += ["--create-db" if anew else "--reuse-db", "-k", " or ".join(names)]
        words += sorted({str(path.relative_to(source.ROOT)) for path in files.values()})
        answer = subprocess.run(
            words, cwd=self.root, env=os.environ | self._databases(), capture_output=True, text=True, check=False
        )
        return answer.returncode, (answer.stdout + answer.stderr)[-3000:]

    def _databases(self) -> dict[str, str]:
        found = {}
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
            if name in os.environ:
                parts = urlsplit(os.environ[name])
                found[name] = urlunsplit(parts._replace(path=f"{parts.path}_mutant_{self.number}"))
        return found


def lives(mutant: Mutant, bench: Bench) -> str:
    """Empty where the tests notice it, else why not."""
    with source.made(mutant, bench.root):
        code, said = bench.run(mutant.killed_by, anew=mutant.in_schema)
    if mutant.in_schema:
        bench.run(mutant.killed_by, anew=True)  # tables without the fault, for those that follow
    if code == FAILED:
        return ""
    return "no test noticed" if code == PASSED else f"the tests gave no answer (exit code {code}):\n{said}"


def main(chosen: Sequence[str]) -> int:
    asked = [one for one in NAMED if not chosen or any(word in one.name for word in chosen)]
    in_memory = _in_memory(asked)
    living = _tried_warm(in_memory) if in_memory else []
    apart = [one for one in asked if one not in in_memory]
    living += _tried_apart(apart) if apart else []
    print(f"{len(asked) - len(living)} of {len(asked)} named faults were noticed", flush=True)
    return 1 if living else 0


def _in_memory(asked: Sequence[Mutant]) -> dict[Mutant, Fault]:
    """Those that change the code of one function, and nothing else."""
    texts = source.read()
    found = {}
    for mutant in asked:
        path, match = source.place(mutant, texts)
        broken = texts[path][: match.start()] + mutant.after + texts[path][match.end() :]
        if path.suffix == ".py" and not mutant.in_schema:
            words = " ".join(mutant.before.split()), " ".join(mutant.after.split())
            line = texts[path].count("\n", 0, match.start()) + 1
            made = rules.fault(str(path.relative_to(source.ROOT)), texts[path], broken, line, *words)
            if made is not None:
                found[mutant] = made
    return found


def _tried_warm(faults: Mapping[Mutant, Fault]) -> list[str]:
    """The names of those that live."""
    living = []
    mutants = {fault.digest: mutant for mutant, fault in faults.items()}

    def told(fault: Fault, verdict: str, test: str) -> None:
        name = mutants[fault.digest].name
        noticed = verdict in (warm.DIES, warm.HANGS)
        print(f"{'dies ' if noticed else 'LIVES':<6} {name} ({verdict} {test.rpartition('::')[2]})", flush=True)
        if not noticed:
            living.append(name)

    names = {fault.digest: mutant.killed_by for mutant, fault in faults.items()}
    functions = sorted({name for mutant in faults for name in mutant.killed_by})
    files = sorted({str(path.relative_to(source.ROOT)) for path in source.tests_named(tuple(functions)).values()})
    session = warm.Warm(sorted({one.path for one in faults.values()}), lambda: faults.values(), told, named=names)
    pytest.main([*by_rule.OPTIONS, "-k", " or ".join(functions), *files], plugins=[session])
    return living


def _tried_apart(mutants: Sequence[Mutant]) -> list[str]:
    """The names of those that live."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        benches: Queue[Bench] = Queue()
        for number in range(int(os.environ.get("MUTANTS_AT_ONCE") or os.cpu_count() or 1)):
            benches.put(Bench(Path(folder), number))
        if not _is_sound(benches, mutants):
            return [one.name for one in mutants]
        return [name for name, why in _tried(benches, mutants) if why]


def _is_sound(benches: "Queue[Bench]", mutants: Sequence[Mutant]) -> bool:
    bench = benches.get()
    code, said = bench.run(sorted({name for one in mutants for name in one.killed_by}))
    benches.put(bench)
    if code != PASSED:
        print(f"Without any fault the tests do not pass:\n{said}")
    return code == PASSED


def _tried(benches: "Queue[Bench]", mutants: Sequence[Mutant]) -> list[tuple[str, str]]:
    def one(mutant: Mutant) -> tuple[str, str]:
        bench, began = benches.get(), time.monotonic()
        try:
            why = lives(mutant, bench)
        finally:
            benches.put(bench)
        print(f"{'LIVES' if why else 'dies ':<6} {mutant.name} ({time.monotonic() - began:.0f} s) {why}", flush=True)
        return mutant.name, why

    with ThreadPoolExecutor(benches.qsize()) as at_once:
        return list(at_once.map(one, mutants))


if __name__ == "__main__":
    launch.hear_signals()  # ended in the middle, it takes its copies along
    given = sys.argv[1:]
    sys.exit(by_rule.run(given[1:]) if given[:1] == ["--by-rule"] else main(given))
