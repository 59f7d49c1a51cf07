"""What a set of files says, as plain values: the contract between reading OpenSLO and keeping objectives.

OpenSLO v1 has no word for some of what Headroom keeps; these annotations of an SLO carry it:

    headroom/environment     default "production" (a label of that name is read as well)
    headroom/gating          "true" or "false": whether the objective decides about changes; default "true"
    headroom/gates-from      the instant from which a new objective decides, such as 2026-12-24T08:00:00+01:00
    headroom/alert-rows      "1h,6h,1d,3d" or some of them; "" for none; absent means the usual rows
    headroom/target          a composite's own target, where it is not the one that follows from its members
    headroom/missing-slices  "good" or "bad": what a slice without measurements is; default "excluded"
    headroom/budget-basis    "elapsed": a calendar window's budget is that of the time gone by; default "full_window"
    headroom/calendar-start  "default": the calendar window names no start of its own
    headroom/name, headroom/description   where these are longer than OpenSLO's fields
    headroom/labels          JSON: the labels whose keys OpenSLO does not allow
    headroom/for-each, headroom/values    one document for many, see `slo.openslo.formats.templating`

And these of an indicator:

    headroom/step-minutes    minutes between measurements, a divisor of 60; default 1
    headroom/checked         "true": Headroom itself checks it; what is checked is not written down

A metric source of another type than Prometheus becomes `source="push"` with a warning: its queries are
not run, its measurements have to be sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

Kind = Literal["ratio", "threshold", "raw"]
Source = Literal["push", "prometheus"]
Operator = Literal["", "lt", "lte", "gt", "gte"]
MissingSlices = Literal["excluded", "good", "bad"]
BudgetBasis = Literal["full_window", "elapsed"]
Method = Literal["occurrences", "timeslices", "ratio_timeslices"]
CalendarUnit = Literal["week", "month", "quarter", "year"]
Severity = Literal["error", "warning"]
Mode = Literal["strict", "lenient"]

# The rows of the multi-window burn alerts, by their long window.
ALERT_ROWS = ("1h", "6h", "1d", "3d")


@dataclass(frozen=True, slots=True, order=True)
class DocumentRef:
    """Where a document stands: its file, and its place in it from 0 (empty documents do not count).

    `places` is there for what was translated from another format: the paths of OpenSLO that findings speak of, and
    the author's own for each ("" for all others). `inside` is the path of a document within a list of them, such as
    items[2]; "" where it stands by itself.
    """

    file: str
    index: int
    places: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    inside: str = field(default="", compare=False)

    def place(self, path: str) -> str:
        """The path in the author's document; the longest beginning that is known says it."""
        return ".".join(part for part in (self.inside, self._place(path)) if part)

    def _place(self, path: str) -> str:
        if not self.places:
            return path
        known = [one for one in self.places if one and path.startswith(one) and path[len(one) :][:1] in {"", ".", "["}]
        nearest = max(known, key=len, default="")
        return path if self.places[nearest] == nearest else self.places[nearest]

    def __str__(self) -> str:
        return f"{self.file}#{self.index}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong or worth knowing. `path` is like spec.objectives[0].op, `rule` a stable code."""

    document: str
    path: str
    rule: str
    message: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class IndicatorDefinition:
    """Queries give one number per minute; all are empty where measurements are sent.

    ratio: total_query and one of good_query, bad_query. threshold: value_query, a value is good when
    `value op threshold` holds. raw: value_query gives the share of good events. `data_source` is the
    slug of a DataSource, or "" when none is named. `counter`: the metrics only ever grow.
    """

    slug: str
    name: str
    description: str
    kind: Kind
    source: Source
    data_source: str
    good_query: str = ""
    bad_query: str = ""
    total_query: str = ""
    value_query: str = ""
    counter: bool = False
    op: Operator = ""
    threshold: Decimal | None = None
    step_minutes: int = 1
    checked: bool = False


@dataclass(frozen=True, slots=True)
class CalendarDefinition:
    """A window that starts anew: `count` units of `zone`, counted from `start` ("YYYY-MM-DD HH:MM:SS" there)."""

    unit: CalendarUnit
    count: int
    zone: str
    start: str | None


@dataclass(frozen=True, slots=True)
class MemberDefinition:
    """One part of a composite. `time_slice_target` is set for the method timeslices only."""

    indicator: IndicatorDefinition
    target: Decimal
    weight: Decimal
    time_slice_target: Decimal | None


@dataclass(frozen=True, slots=True)
class ObjectiveDefinition:
    """One objective. Exactly one of window_days and calendar; an indicator, or else members (a composite).

    Targets are shares in (0, 1). `alert_rows` None means the usual rows, () none. Labels hold lists of
    words; annotations leave out Headroom's own. `gates_from` carries a zone; None where the file says nothing.
    """

    slug: str
    name: str
    description: str
    service: str
    environment: str
    method: Method
    target: Decimal
    time_slice_target: Decimal | None
    time_slice_minutes: int | None
    window_days: int | None
    calendar: CalendarDefinition | None
    indicator: IndicatorDefinition | None
    members: tuple[MemberDefinition, ...]
    gating: bool
    alert_rows: tuple[str, ...] | None
    labels: dict[str, list[str]]
    annotations: dict[str, str]
    document: DocumentRef
    missing_slices: MissingSlices = "excluded"
    budget_basis: BudgetBasis = "full_window"
    gates_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class DataSourceDefinition:
    """Only the address of the connection details is kept: the rest may be secret."""

    slug: str
    name: str
    type: str
    url: str
    document: DocumentRef


@dataclass(frozen=True, slots=True)
class ServiceDefinition:
    slug: str
    name: str
    description: str
    document: DocumentRef


@dataclass(frozen=True, slots=True)
class Bundle:
    """All that the files define. What has an error among its findings is left out."""

    services: tuple[ServiceDefinition, ...]
    data_sources: tuple[DataSourceDefinition, ...]
    objectives: tuple[ObjectiveDefinition, ...]
    findings: tuple[Finding, ...]
