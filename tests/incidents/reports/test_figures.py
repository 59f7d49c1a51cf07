"""Reports count what they say they count, as far as their reader may see, and each number opens exactly its rows."""

from datetime import UTC, datetime
from typing import Any

import pytest
from rest_framework.test import APIClient

from incidents.imports.models import Imported
from incidents.incident.models import Incident
from incidents.incident.vocabulary import CancelCode, HoldReason, ResolutionCode
from incidents.reports.queries import Period, Slice, basis, figures, rows
from incidents.reports.vocabulary import Age, Group, Measure
from itsm.accounts.models import Team, User
from itsm.clocks.models import Clock
from itsm.work.models import Link
from tests.together import each_of

pytestmark = pytest.mark.django_db
MARCH, APRIL = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)


def an_incident(day: int, hour: int = 9, **said: Any) -> Incident:
    """One that was opened on a day of March 2026."""
    over = {"resolution": "Done.", "resolution_code": ResolutionCode.SOLVED} if "resolved_at" in said else {}
    values = {"title": "Cannot print", "opened_at": datetime(2026, 3, day, hour, tzinfo=UTC), **over, **said}
    return Incident.objects.create(**values)


@pytest.fixture
def week(db: None) -> dict[str, Incident]:
    """A phone call, one moved twice, one reopened, one cancelled, one open, one merged."""
    a = an_incident(2, resolved_at=datetime(2026, 3, 2, 9, 30, tzinfo=UTC), status="resolved", priority=2)
    b = an_incident(2, 16, resolved_at=datetime(2026, 3, 3, 10, tzinfo=UTC), status="closed", reassigned=2)
    c = an_incident(6, 16, resolved_at=datetime(2026, 3, 9, 13, tzinfo=UTC), status="resolved", reopened=1)
    over = datetime(2026, 3, 6, 10, tzinfo=UTC)
    d = an_incident(6, status="cancelled", cancel_code=CancelCode.WITHDRAWN, updated_at=over)
    e = an_incident(7, status="on_hold", hold_reason=HoldReason.VENDOR, escalated_functionally=1)
    f = an_incident(7, status="cancelled", cancel_code=CancelCode.MERGED, merged_into=e, reassigned=1)
    return {"A": a, "B": b, "C": c, "D": d, "E": e, "F": f}


def counted(actor: Any, measure: str, **said: Any) -> list[int]:
    found = rows(basis(actor), Slice(Measure(measure), Period(MARCH, APRIL), **said))
    return sorted(found.values_list("pk", flat=True))


class TestTheFigures:
    def test_are_those_of_the_week(self, week: dict[str, Incident], agent: User, as_actor: Any) -> None:
        assert figures(as_actor(agent), Period(MARCH, APRIL)) == {
            "total": 6,
            "by_priority": {"1": 0, "2": 1, "3": 4, "4": 0, "5": 0},
            "by_state": {"new": 0, "in_progress": 0, "on_hold": 1, "resolved": 2, "closed": 1, "cancelled": 2},
            "reopened": 1,
            "reassigned": 1,
            "escalated": 1,
            "caused_by_change": 0,
            "sla": {"met": 0, "breached": 0},
        }

    def test_resolved_and_backlog_are_those_of_the_week(
        self, week: dict[str, Incident], agent: User, as_actor: Any
    ) -> None:
        actor = as_actor(agent)
        assert counted(actor, "resolved") == [week[name].pk for name in "ABC"]
        assert counted(actor, "backlog") == [week["E"].pk]

    def test_a_backlog_is_as_it_was_at_the_end_of_the_period(
        self, week: dict[str, Incident], agent: User, as_actor: Any
    ) -> None:
        at = Period(MARCH, datetime(2026, 3, 7, tzinfo=UTC))
        found = rows(basis(as_actor(agent)), Slice(Measure.BACKLOG, at))
        assert [one.pk for one in found] == [week["C"].pk]
        assert rows(basis(as_actor(agent)), Slice(Measure.BACKLOG, at, age=Age.DAY)).count() == 1
        assert rows(basis(as_actor(agent)), Slice(Measure.BACKLOG, at, age=Age.DAYS)).count() == 0

    def test_a_period_holds_its_first_instant_and_not_its_last(self, agent: User, as_actor: Any) -> None:
        one = an_incident(2)
        for since, until, number in (
            (one.opened_at, APRIL, 1), (MARCH, one.opened_at, 0), (None, None, 1),
        ):  # fmt: skip
            assert figures(as_actor(agent), Period(since, until))["total"] == number

    def test_a_change_that_caused_it_is_linked_or_told_by_where_it_came_from(
        self, week: dict[str, Incident], agent: User, as_actor: Any
    ) -> None:
        Link.objects.create(
            from_kind="change", from_id=7, to_kind="incident", to_id=week["A"].pk, meaning="caused", at=MARCH
        )
        Link.objects.create(
            from_kind="change", from_id=7, to_kind="incident", to_id=week["B"].pk, meaning="fixes", at=MARCH
        )
        Imported.objects.create(incident=week["C"], source="servicenow", key="1", caused_by="132", at=MARCH)
        assert counted(as_actor(agent), "caused_by_change") == [week["A"].pk, week["C"].pk]

    def test_agreements_are_counted_by_the_outcomes_of_clocks(
        self, week: dict[str, Incident], agent: User, as_actor: Any
    ) -> None:
        """Those of other desks too, which have an outcome and no events; what a change broke is counted apart."""
        for name, outcome, by_change in (("A", "met", False), ("B", "breached", False), ("C", "breached", True)):
            Clock.objects.create(
                record_kind="incident", record_id=week[name].pk, name="resolve", state="stopped", outcome=outcome,
                outcome_at=week[name].resolved_at, by_change=by_change,
            )  # fmt: skip
        assert figures(as_actor(agent), Period())["sla"] == {"met": 1, "breached": 1}
        assert counted(as_actor(agent), "sla_by_change") == [week["C"].pk]


class TestTheReader:
    def test_counts_nothing_of_a_queue_that_is_hidden_from_them(
        self, week: dict[str, Incident], agent: User, as_actor: Any
    ) -> None:
        staff = Team.objects.create(slug="staff", name="Staff", takes_work=True, confidential=True)
        before = figures(as_actor(agent), Period())
        an_incident(3, team=staff, reopened=1, escalated_functionally=1)
        assert figures(as_actor(agent), Period()) == before
        assert counted(as_actor(agent), "opened", group=Group.TEAM, value="staff") == []

    def test_gets_the_report_over_rest(self, week: dict[str, Incident], agent: User, api: Any) -> None:
        client: APIClient = api(agent)
        whole = client.get("/api/v1/reports/incidents/").json()
        assert whole["total"] == 6
        part = client.get("/api/v1/reports/incidents/?from=2026-03-02&to=2026-03-03").json()
        assert (part["total"], part["by_priority"]["2"]) == (2, 1)

    @each_of(
        ("asked", "name"),
        [
            ("from=2027-02-29", "from"),
            ("from=soon", "from"),
            ("to=2026-13-01", "to"),
            ("from=2026-03-02&to=2026-03-01", "to"),
            ("from=9999-12-31T23:59:59-12:00", "from"),
            ("form=2026-03-02", "form"),
        ],
    )
    def test_hears_which_date_cannot_be_read(self, agent: User, api: Any, asked: str, name: str) -> None:
        answer = api(agent).get(f"/api/v1/reports/incidents/?{asked}")
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, f"/{name}")

    def test_who_only_requests_reads_no_reports(self, requester: User, api: Any) -> None:
        assert api(requester).get("/api/v1/reports/incidents/").status_code == 403
