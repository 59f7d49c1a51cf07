"""The releases as they were: when, what was in them, whether each change was reviewed, whether a fix had to follow."""

import csv
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

# A patch release this soon after another is taken for its fix; the usual rhythm is a week.
FIXED_WITHIN = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Release:
    """`fixed_after`: how soon the next release had to repair this one; None where it held."""

    version: str
    sha: str
    at: datetime
    subjects: tuple[str, ...]
    reviewed: bool
    fixed_after: timedelta | None = None
    is_fix: bool = False

    @property
    def hurt(self) -> bool:
        return self.fixed_after is not None

    @property
    def migrates(self) -> bool:
        """As its own words have it; a claim like this can only make the answer stricter."""
        return any("migrat" in subject.lower() for subject in self.subjects)


def releases(folder: Path) -> list[Release]:
    """From releases.csv and changes.csv, in the order in which they really happened (the offsets are mixed)."""
    changes = defaultdict(list)
    for row in _rows(folder / "changes.csv"):
        changes[row["in_version"]].append(row)
    read = sorted(_rows(folder / "releases.csv"), key=_instant)
    followers = [_repair(one, following) for one, following in pairwise(read)] + [None]
    return [
        _release(row, changes[row["version"]], fixed, is_fix)
        for row, fixed, is_fix in zip(read, followers, [False, *map(bool, followers[:-1])], strict=True)
    ]


def _repair(one: dict[str, str], following: dict[str, str]) -> timedelta | None:
    gap = _instant(following) - _instant(one)
    return gap if following["kind"].startswith("hotfix") and gap < FIXED_WITHIN else None


def _release(row: dict[str, str], changes: list[dict[str, str]], fixed: timedelta | None, is_fix: bool) -> Release:
    # The commit that only names the release needs no review of its own.
    own = [change for change in changes if not change["subject"].startswith("Release")]
    return Release(
        version=row["version"],
        sha=row["sha"],
        at=_instant(row),
        subjects=tuple(change["subject"] for change in own),
        reviewed=bool(own) and all(change["pr"] for change in own),
        fixed_after=fixed,
        is_fix=is_fix,
    )


def _instant(row: dict[str, str]) -> datetime:
    return datetime.fromisoformat(row["released_at"]).astimezone(UTC)


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))
