"""What every source of incidents gives: drafts of records in our words, each with its history.

A desk to come from (ServiceNow, Zammad, GLPI) is a `Source`; who writes drafts knows none of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that nothing was made of, by its number (the line of titles is row 1), and why."""

    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class PastEvent:
    """What happened there: `by` as the other desk names people, `changes` column -> [before, after] in its words."""

    at: datetime
    by: str
    changes: Mapping[str, list[str | None]]


@dataclass(frozen=True, slots=True)
class Draft:
    """An incident as it stands there. People, team and category are their names there; empty: none.

    `row`: where it begins. `fingerprint` differs as soon as anything that was read differs. `met_sla`: what the other
    desk says of its agreement. `remarks`: what was read otherwise than it stands there, for the report.
    """

    key: str
    row: int
    fingerprint: str
    title: str
    status: str
    opened_at: datetime
    hold_reason: str = ""
    resolution_code: str = ""
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    impact: int | None = None
    urgency: int | None = None
    priority: int = 3
    reopened: int = 0
    reassigned: int = 0
    caller: str = ""
    opened_by: str = ""
    assigned_to: str = ""
    team: str = ""
    category: tuple[str, ...] = ()
    attributes: Mapping[str, str | bool] = field(default_factory=dict)
    met_sla: bool | None = None
    problem: str = ""
    change: str = ""
    caused_by: str = ""
    events: tuple[PastEvent, ...] = ()
    remarks: tuple[str, ...] = ()


class Source(Protocol):
    """One file or address of another desk.

    `name` is kept with what was made from it, `prefix` begins the names of people, teams and categories that are made
    for it. `rows` and `refused` are complete once `drafts` has ended.
    """

    name: str
    prefix: str
    rows: int
    refused: list[Refused]

    def drafts(self) -> Iterator[Draft]:
        """Every incident once, in the order of the source."""
