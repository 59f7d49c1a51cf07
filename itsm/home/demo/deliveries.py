"""What was deployed before the gate was asked: the history that the code host kept of three services, imported."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from changes.delivery.formats.told import Told, ToldCommit
from changes.delivery.operations.recording import record_event
from changes.delivery.vocabulary import Result, Rework, ToldBy
from itsm.home.demo.company import FOUNDER
from itsm.home.demo.founding import Company

if TYPE_CHECKING:
    from catalog.models import Service

_DAYS, _ROLLOUT, _FIX = 92, timedelta(minutes=11), timedelta(minutes=95)


class _Habit(NamedTuple):
    """How a team delivered: every so many hours; every so manieth release went wrong; faster since the half."""

    slug: str
    version: str
    every: int
    wrong: int


_HABITS = (_Habit("checkout", "30", 62, 9), _Habit("catalogue", "47", 110, 7), _Habit("search", "14", 150, 5))


def tell(company: Company, at: datetime) -> int:
    """How many deployments the history holds: staging first, then production, now and then a fix an hour later."""
    events = [told for habit in _HABITS for told in _history(habit, company.services[habit.slug], at)]
    for told in events:
        record_event(told, actor=FOUNDER, at=at)
    return len(events)


def _history(habit: _Habit, service: "Service", at: datetime) -> Iterator[Told]:
    when, number = at - timedelta(days=_DAYS), 0
    while when < at - timedelta(days=8):
        number += 1
        seed = _number(f"{habit.slug} {number}")
        version, went_wrong = f"{habit.version}.{number}", seed % habit.wrong == 0
        commits = tuple(
            ToldCommit(_digest(f"{version} {turn}")[:40], when - timedelta(minutes=40 + (seed >> turn) % 2900))
            for turn in range(1 + seed % 4)
        )
        yield _told(service, version, "staging", when - timedelta(minutes=35), commits)
        result = Result.ROLLED_BACK if went_wrong and seed % 2 else Result.FAILED if went_wrong else Result.SUCCEEDED
        yield _told(service, version, "production", when, commits, result)
        if went_wrong:
            mended = when + _FIX + timedelta(minutes=seed % 120)
            fix = (ToldCommit(_digest(f"{version}-fix")[:40], mended - timedelta(minutes=25)),)
            yield _told(service, f"{version}-1", "production", mended, fix, rework=Rework.FIX)
        pace = habit.every if when < at - timedelta(days=_DAYS // 2) else habit.every * 2 // 3
        when += timedelta(hours=pace, minutes=seed % 240)


def _told(
    service: "Service", version: str, environment: str, ended: datetime, commits: tuple[ToldCommit, ...],
    result: Result = Result.SUCCEEDED, rework: Rework = Rework.NONE,
) -> Told:  # fmt: skip
    return Told(
        told_by=ToldBy.IMPORT,
        external_id=f"{service.slug} {version} {environment}",
        service=service,
        environment=environment,
        version=version,
        artifact_digest=f"sha256:{_digest(f'{service.slug} {version}')}",
        commit=commits[-1].sha,
        repository=f"larkspur/{service.slug}",
        result=result,
        rework=rework,
        started_at=ended - _ROLLOUT,
        finished_at=ended,
        who="deploy-bot",
        commits=commits,
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _number(text: str) -> int:
    return int(_digest(text)[:8], 16)
