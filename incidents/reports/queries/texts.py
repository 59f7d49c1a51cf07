"""Numbers of reports as people read them: on pages, and as the lines of a mail."""

from collections.abc import Sequence
from datetime import timedelta, tzinfo

from django.utils.translation import gettext as _

from incidents.reports.models import SavedReport
from incidents.reports.queries.desk import Line
from incidents.reports.queries.measures import TIMED
from incidents.reports.queries.periods import Period
from incidents.reports.queries.spreads import Spread
from incidents.reports.vocabulary import Measure

MOST_LINES = 40
_WIDEST = 40
NOTHING = "–"


def lasting(seconds: int | None) -> str:
    """Hours and minutes, as 2:30; a dash where nothing was timed."""
    if seconds is None:
        return NOTHING
    minutes = (seconds + 30) // 60
    return f"{minutes // 60}:{minutes % 60:02d}"


def mean_of(spread: Spread | None) -> str:
    """The mean, as 2:30."""
    return NOTHING if spread is None else lasting(spread.mean)


def percent(part: int, whole: int) -> str:
    """Rounded down, so that 100 % means all of them."""
    return f"{100 * part // whole} %"


def cell_text(line: Line, measure: Measure) -> str:
    """A number alone, a share with its parts, a time by its calendar and on the wall."""
    number = line.cells[measure].number
    if measure in TIMED:
        return f"{mean_of(number.by_calendar)} / {mean_of(number.wall)}" if number.number else NOTHING
    if measure == Measure.TIME_WORKED:
        return lasting(None if number.events is None else 60 * number.events)
    if share := line.share(measure):
        return f"{number.number} ({percent(*share)})"
    return str(number.number)


def days_of(period: Period, zone: tzinfo) -> str:
    """First and last day, as the zone has them."""
    if period.since is None or period.until is None:
        return _("all time")
    last = (period.until.astimezone(zone) - timedelta(microseconds=1)).date()
    return f"{period.since.astimezone(zone).date().isoformat()} – {last.isoformat()}"


def as_text(report: SavedReport, period: Period, total: Line, lines: Sequence[Line], zone: tzinfo) -> str:
    """The body of a mail: a line for each value of the group, and one for all."""
    measures = [Measure(one) for one in report.measures]
    head = ["", *(str(one.label) for one in measures)]
    table = [head] + [
        [
            (line.name or (_("none") if line is not total else _("All")))[:_WIDEST],
            *(cell_text(line, one) for one in measures),
        ]
        for line in (*lines[:MOST_LINES], total)
    ]
    widths = [max(len(row[place]) for row in table) for place in range(len(head))]
    rows = ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in table]
    words = [
        f"{days_of(period, zone)} ({zone})",
        "",
        *(row.rstrip() for row in rows),
        "",
        _("Times are hours and minutes: counted by the calendar / on the clock. Only what you may see is counted."),
        _("To stop this mail, open the report and choose “No more mail”."),
    ]
    return "\n".join(words)
