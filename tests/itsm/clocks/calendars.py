"""The calendars of the golden clocks, and events written shortly."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from itsm.clocks.algebra import Basis, Event, Happened, Reading, fold
from itsm.clocks.hours import DAY, Day, Hours, Span

HOUR = 3600


def span(text: str) -> Span:
    """`09:00-17:00`, `22-24`."""
    begin, end = (_minutes(edge) for edge in text.split("-"))
    return Span(begin, end)


def _minutes(edge: str) -> int:
    hours, _, minutes = edge.partition(":")
    return int(hours) * 60 + int(minutes or 0)


def weekly(zone: str, days: dict[str, Sequence[str]], replaced: dict[date, Day] | None = None) -> Hours:
    """`{"mon-fri": ["09-17"]}`."""
    names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    week: list[tuple[Span, ...]] = [()] * 7
    for which, spans in days.items():
        first, _, last = which.partition("-")
        for place in range(names.index(first), names.index(last or first) + 1):
            week[place] = tuple(span(one) for one in spans)
    return Hours(ZoneInfo(zone), tuple(week), replaced or {})


CLOSED = {
    date(2026, 4, 3): Day((), "Good Friday"),
    date(2026, 4, 6): Day((), "Easter Monday"),
    date(2026, 5, 1): Day((), "Labour Day"),
    date(2026, 12, 25): Day((), "Christmas"),
    date(2026, 12, 24): Day((span("09-12"),), "Christmas Eve"),
}
BER = weekly("Europe/Berlin", {"mon-fri": ["09-17"]}, CLOSED)
SPL = weekly("Europe/Berlin", {"mon-fri": ["08-12", "13-17:30"], "sat": ["09-12"]})
ALL = weekly("Europe/Berlin", {"mon-sun": ["00-24"]})
NIG = weekly("Europe/Berlin", {"mon-sun": ["22-24", "00-06"]})
NYC = weekly("America/New_York", {"mon-fri": ["08-20"]})
KOL = weekly("Asia/Kolkata", {"mon-sat": ["09:30-18:30"]})
LHI = weekly("Australia/Lord_Howe", {"mon-sun": ["00-04"]})
assert BER.week[0][0].end < DAY


def local(hours: Hours, text: str, fold: int = 0) -> datetime:
    """`03-02 10:00` of 2026 in the calendar's zone, as UTC."""
    named = datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M")  # noqa: DTZ007 - the zone comes next
    return named.replace(tzinfo=hours.zone, fold=fold).astimezone(UTC)


def clock(hours: Hours, target_hours: float, *happened: tuple[str, datetime] | Event) -> Reading:
    """The first of the events is the start."""
    events = []
    for one in happened:
        if isinstance(one, Event):
            events.append(one)
            continue
        name, at = one
        basis = Basis(hours, int(target_hours * HOUR), id(hours)) if name == "started" else None
        events.append(Event(Happened(name), at, basis))
    return fold(events)


def retargeted(at: datetime, hours: Hours, target_hours: float) -> Event:
    return Event(Happened.RETARGETED, at, Basis(hours, int(target_hours * HOUR), id(hours)))
