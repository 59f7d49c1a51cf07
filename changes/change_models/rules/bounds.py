"""The bounds of a change model: what a request may be, to be a standard change by it. Pure.

Promise: whatever a bound needs to know and the request does not say breaks it. Paths, commits, repository and workflow
are what the pipeline says of itself; whoever may run it is bound by `users`.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from fnmatch import fnmatchcase
from typing import Any
from zoneinfo import ZoneInfo

# What a version of a model holds, by the names of its fields; another value is another version.
BOUNDS = (
    "also_services", "environments", "repository", "workflow_name", "paths", "most_commits", "days", "hours_from",
    "hours_until", "zone", "users", "risk", "allows_migration", "progressive", "rollback_tested",
    "tasks",
)  # fmt: skip
MOST_PATHS_SAID = 2_000
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Requested:
    """What is held against the bounds: ids of services and of who asks, the pipeline's words, [starts_at, ends_at]."""

    services: Collection[int]
    environment: str
    pipeline: Any
    asker: int | None
    starts_at: datetime
    ends_at: datetime


def broken(model: Any, asked: Requested) -> tuple[str, ...]:
    """The bounds of this model that the request leaves, in words of ours; empty where it stays within all."""
    return tuple(name for name, kept in _kept(model, asked) if not kept)


def _kept(model: Any, asked: Requested) -> Iterator[tuple[str, bool]]:
    said = asked.pipeline
    yield "service", set(asked.services) <= {model.service_id, *model.also_services}
    yield "environment", not model.environments or asked.environment in model.environments
    yield "repository", not model.repository or said.get("repository") in several(model.repository)
    yield "workflow", not model.workflow_name or said.get("workflow") in several(model.workflow_name)
    if model.paths:
        yield "paths", _within(said.get("paths"), model.paths)
    if model.most_commits is not None:
        commits = said.get("commits")
        yield "commits", type(commits) is int and 0 <= commits <= model.most_commits
    if model.days or model.hours_from:
        yield "hours", _in_hours(model, asked)
    if model.users:
        yield "people", asked.asker in model.users


def several(text: str) -> list[str]:
    """One or more words with commas between them."""
    return [one.strip() for one in text.split(",") if one.strip()]


def _within(paths: Any, patterns: Sequence[str]) -> bool:
    """Each path that changed matches a pattern; `*` reaches into folders. Of too many, or odd ones, nobody is sure."""
    if not isinstance(paths, list) or not 0 < len(paths) <= MOST_PATHS_SAID:
        return False
    return all(
        isinstance(path, str)
        and path
        and ".." not in path.split("/")
        and any(fnmatchcase(path, pattern) for pattern in patterns)
        for path in paths
    )


def _in_hours(model: Any, asked: Requested) -> bool:
    """It begins and ends on one of the days, on the same one, between the hours of the model's zone."""
    zone = ZoneInfo(model.zone)
    begins, ends = asked.starts_at.astimezone(zone), asked.ends_at.astimezone(zone)
    if model.days and DAYS[begins.weekday()] not in model.days:
        return False
    if begins.date() != ends.date():
        return False
    if not model.hours_from:
        return True
    opens, closes = time.fromisoformat(model.hours_from), time.fromisoformat(model.hours_until)
    return opens <= begins.time() and ends.time() <= closes


def as_kept(model: Any) -> dict[str, Any]:
    """The bounds as a version keeps them: plain JSON, by the names of the model's fields."""
    return {name: getattr(model, name) for name in BOUNDS}
