"""What woke people up at Larkspur: alerts of the last ten weeks, who got up for them, and how often they came back.

There were fewer once payments gave up on a slow bank by themselves: what that saved is in the reports, and in an
improvement. None is on a service whose budget is spent: what was settled there would let its changes recover.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from incidents.incident import operations
from itsm.audit.recording import telling_of
from itsm.home.demo import alerts
from itsm.home.demo.founding import Company
from itsm.kernel.actors import Actor

if TYPE_CHECKING:
    from incidents.models import Incident


@dataclass(frozen=True, slots=True)
class Night:
    """An alert that rings again and again. `up`: who takes turns to look first, to help and to end it."""

    service: str
    title: str
    rule: str
    up: tuple[str, str, str]
    solved: str


BANKS = Night(
    "payments", "A bank's gateway takes longer than 8 seconds", "bank-gateway", ("engineer", "agent", "owner"),
    "Taken out of rotation until it answered again.",
)  # fmt: skip
DISKS = Night(
    "search", "Disk of a search node above 90 %", "search-disk", ("engineer", "agent", "owner"),
    "Old segments deleted.",
)  # fmt: skip
WEEKS = 10
BETTER_SINCE = 5  # weeks ago, payments give up on a slow bank by themselves
_NIGHT = time(3, 20)
_MINUTE = timedelta(minutes=1)


def happened(company: Company, at: datetime) -> int:
    """Every week a disk, and banks in three nights of a week until it was better, in one since. How many."""
    monday = (at - timedelta(days=at.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    told = 0
    for ago in range(WEEKS, 0, -1):
        week, bad = monday - timedelta(weeks=ago), ago > BETTER_SINCE
        for turn, day in enumerate((0, 2, 4) if bad else (2,)):
            began = week + timedelta(days=day, hours=_NIGHT.hour, minutes=_NIGHT.minute + 3 * ago)
            _got_up(BANKS, company, began, turn=turn, handed_on=bad, came_back=bad and day == 4)
            told += 1
        _got_up(DISKS, company, week + timedelta(days=5, hours=_NIGHT.hour, minutes=7 * ago), turn=ago)
        told += 1
    return told


def _got_up(
    night: Night, company: Company, at: datetime, *, turn: int, handed_on: bool = False, came_back: bool = False
) -> None:
    first, second, last = (night.up[(turn + place) % 3] for place in range(3))
    with telling_of(at):
        incident = alerts.rings(night.service, night.rule, night.title, at)
    with telling_of(seen := at + 6 * _MINUTE):
        incident = operations.acknowledge(incident, actor=company.actors[first], at=seen)
    with telling_of(looked := at + 25 * _MINUTE):
        operations.note(incident, actor=company.actors[second], text="It is the one from last week.", at=looked)
        incident.refresh_from_db()
        if handed_on:
            incident = operations.edit(
                incident, actor=company.actors[second], version=incident.version, assigned_to=company.people[last]
            )
    with telling_of(ended := at + 45 * _MINUTE):
        alerts.ends(night.service, night.rule, night.title, at, ended)
    incident = _solved(incident, night, company.actors[last], at + 50 * _MINUTE)
    if came_back:
        with telling_of(again := at + 95 * _MINUTE):
            incident = operations.reopen(incident, actor=company.actors[first], reason="It rings again.")
        with telling_of(again := again + 10 * _MINUTE):
            operations.note(incident, actor=company.actors[second], text="The same bank, an hour later.", at=again)
        _solved(incident, night, company.actors[last], at + 120 * _MINUTE)


def _solved(incident: "Incident", night: Night, actor: Actor, at: datetime) -> "Incident":
    with telling_of(at):
        return operations.resolve(
            incident, actor=actor, resolution=night.solved, resolution_code="solved", at=at
        )  # fmt: skip
