"""A ServiceNow audit log (CSV, one row for each update of an incident) as drafts.

The rows of an incident are ordered by `sys_mod_count`, then as they stand; the last one is the record.
"""

import csv
import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from incidents.imports.formats.drafts import Draft, PastEvent, Refused
from incidents.imports.formats.servicenow_codes import MISSING, STATES, close_code
from incidents.incident.workflow import OPEN, Status

NEEDED = ("number", "incident_state", "opened_at")
# What history tells of a row, as it stands there.
_TOLD = (
    "incident_state", "priority", "impact", "urgency", "assignment_group", "assigned_to", "category", "subcategory",
    "cmdb_ci", "vendor", "problem_id", "rfc", "caused_by", "closed_code",
)  # fmt: skip
# What has no column of its own here: column -> name of the field.
_FIELDS = {
    "u_symptom": "symptom", "location": "location", "cmdb_ci": "ci", "vendor": "vendor", "closed_code": "closed_code",
    "contact_type": "contact_type",
}  # fmt: skip
_LONGEST = 200  # of a value that is kept; a code or a name is shorter
_READING = b"servicenow 1 "  # raised where the same file would be read otherwise

Row = tuple[int, dict[str, str]]


class Unreadable(ValueError):
    """The file is no audit log; the words say why."""


class AuditLog:
    """`lines`: the file's text, with surrogates where it is not UTF-8. `zone`: where its clocks stood."""

    name = "servicenow"
    prefix = "sn"

    def __init__(self, lines: Iterable[str], zone: ZoneInfo) -> None:
        self._table = csv.reader(lines)
        self._zone = zone
        self.rows = 0
        self.refused: list[Refused] = []
        titles = [title.strip().lower() for title in next(self._table, [])]
        if missing := [name for name in NEEDED if name not in titles]:
            raise Unreadable(f"there is no column {', '.join(missing)}")
        self._titles = titles

    def drafts(self) -> Iterator[Draft]:
        """Every incident once, in the order in which they begin in the file. Raises Unreadable."""
        for number, rows in self._grouped().items():
            yield self._draft(number, rows)

    def _grouped(self) -> dict[str, list[Row]]:
        """The rows that can be read, by incident."""
        grouped: dict[str, list[Row]] = {}
        same: dict[str, str] = {}  # a log repeats itself: each text is kept once
        for at, cells in self._numbered():
            self.rows += 1
            if reason := self._wrong(cells):
                self.refused.append(Refused(at, reason))
                continue
            row = {name: same.setdefault(cell, cell) for name, cell in zip(self._titles, cells, strict=True)}
            grouped.setdefault(row["number"], []).append((at, row))
        return grouped

    def _numbered(self) -> Iterator[tuple[int, list[str]]]:
        """Rows by number, the titles being row 1; empty lines are none."""
        at = 1
        try:
            for cells in self._table:
                if cells:
                    at += 1
                    yield at, [cell.strip() for cell in cells]
        except csv.Error as error:
            raise Unreadable(f"row {at + 1}: {error}") from error

    def _wrong(self, cells: list[str]) -> str:
        """Why nothing can be made of a row; empty where something can."""
        if len(cells) != len(self._titles):
            return f"{len(cells)} columns where the titles have {len(self._titles)}"
        if any(len(cell) > _LONGEST for cell in cells):
            return f"a value is longer than {_LONGEST} characters"
        if not _is_text("".join(cells)):
            return "a value holds a NUL, or is not UTF-8"
        row = dict(zip(self._titles, cells, strict=True))
        if row["number"] in ("", MISSING):
            return "no number"
        if row["opened_at"] in ("", MISSING):
            return "no opened_at"
        for read, names in _CHECKED:
            for name in names:
                try:
                    read(self, row, name)
                except (ValueError, OverflowError):
                    return f"{name} cannot be read: {row[name][:40]}"
        return ""

    def instant(self, row: dict[str, str], name: str) -> datetime | None:
        """A time of the file (d/m/yyyy H:MM, or yyyy-mm-dd H:MM:SS) as an instant."""
        said = _said(row, name)
        if not said:
            return None
        form = "%d/%m/%Y %H:%M" if "/" in said else "%Y-%m-%d %H:%M:%S"
        return datetime.strptime(said, form).replace(tzinfo=self._zone).astimezone(UTC)

    def _draft(self, number: str, rows: list[Row]) -> Draft:
        rows = sorted(rows, key=lambda one: _count(self, one[1], "sys_mod_count"))
        at, last = min(one[0] for one in rows), rows[-1][1]
        status, hold_reason, remarks = _state([row for _at, row in rows])
        opened = self.instant(last, "opened_at")
        if opened is None:
            raise Unreadable(f"row {at}: no opened_at")  # never: such rows are refused
        over = status not in OPEN
        resolved = self.instant(last, "resolved_at") if over else None
        attributes: dict[str, str | bool] = {
            ours: value for name, ours in _FIELDS.items() if (value := _said(last, name))
        }
        if over and resolved is None:
            attributes["resolved_at_unknown"] = True
            remarks.append("it is over, and nothing says since when")
        if _level(self, last, "priority") is None:
            remarks.append("no priority: taken as 3")
        return Draft(
            key=number,
            row=at,
            fingerprint=self._fingerprint(rows),
            title=_title(number, last),
            status=status,
            hold_reason=hold_reason,
            resolution_code=close_code(_said(last, "closed_code")) if over else "",
            opened_at=opened,
            resolved_at=resolved,
            closed_at=self.instant(last, "closed_at") if status == Status.CLOSED else None,
            impact=_level(self, last, "impact"),
            urgency=_level(self, last, "urgency"),
            priority=_level(self, last, "priority") or 3,
            reopened=_count(self, last, "reopen_count"),
            reassigned=_count(self, last, "reassignment_count"),
            caller=_said(last, "caller_id"),
            opened_by=_said(last, "opened_by"),
            assigned_to=_said(last, "assigned_to"),
            team=_said(last, "assignment_group"),
            category=_category(last),
            attributes=attributes,
            met_sla={"true": True, "false": False}.get(_said(last, "made_sla").lower()),
            problem=_said(last, "problem_id"),
            change=_said(last, "rfc"),
            caused_by=_said(last, "caused_by"),
            events=tuple(self._history([row for _at, row in rows], opened)),
            remarks=tuple(remarks),
        )

    def _fingerprint(self, rows: list[Row]) -> str:
        digest = hashlib.sha256(_READING + str(self._zone).encode())
        for _at, row in rows:
            digest.update("\x1f".join(f"{name}\x1e{value}" for name, value in row.items()).encode() + b"\x1d")
        return digest.hexdigest()

    def _history(self, rows: list[dict[str, str]], opened: datetime) -> Iterator[PastEvent]:
        before: dict[str, str] = {}
        for row in rows:
            now = {name: value for name in _TOLD if (value := _said(row, name))}
            changes = {name: [before.get(name), now.get(name)] for name in _TOLD if before.get(name) != now.get(name)}
            yield PastEvent(self.instant(row, "sys_updated_at") or opened, _said(row, "sys_updated_by"), changes)
            before = now


def _is_text(said: str) -> bool:
    """Whether the database can keep it."""
    return "\0" not in said and not any("\ud800" <= one <= "\udfff" for one in said)


def _said(row: dict[str, str], name: str) -> str:
    value = row.get(name, "")
    return "" if value == MISSING else value


def _count(_log: AuditLog, row: dict[str, str], name: str) -> int:
    count = int(_said(row, name) or 0)
    if not 0 <= count < 2**15:
        raise ValueError(name)
    return count


def _level(_log: AuditLog, row: dict[str, str], name: str) -> int | None:
    """The number that a level begins with: "2", "2 - Medium"."""
    said = _said(row, name)
    if not said:
        return None
    level = int(said.split("-")[0].strip())
    if not 1 <= level <= (5 if name == "priority" else 3):
        raise ValueError(name)
    return level


_CHECKED: tuple[tuple[Callable[[AuditLog, dict[str, str], str], object], tuple[str, ...]], ...] = (
    (AuditLog.instant, ("opened_at", "sys_updated_at", "resolved_at", "closed_at")),
    (_count, ("sys_mod_count", "reopen_count", "reassignment_count")),
    (_level, ("impact", "urgency", "priority")),
)


def _state(rows: list[dict[str, str]]) -> tuple[Status, str, list[str]]:
    """The last state that means something here, what it waits for, and which did not."""
    found, remarks = STATES["new"], []
    for row in rows:
        said = _said(row, "incident_state")
        if said.lower() in STATES:
            found = STATES[said.lower()]
        else:
            remarks.append(f"state {said or MISSING} means nothing here: the state before stays")
    return found[0], str(found[1]), remarks


def _category(row: dict[str, str]) -> tuple[str, ...]:
    """Two levels; a subcategory without its category is none."""
    top, below = _said(row, "category"), _said(row, "subcategory")
    return tuple(filter(None, (top, below))) if top else ()


def _title(number: str, row: dict[str, str]) -> str:
    words = [f"ServiceNow {number}"]
    if symptom := _said(row, "u_symptom"):
        words.append(f"symptom {symptom}")
    return ", ".join(words)[:160]
