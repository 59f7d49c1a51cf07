"""What counts as toil, of whom, and what nobody is shown."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from incidents.incident import operations as incidents
from incidents.models import Incident
from incidents.toil import views
from incidents.toil.queries import minutes_in_28_days, toil, whole_weeks
from incidents.toil.rules import Cause, week_of
from itsm.accounts.models import Team
from itsm.audit.models import Entry
from tests.factories.slo import a_service

pytestmark = pytest.mark.django_db
WEEK = timedelta(weeks=1)


def weeks_around(at: Any) -> tuple[Any, Any]:
    return week_of(at) - WEEK, week_of(at) + 2 * WEEK


def paged(people: Any, **said: Any) -> Incident:
    """An incident that an alert opened, on which these people wrote."""
    incident = incidents.open_incident(actor=people[0], title="Budget burns", **said)
    Incident.objects.filter(pk=incident.pk).update(source_key=f"burn:{incident.pk}:1")
    for one in people:
        incidents.note(incident, actor=one, text="Looked at it")
    return incident


def test_pages_count_for_three_people_and_for_two_nobody(
    engineer: Any, agent: Any, manager: Any, as_actor: Any
) -> None:
    three = [as_actor(one) for one in (engineer, agent, manager)]
    first, last = weeks_around(timezone.now())
    paged(three[:2], service=a_service(slug="search"))
    assert toil(first, last).report.total is None
    paged(three, service=a_service(slug="checkout"))
    report = toil(first, last).report
    assert report.total is not None
    assert report.total >= 3 * 15
    assert all(row.people >= 3 for row in report.rows)
    assert "search" not in {row.service for row in report.rows}


def test_what_may_not_be_shown_is_no_zero_to_the_register_of_improvements(
    engineer: Any, agent: Any, manager: Any, as_actor: Any
) -> None:
    three = [as_actor(one) for one in (engineer, agent, manager)]
    later, search, checkout = timezone.now() + WEEK, a_service(slug="search"), a_service(slug="checkout")
    assert (minutes_in_28_days(None, later), minutes_in_28_days(search, later)) == (0, 0)
    paged(three[:2], service=search)
    assert (minutes_in_28_days(None, later), minutes_in_28_days(search, later)) == (None, None)
    paged(three, service=checkout)
    known = minutes_in_28_days(None, later)
    assert known is not None
    assert known >= 45


def test_logged_time_counts_instead_of_what_events_stand_for(
    engineer: Any, agent: Any, manager: Any, as_actor: Any
) -> None:
    three = [as_actor(one) for one in (engineer, agent, manager)]
    incident = paged(three)
    for one in three:
        incidents.add_time(incident, actor=one, minutes=40)
    report = toil(*weeks_around(timezone.now())).report
    assert (report.total, [row.cause for row in report.rows]) == (120, [Cause.PAGE])


def test_what_lies_in_a_confidential_queue_is_in_no_figure(person: Any, as_actor: Any) -> None:
    hidden = Team.objects.create(slug="hr", name="HR", confidential=True, takes_work=True)
    paged([as_actor(person("agent", hidden, username=name)) for name in "abc"], team=hidden)
    assert toil(*weeks_around(timezone.now())).report.total is None


def test_handing_on_and_what_came_back(engineer: Any, agent: Any, manager: Any, as_actor: Any) -> None:
    three = [as_actor(one) for one in (engineer, agent, manager)]
    incident = incidents.acknowledge(incidents.open_incident(actor=three[0], title="Slow"), actor=three[0])
    for actor, to in zip(three, (agent, manager, engineer), strict=True):
        incident = incidents.edit(incident, actor=actor, version=incident.version, assigned_to=to)
    incident = incidents.resolve(incident, actor=three[0], resolution="Done", resolution_code="solved")
    incident = incidents.reopen(incident, actor=three[0], reason="It is not")
    for one in three:
        incidents.note(incident, actor=one, text="Again")
    causes = {row.cause for row in toil(*weeks_around(timezone.now())).report.rows}
    assert causes == {Cause.REASSIGNMENT, Cause.REPEAT}


def test_what_was_saved_needs_thirty_approvals(db: None) -> None:
    saved = toil(*weeks_around(timezone.now())).saved
    assert (saved.median_minutes, saved.minutes) == (None, None)


def test_only_whole_weeks_that_are_over(db: None) -> None:
    now = timezone.now()
    first, last = whole_weeks(None, None, now)
    assert last == week_of(now)
    assert last - first == 4 * WEEK
    assert whole_weeks(now, now + WEEK, now) == (week_of(now), week_of(now)), "this week is not over"


def test_it_is_told_over_rest_and_on_a_page(api: Any, web: Any, engineer: Any, agent: Any, manager: Any,
                                            as_actor: Any) -> None:  # fmt: skip
    paged([as_actor(one) for one in (engineer, agent, manager)], service=a_service(slug="checkout"))
    assert Entry.objects.filter(event="incident.noted").count() == 3
    client = api(engineer)
    told = client.get("/api/v1/reports/toil/?from=2026-10-05&to=2026-11-02").data
    assert (told["first"], told["last"], told["total"], told["rows"]) == (
        "2026-10-05T00:00:00Z", "2026-11-02T00:00:00Z", None, []
    )  # fmt: skip
    for wrong in ("from=x", "from=1000-01-01", "from=2001-01-01", "service=checkout", "to=2026-13-01"):
        assert client.get(f"/api/v1/reports/toil/?{wrong}").status_code == 400, wrong
    assert "Too few people to say" in web(engineer).get("/reports/toil/").content.decode()


def test_the_page_shows_groups_of_three_and_says_where_minutes_come_from(
    web: Any, engineer: Any, agent: Any, manager: Any, as_actor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """History is noted now and cannot be dated back: so the page is asked as if this week were over."""
    three = [as_actor(one) for one in (engineer, agent, manager)]
    paged(three, service=a_service(slug="checkout"))
    paged(three[:1], service=a_service(slug="search"))
    monkeypatch.setattr(views, "whole_weeks", lambda *_asked: weeks_around(timezone.now()))
    page = web(engineer).get("/reports/toil/").content.decode()
    assert "checkout" not in page, "with one alone in the rest, its group goes there too"
    assert "others" in page
    paged(three, service=a_service(slug="ledger"))
    page = web(engineer).get("/reports/toil/").content.decode()
    assert page.count("pages: incidents that alerts opened") >= 2, "a row, and the arithmetic"
    assert "Insufficient" in page
