"""`make check`: everything that can be judged without running the product.

All checks run, a few side by side, and each failure is shown in full; the exit code says
whether there was one. Run with servers, because two of them look at the database.
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from itsm.run import locks, places
from itsm.run.say import plain

BIN = Path(sys.executable).parent
# `check --deploy` judges the settings as behind https, where they must hold without exception.
DEPLOYED = {"HEADROOM_BASE_URL": "https://headroom.example", "HEADROOM_ALLOWED_HOSTS": "headroom.example"}


@dataclass(frozen=True)
class Check:
    name: str
    command: list[str]
    settings: dict[str, str] = field(default_factory=dict)

    def run(self) -> tuple[float, int, str]:
        began = time.monotonic()
        result = subprocess.run(
            self.command,
            cwd=places.ROOT,
            env=os.environ | self.settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return time.monotonic() - began, result.returncode, result.stdout


def checks() -> list[Check]:
    python = sys.executable
    manage = [python, "manage.py"]
    pages = [str(page.relative_to(places.ROOT)) for page in sorted(places.ROOT.glob("templates/**/*.html"))]
    return [
        Check("types", [python, "-m", "mypy"]),
        Check("style", [python, "-m", "ruff", "check", "."]),
        Check("format", [python, "-m", "ruff", "format", "--check", "."]),
        Check("imports", [str(BIN / "lint-imports")]),
        Check("templates", [str(BIN / "djade"), "--check", "--target-version", "5.2", *pages]),
        Check("migrations", [*manage, "makemigrations", "--check", "--dry-run"]),
        Check("deployment", [*manage, "check", "--deploy", "--fail-level", "WARNING"], DEPLOYED),
        Check("shell", ["bash", "-n", ".ci/run"]),
    ]


def main() -> int:
    failed = []
    if addresses := locks.addresses():
        failed.append("locks")
        plain(f"locks: these hold addresses: {', '.join(addresses)}")
    with ThreadPoolExecutor(os.cpu_count() or 2) as side_by_side:
        everything = checks()
        for check, (took, code, output) in zip(everything, side_by_side.map(Check.run, everything), strict=True):
            plain(f"{check.name:<11} {'ok' if code == 0 else 'FAILED'}  ({took:.1f} s)")
            if code != 0:
                failed.append(check.name)
                plain(output)
    if failed:
        plain(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
