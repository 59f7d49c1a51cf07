"""What an outage came from, what a record cost, and what if: the small parts of pages."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from itsm.accounts.models import User
from slo.models import Indicator, Objective, Outage, OutageCause
from slo.objectives.queries.outages import OutageRow
from tests.factories.slo import MINUTE, an_objective, evaluated, measured, steady
from tests.together import each_of

pytestmark = pytest.mark.django_db
Web = Callable[[User], Client]
HTMX = {"HX-Request": "true"}
COST = "/slos/cost/INC-00007/"


@pytest.fixture
def now() -> datetime:
    return timezone.now().replace(second=0, microsecond=0)


def _objective(now: datetime, slug: str = "answers") -> Objective:
    made = an_objective(slug=slug, window_days=7, target=Decimal("0.99"), at=now)
    indicator = Indicator.objects.get(objectives=made)
    measured(indicator, steady(now, 7 * 1440, total=100), now)
    measured(indicator, steady(now - MINUTE * 60, 10, bad=50, total=100), now)
    evaluated(made, now)
    return made


def _outage(objective: Objective, now: datetime, back: int, cost: str = "0.05") -> Outage:
    started = now - MINUTE * back
    outage = Outage.objects.create(
        objective=objective, started_at=started, ended_at=started + MINUTE * 10, failed=500, minutes=10,
        cost=Decimal(cost), recomputed_at=now,
    )  # fmt: skip
    for reference, score in (("INC-00007", 75), ("CHG-00003", 30)):
        OutageCause.objects.create(
            outage=outage, reference=reference, title="Slow", url="/incidents/INC-00007/", began_at=started, score=score,
            why="on this service",
        )  # fmt: skip
    return outage


def test_confirming_ruling_out_and_taking_it_back(now: datetime, agent: User, web: Web) -> None:
    outage, browser = _outage(_objective(now), now, 70), web(agent)
    door = f"/slos/answers/outages/{outage.pk}/decide/"
    said = browser.post(door, {"reference": "INC-00007", "verdict": "confirmed"}, headers=HTMX)
    page = said.content.decode()
    assert said["HX-Trigger"] == "cause-decided"
    assert "confirmed" in page
    assert "Said by agent" in page
    assert "Undo" in page
    assert outage.causes.get(reference="INC-00007").verdict == "confirmed"
    back = browser.post(door, {"reference": "INC-00007", "verdict": "suspected"})
    assert back["Location"] == "/slos/answers/#outages"
    assert outage.causes.get(reference="INC-00007").verdict == "suspected"
    assert browser.post(door, {"reference": "INC-99999", "verdict": "confirmed"}).status_code == 404
    assert browser.post(door, {"reference": "INC-00007", "verdict": "guilty"}).status_code in (400, 422)
    assert browser.post(f"/slos/other/outages/{outage.pk}/decide/", {"verdict": "confirmed"}).status_code == 404


def test_who_only_reads_sees_causes_and_no_buttons(now: datetime, auditor: User, agent: User, web: Web) -> None:
    outage = _outage(_objective(now), now, 70)
    door = f"/slos/answers/outages/{outage.pk}/decide/"
    for path in ("/slos/answers/", COST):
        read, worked = (web(user).get(path).content.decode() for user in (auditor, agent))
        assert "INC-00007" in read
        assert door not in read
        assert door in worked
    assert web(auditor).post(door, {"reference": "INC-00007", "verdict": "confirmed"}).status_code == 403


def test_what_a_record_cost_leaves_out_what_was_ruled_out_but_can_undo_it(now: datetime, agent: User, web: Web) -> None:
    objective, browser = _objective(now), web(agent)
    _outage(objective, now, 70, "0.05")
    second = _outage(objective, now, 200, "0.02")
    assert "7.00" in browser.get(COST).content.decode()
    browser.post(f"/slos/answers/outages/{second.pk}/decide/", {"reference": "INC-00007", "verdict": "ruled_out"})
    page = browser.get(COST, headers=HTMX).content.decode()
    assert "7.00" not in page
    assert "5.00" in page
    assert "Undo" in page


def test_a_record_that_cost_nothing_says_so(now: datetime, agent: User, requester: User, web: Web) -> None:
    assert "No outage is known around CHG-00001." in web(agent).get("/slos/cost/CHG-00001/").content.decode()
    assert web(requester).get(COST).status_code == 403


def _queries(browser: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(path).status_code == 200
    return len(queries)


def test_what_a_record_cost_is_found_at_one_price(now: datetime, agent: User, web: Web) -> None:
    browser = web(agent)
    _outage(_objective(now), now, 70)
    browser.get(COST)
    few = _queries(browser, COST)
    for number in range(3):
        other = _objective(now, f"other-{number}")
        _outage(other, now, 70)
        _outage(other, now, 300)
    assert _queries(browser, COST) == few


def test_pages_of_records_ask_what_they_cost(agent: User, web: Web) -> None:
    from incidents.incident import operations as incidents
    from tests.factories.slo import MEASURER, a_service

    incident = incidents.open_incident(actor=MEASURER, title="Slow", service=a_service())
    assert f"/slos/cost/{incident.reference}/" in web(agent).get(incident.get_absolute_url()).content.decode()


ASKED = {"traffic": "1", "target": "", "outage_minutes": "0", "outage_share": "100", "pace": "1h"}


def test_what_if_answers_with_its_formulas(now: datetime, engineer: User, web: Web) -> None:
    _objective(now)
    browser = web(engineer)
    asked = ASKED | {"outage_minutes": "50"}
    page = browser.get("/slos/answers/what-if/", asked, headers=HTMX).content.decode()
    # 50 minutes of 10 080, at 1 %: 49.60 % of the budget; 4.96 % were spent before.
    assert "49.60" in page
    assert "95.03" in page
    assert "45.4" in page
    assert "Remaining share x window" in page
    assert "Traffic x share of events that fail" in page
    assert "<html" not in page


def test_another_target_holds_for_what_was_measured(now: datetime, engineer: User, web: Web) -> None:
    _objective(now)
    page = web(engineer).get("/slos/answers/what-if/", ASKED | {"target": "99.5"}).content.decode()
    assert "90.07" in page  # twice 4.96 % spent
    assert "<html" in page  # a page of its own, for those without javascript


@each_of(
    "wrong", [{"traffic": "-1"}, {"target": "100"}, {"outage_minutes": "x"}, {"pace": "9h"}, {"outage_share": "101"}]
)
def test_an_impossible_question_is_a_sentence(wrong: dict[str, str], now: datetime, engineer: User, web: Web) -> None:
    _objective(now)
    answer = web(engineer).get("/slos/answers/what-if/", ASKED | wrong, headers=HTMX)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()


class Prefetched(list[OutageCause]):
    """What a prefetch leaves: the manager answers with it."""

    def all(self) -> "Prefetched":
        return self


def test_changes_come_first_and_ordinary_tickets_are_one_counted_line() -> None:
    def cause(reference: str, score: int, verdict: str = "suspected", why: str = "on this service") -> OutageCause:
        return OutageCause(reference=reference, score=score, verdict=verdict, why=why)

    causes = [
        cause("INC-00001", 90), cause("INC-00002", 80, why="on this service, a major incident"), cause("CHG-00003", 40),
        cause("INC-00004", 70), cause("CHG-00005", 60), cause("INC-00006", 10, verdict="confirmed"),
    ]  # fmt: skip
    outage = Outage(pk=1)
    outage._prefetched_objects_cache = {"causes": Prefetched(causes)}  # type: ignore[attr-defined]
    line = OutageRow(outage, Objective())
    assert [one.reference for one in line.likely] == ["CHG-00005", "CHG-00003", "INC-00002", "INC-00006"]
    assert [one.reference for one in line.ordinary] == ["INC-00001", "INC-00004"]
