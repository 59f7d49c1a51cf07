"""Faults by rule: operators, numbers, conditions and calls of whole files are changed, one at a time (`rules.py`).

    python -m tests.mutants --by-rule changes/gate itsm/approvals        # files whose path holds one of these words
    python -m tests.mutants --by-rule --most 20 --seed 7 operations      # so many of each file, drawn by the seed
    python -m tests.mutants --by-rule --minutes 5 changes/gate           # ends then; the next run goes on from there

Each is tried with the tests that enter its function, `--seconds` of CPU for each fault (`warm.py`). What was found is
kept in `.cache/mutants` (MUTANTS_FOLDER) until the file changes; `--report` only shows it. What lives is judged by a
person: a test is written, or `survivors.md` says why not.
"""

import argparse
import fnmatch
import hashlib
import json
import os
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.mutants import rules, source
from tests.mutants.warm import DIES, HANGS, Warm

# Where a fault would let a change go, lose a record or tell nobody.
ROOMS = (
    "*/gate/*.py",
    "*/operations/*.py",
    "*/operations.py",
    "*/engine/*.py",
    "itsm/approvals/*.py",
    "itsm/lifecycle.py",
)
# Tests without a database first: a folder of rules is proven by the folder of the same name.
TESTS = {
    "changes/gate": ["tests/changes/gate"],
    "slo/engine": ["tests/slo/engine"],
    "changes": [
        "tests/changes/change",
        "tests/changes/calendar",
        "tests/changes/change_models",
        "tests/changes/gate",
        "tests/changes/back_tests",
        "tests/changes/model_review",
        "tests/changes/model_review",
        "tests/changes/policies",
    ],
    "itsm": ["tests/itsm", "tests/changes/change", "tests/slo/objectives/test_guards.py"],
    "slo": ["tests/slo/objectives", "tests/slo/measuring", "tests/slo/openslo"],
    "incidents": ["tests/incidents"],
    "catalog": ["tests/catalog"],
}
OPTIONS = ["-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "timeout=0", "--reuse-db"]


def files(words: Sequence[str]) -> list[str]:
    """The files of ROOMS whose path holds one of the words; all of them without a word."""
    known = [str(path.relative_to(source.ROOT)) for path in source.sources() if path.suffix == ".py"]
    in_rooms = [
        name for name in known if "/migrations/" not in name and any(fnmatch.fnmatch(name, room) for room in ROOMS)
    ]
    return [name for name in in_rooms if not words or any(word in name for word in words)]


def tests_of(names: Sequence[str]) -> list[str]:
    """The folders of tests that prove these files."""
    found: dict[str, None] = {}
    for name in names:
        entry = next(entry for entry in TESTS if name.startswith(entry + "/"))
        found |= dict.fromkeys(TESTS[entry])
    return list(found)


class Kept:
    """Verdicts of earlier runs, by what the file said and what the fault was."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "verdicts.jsonl"
        self.verdicts: dict[str, dict[str, str]] = {}
        if self.path.exists():
            for line in self.path.read_text(encoding="utf-8").splitlines():
                one = json.loads(line)
                self.verdicts[one["digest"]] = one

    def add(self, fault: rules.Fault, verdict: str, test: str) -> None:
        one = {"digest": fault.digest, "verdict": verdict, "path": fault.path, "fault": str(fault), "test": test}
        self.verdicts[fault.digest] = one
        with self.path.open("a", encoding="utf-8") as kept:
            kept.write(json.dumps(one) + "\n")
        if verdict not in (DIES, HANGS):
            print(f"{verdict:<8} {fault}", flush=True)


def run(words: Sequence[str]) -> int:
    """1 where something lives. MUTANTS_TESTS: other tests than those of TESTS, separated by spaces."""
    asked = _parser().parse_args(words)
    chosen = files(asked.words)
    if not chosen:
        print(f"No file of {', '.join(ROOMS)} is named by {' '.join(asked.words)}.")
        return 2
    kept = Kept(Path(os.environ.get("MUTANTS_FOLDER") or source.ROOT / ".cache" / "mutants"))
    made = {path: rules.faults(path, asked.most, asked.seed) for path in chosen}
    waiting = [fault for _all, faults in made.values() for fault in faults if _is_waiting(fault, kept, asked)]
    random.Random(asked.seed).shuffle(waiting)  # so that a run that ends early has looked everywhere
    if waiting and not asked.report:
        _try(waiting, kept, asked)
    return _report(made, kept)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants --by-rule")
    parser.add_argument("words", nargs="*")
    parser.add_argument("--most", type=int, help="of each file")
    parser.add_argument("--seed", default="")
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--seconds", type=float, default=20.0, help="of CPU for the tests of one fault")
    parser.add_argument("--again", action="store_true", help="only those that lived, anew")
    parser.add_argument("--report", action="store_true")
    return parser


def _is_waiting(fault: rules.Fault, kept: Kept, asked: argparse.Namespace) -> bool:
    verdict = kept.verdicts.get(fault.digest, {}).get("verdict")
    return verdict not in (None, DIES, HANGS) if asked.again else verdict is None


def _try(waiting: Sequence[rules.Fault], kept: Kept, asked: argparse.Namespace) -> None:
    until = time.monotonic() + 60 * asked.minutes
    paths = sorted({fault.path for fault in waiting})
    tests = os.environ.get("MUTANTS_TESTS", "").split() or tests_of(paths)

    def wanted() -> Iterator[rules.Fault]:
        for fault in waiting:
            if time.monotonic() < until:
                yield fault

    entered = kept.path.with_name(f"entered-{_digest(paths, tests)}.json")
    warm = Warm(paths, wanted, kept.add, entered=entered, seconds=asked.seconds)
    pytest.main([*OPTIONS, *tests], plugins=[warm])


def _digest(paths: Sequence[str], tests: Sequence[str]) -> str:
    """Of all that decides which test enters which function."""
    said = hashlib.sha256()
    for name in [*paths, *tests]:
        place = source.ROOT / name
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            said.update(f"{path}\n".encode() + path.read_bytes())
    return said.hexdigest()[:16]


def _report(made: dict[str, tuple[int, list[rules.Fault]]], kept: Kept) -> int:
    total: Counter[str] = Counter()
    print("| file | places | tried | died | lived |\n|---|---|---|---|---|")
    for path, (places, faults) in made.items():
        found = Counter(kept.verdicts[one.digest]["verdict"] for one in faults if one.digest in kept.verdicts)
        died = found[DIES] + found[HANGS]
        total.update(places=places, tried=found.total(), died=died, lived=found.total() - died, drawn=len(faults))
        print(f"| {path} | {places} | {found.total()} of {len(faults)} | {died} | {found.total() - died} |")
    print(f"| all | {total['places']} | {total['tried']} of {total['drawn']} | {total['died']} | {total['lived']} |")
    for _places, faults in made.values():
        for one in faults:
            if (verdict := kept.verdicts.get(one.digest, {}).get("verdict")) and verdict not in (DIES, HANGS):
                print(f"{verdict:<8} {one}")
    return 1 if total["lived"] else 0
