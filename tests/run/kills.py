"""How often something was killed and everything held afterwards. Kept in a file, so that several runs add up.

A kill counts once what must always hold was asked after it and holds. What a busy machine has no time for is not
claimed: a run ends when its minutes are over, says how many it made, and the next one goes on counting.
"""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from itsm.run import places

FILE = Path(os.environ.get("KILLS_FILE") or places.ROOT / ".cache" / "kills.jsonl")
WANTED = 200  # of each kind, before a release


@dataclass
class Kills:
    """Of one kind (`gate`, `paging`): so many in this run, unless its minutes are over before."""

    kind: str
    most: int
    minutes: float
    file: Path = FILE
    counted: int = 0
    began: float = field(default_factory=time.monotonic)

    def turns(self) -> Iterator[int]:
        """0, 1, 2 ..., each to be counted by `holds` once everything held after it."""
        while self.go_on():
            yield self.counted

    def go_on(self) -> bool:
        return self.counted < self.most and time.monotonic() - self.began < self.minutes * 60

    def holds(self, victim: str, number: int = 1) -> None:
        self.counted += number
        self.file.parent.mkdir(parents=True, exist_ok=True)
        said = {
            "kind": self.kind, "victim": victim, "kills": number, "commit": _commit(),
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }  # fmt: skip
        with self.file.open("a") as kept:
            kept.write(json.dumps(said) + "\n")

    def told(self) -> str:
        took = time.monotonic() - self.began
        of_this = in_all(self.kind, self.file, _commit())
        return (
            f"{self.counted} kills of {self.kind} in this run, {took / max(self.counted, 1):.1f} s each; {of_this} of"
            f" {WANTED} at this commit, {in_all(self.kind, self.file)} in all"
        )


def in_all(kind: str, file: Path = FILE, commit: str = "") -> int:
    """Of this kind, in every run whose file this is; of one commit alone where it is given."""
    lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    return sum(one["kills"] for one in lines if one["kind"] == kind and commit in ("", one["commit"]))


@cache
def _commit() -> str:
    said = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"], cwd=places.ROOT, capture_output=True, text=True, check=False
    )
    return said.stdout.strip() or "unknown"
