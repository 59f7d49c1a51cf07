"""Whatever number somebody reads, the list behind it has exactly as many rows, whoever reads it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from incidents.incident.filters import Reading, narrowed, terms_of
from incidents.incident.models import Incident
from incidents.incident.queries import for_list
from incidents.reports.queries import basis
from incidents.reports.queries import terms_of as rows_of
from incidents.reports.queries.desk import SHOWN, Cell, by_group, desk, over_time, whole
from incidents.reports.queries.measures import AGREED
from incidents.reports.queries.periods import ALL_TIME, Period, spanned
from incidents.reports.vocabulary import Bucket, Group, Measure, Span
from itsm.accounts.models import Membership, Team, User
from itsm.kernel.actors import Actor
from itsm.work.models import TimeWorked
from tests.incidents.reports.desks import a_desk
from tests.together import each_of

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 30, 15, 20, tzinfo=UTC)
FORTNIGHT = Period(datetime(2026, 3, 22, tzinfo=BERLIN), datetime(2026, 4, 1, tzinfo=BERLIN))


@pytest.fixture
def readers(
    monkeypatch: pytest.MonkeyPatch, agent: User, engineer: User, auditor: User, as_actor: Any
) -> dict[str, Actor]:
    """One outside of the confidential queue, who is the caller of tickets in it, one inside, one who only reads."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    a_desk(NOW, [agent, engineer])
    Membership.objects.create(team=Team.objects.get(slug="payroll"), user=engineer)
    return {"outside": as_actor(agent), "inside": as_actor(engineer), "auditor": as_actor(auditor)}


def opens(actor: Actor, cell: Cell) -> int:
    """How many rows the list has that the number links to."""
    terms = terms_of(rows_of(cell.rows))
    return narrowed(for_list(actor), terms, Reading(actor, NOW, UTC, True)).count()


@pytest.mark.parametrize("reader", ["outside", "inside", "auditor"])
@each_of("period", [FORTNIGHT, ALL_TIME, Period(None, FORTNIGHT.since), Period(FORTNIGHT.since, None)])
def test_a_total_opens_its_rows(readers: dict[str, Actor], reader: str, period: Period) -> None:
    actor = readers[reader]
    line = whole(basis(actor), list(Measure), period)
    for measure, cell in line.cells.items():
        assert opens(actor, cell) == cell.number.number, measure
    assert sum(cell.number.number > 0 for cell in line.cells.values()) > 8


@pytest.mark.parametrize("group", list(Group))
@each_of("reader", ["outside", "inside"])
def test_a_cell_of_a_group_opens_its_rows_and_they_add_up(readers: dict[str, Actor], reader: str, group: Group) -> None:
    actor = readers[reader]
    seen = basis(actor)
    total, lines = whole(seen, list(Measure), FORTNIGHT), by_group(seen, list(Measure), FORTNIGHT, group)
    for measure in Measure:
        for line in lines:
            cell = line.cells[measure]
            assert opens(actor, cell) == cell.number.number, (measure, line.value)
        assert sum(line.cells[measure].number.number for line in lines) == total.cells[measure].number.number, measure


@pytest.mark.parametrize("bucket", list(Bucket))
def test_a_column_of_a_picture_opens_its_rows(readers: dict[str, Actor], bucket: Bucket) -> None:
    actor = readers["outside"]
    parts = over_time(basis(actor), list(Measure), FORTNIGHT, bucket, BERLIN)
    assert parts
    for line in parts:
        for measure, cell in line.cells.items():
            assert opens(actor, cell) == cell.number.number, (measure, line.period)
    total = whole(basis(actor), list(Measure), Period(FORTNIGHT.since, parts[-1].period.until))
    # An incident may have cycles, and days on which it was worked on, in many buckets.
    for measure in set(Measure) - {Measure.BACKLOG, Measure.TIME_WORKED} - set(AGREED):
        assert sum(line.cells[measure].number.number for line in parts) == total.cells[measure].number.number, measure
    minutes = [line.cells[Measure.TIME_WORKED].number.events or 0 for line in parts]
    assert sum(minutes) == total.cells[Measure.TIME_WORKED].number.events
    assert parts[-1].cells[Measure.BACKLOG].number.number == total.cells[Measure.BACKLOG].number.number


@each_of("group", list(Group))
def test_the_report_says_of_all_what_the_whole_says(readers: dict[str, Actor], group: Group) -> None:
    seen = basis(readers["inside"])
    assert desk(seen, FORTNIGHT, group, BERLIN).total == whole(seen, SHOWN, FORTNIGHT)


def test_ages_open_their_rows_and_are_the_whole_backlog(readers: dict[str, Actor]) -> None:
    actor = readers["inside"]
    for period in (FORTNIGHT, Period(None, NOW - timedelta(days=9))):
        report = desk(basis(actor), period, Group.TEAM, BERLIN)
        for age, cell in report.ages:
            assert opens(actor, cell) == cell.number.number, age
        whole_backlog = report.total.cells[Measure.BACKLOG].number.number
        assert sum(cell.number.number for _age, cell in report.ages) == whole_backlog > 0


def test_nothing_of_a_hidden_queue_is_named_or_counted(readers: dict[str, Actor]) -> None:
    """Not even one's own ticket there: the desk's figures are the same as if the queue did not exist."""

    def read() -> Any:
        report = desk(basis(readers["outside"]), FORTNIGHT, Group.TEAM, BERLIN)
        return [(line.value, {m: c.number for m, c in line.cells.items()}) for line in (report.total, *report.lines)]

    before = read()
    assert "payroll" not in {value for value, _cells in before}
    Incident.objects.filter(merged_into__team__slug="payroll").exclude(team__slug="payroll").update(
        merged_into=None, cancel_code="withdrawn"
    )
    before = read()
    Incident.objects.filter(team__slug="payroll", merged_into__isnull=False).delete()
    Incident.objects.filter(team__slug="payroll").delete()
    assert read() == before


def test_a_backlog_stays_what_it_was_when_tickets_are_worked_on_later(readers: dict[str, Actor]) -> None:
    actor = readers["inside"]
    then = Period(None, NOW - timedelta(days=5))
    before = whole(basis(actor), [Measure.BACKLOG], then).cells[Measure.BACKLOG]
    assert before.number.number > 0
    for one in Incident.objects.filter(status__in=("new", "in_progress")):
        one.status, one.resolved_at, one.resolution, one.resolution_code = "resolved", NOW, "Done.", "solved"
        one.save()
    assert whole(basis(actor), [Measure.BACKLOG], then).cells[Measure.BACKLOG] == before
    assert opens(actor, before) == before.number.number


def test_the_instant_of_an_edge_belongs_to_one_bucket(agent: User, as_actor: Any) -> None:
    edge = datetime(2026, 3, 29, tzinfo=BERLIN)
    Incident.objects.create(
        title="At midnight", opened_at=edge, team=Team.objects.create(slug="x", name="X", takes_work=True)
    )
    parts = over_time(basis(as_actor(agent)), [Measure.OPENED], FORTNIGHT, Bucket.DAY, BERLIN)
    assert [line.period.since for line in parts if line.cells[Measure.OPENED].number.number] == [edge]


def test_a_span_ends_before_today_is_over(readers: dict[str, Actor]) -> None:
    period = spanned(Span.DAYS_30, NOW, BERLIN)
    parts = over_time(basis(readers["inside"]), [Measure.OPENED], period, Bucket.DAY, BERLIN)
    assert len(parts) == 30


def test_time_worked_is_the_sum_of_its_entries(readers: dict[str, Actor]) -> None:
    """Of who sees every queue, all entries of the period; the group's lines add up to it."""
    seen = basis(readers["inside"])
    first, last = (one.date() for one in (FORTNIGHT.since, FORTNIGHT.until) if one is not None)
    noted = TimeWorked.objects.filter(record_kind=Incident.kind, day__gte=first, day__lt=last)
    noted = noted.filter(record_id__in=Incident.objects.filter(merged_into=None).values("pk"))
    found = whole(seen, [Measure.TIME_WORKED], FORTNIGHT).cells[Measure.TIME_WORKED].number
    assert found.events == sum(one.minutes for one in noted) > 0
    lines = by_group(seen, [Measure.TIME_WORKED], FORTNIGHT, Group.TEAM)
    assert sum(line.cells[Measure.TIME_WORKED].number.events or 0 for line in lines) == found.events
