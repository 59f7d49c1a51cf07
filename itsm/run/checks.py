"""`make check`: everything that can be judged without running the product.

All checks run, a few side by side, and each failure is shown in full; the exit code says
whether there was one. Run with servers, because two of them look at the database.

    python -m itsm.run.checks                  # `make check`
    python -m itsm.run.checks -- COMMAND ...   # `make test`: the command, and the checks beside it, one by one
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from itsm.run import launch, locks, places
from itsm.run.say import plain

BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Check:
    name: str
    command: list[str]

    def run(self) -> tuple[float, int, str]:
        began = time.monotonic()
        result = subprocess.run(
            self.command,
            cwd=places.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return time.monotonic() - began, result.returncode, result.stdout


def checks() -> list[Check]:
    python = sys.executable
    pages = [str(page.relative_to(places.ROOT)) for page in sorted(places.ROOT.glob("templates/**/*.html"))]
    return [
        Check("types", [python, "-m", "mypy"]),
        Check("style", [python, "-m", "ruff", "check", "."]),
        Check("format", [python, "-m", "ruff", "format", "--check", "."]),
        Check("imports", [str(BIN / "lint-imports")]),
        Check("templates", [str(BIN / "djade"), "--check", "--target-version", "5.2", *pages]),
        Check("Django", [python, "-m", "itsm.run.judging"]),  # migrations and deployment settings
        Check("shell", ["bash", "-n", ".ci/run"]),
    ]


def main(command: Sequence[str] = ()) -> int:
    """0 where every check passed and the command, if there is one, did; else the command's code, or 1."""
    if not command:
        return report(run_all(os.cpu_count() or 2))
    with ThreadPoolExecutor(1) as beside:
        checked = beside.submit(lambda: list(run_all(1)))
        code = obeyed(command)
        return report(checked.result()) or code


def obeyed(command: Sequence[str]) -> int:
    """The command's exit code; it ends with us, whatever ends us."""
    launch.hear_signals()
    process = subprocess.Popen(list(command), cwd=places.ROOT)
    try:
        return process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


Result = tuple[str, float, int, str]  # name, seconds, exit code, what it said


def run_all(at_once: int) -> Iterator[Result]:
    """Every check's result, in their order, as they come."""
    if addresses := locks.addresses():
        yield "locks", 0.0, 1, f"these hold addresses: {', '.join(addresses)}"
    everything = checks()
    with ThreadPoolExecutor(at_once) as side_by_side:
        for check, (took, code, output) in zip(everything, side_by_side.map(Check.run, everything), strict=True):
            yield check.name, took, code, output


def report(results: Iterable[Result]) -> int:
    """Say how each went, and what failed in full. 1 where something did."""
    failed = []
    for name, took, code, output in results:
        plain(f"{name:<11} {'ok' if code == 0 else 'FAILED'}  ({took:.1f} s)")
        if code != 0:
            failed.append(name)
            plain(output)
    if failed:
        plain(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(main(given[1:] if given[:1] == ["--"] else given))
