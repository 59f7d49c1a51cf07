"""Faults by rule: mutmut changes operators, numbers, words and calls of whole files, and runs the tests that pass there.

It works in a copy of the product (`pyproject.toml` says how), on what the given words name: paths as Git has them, or
parts of them. What no test noticed is printed as differences, to be judged and written down in `survivors.md`.
"""

import fnmatch
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.mutants import source

# Where a fault would let a change go, lose a record or tell nobody.
ROOMS = (
    "*/gate/*.py",
    "*/operations/*.py",
    "*/operations.py",
    "*/engine/*.py",
    "itsm/approvals/*.py",
    "itsm/lifecycle.py",
)
_TESTS = "tests/{app}"
_PYTEST = ["-p", "no:randomly", "-p", "no:cacheprovider", "-o", "timeout=0", "--reuse-db"]


def files(words: Sequence[str]) -> list[str]:
    """The files of ROOMS whose path holds one of the words; all of them without a word."""
    known = [str(path.relative_to(source.ROOT)) for path in source.sources() if path.suffix == ".py"]
    in_rooms = [name for name in known if any(fnmatch.fnmatch(name, room) for room in ROOMS)]
    return [name for name in in_rooms if not words or any(word in name for word in words)]


def tests_of(names: Sequence[str]) -> list[str]:
    """The folders of tests of the apps that these files belong to; rules without a database have their own."""
    found = set()
    for name in names:
        app, *rooms = Path(name).parts
        own = source.ROOT / "tests" / app / rooms[0]
        found.add(str(own.relative_to(source.ROOT)) if len(rooms) > 1 and own.is_dir() else _TESTS.format(app=app))
    return sorted(found)


def run(words: Sequence[str]) -> int:
    """1 where something lives. MUTANTS_TESTS: other tests than those of the app, separated by spaces."""
    chosen = files(words)
    if not chosen:
        print(f"No file of {', '.join(ROOMS)} is named by {' '.join(words)}.")
        return 2
    tests = os.environ.get("MUTANTS_TESTS", "").split() or tests_of(chosen)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        root = Path(folder)
        source.copy(root)
        _say_what(root / "pyproject.toml", chosen, tests)
        mutmut = [sys.executable, "-m", "mutmut"]
        made = subprocess.run([*mutmut, "run", "--max-children", "1"], cwd=root, check=False)
        results = subprocess.run([*mutmut, "results"], cwd=root, check=False, capture_output=True, text=True)
        living = [
            line.split(":")[0].strip() for line in results.stdout.splitlines() if line.rstrip().endswith("survived")
        ]
        for name in living:
            subprocess.run([*mutmut, "show", name], cwd=root, check=False)
    print(f"{len(living)} faults by rule lived in {', '.join(chosen)}; judge them in tests/mutants/survivors.md")
    return made.returncode or (1 if living else 0)


def _say_what(settings: Path, chosen: Sequence[str], tests: Sequence[str]) -> None:
    said = settings.read_text(encoding="utf-8")
    more = f"[tool.mutmut]\nonly_mutate = {list(chosen)!r}\npytest_add_cli_args_test_selection = {list(tests)!r}\n"
    more += f"pytest_add_cli_args = {_PYTEST!r}\n"
    settings.write_text(said.replace("[tool.mutmut]\n", more, 1), encoding="utf-8")
