"""What the gate would have said of the past, from budgets as they stood then; and when it may rule."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import Service
from changes.delivery.formats.told import Told
from changes.delivery.operations import record_event
from changes.delivery.vocabulary import Result, ToldBy
from changes.models import Change, Decision, DeploymentEvent, PastAnswer
from changes.start_up import operations, queries
from changes.start_up.rules import Figures, Missing, PastRun, history_of, what_is_missing
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.kernel.actors import Actor, Door
from slo.engine.samples import Sample
from tests.factories.slo import MINUTE, a_service, an_objective, evaluated, measured, steady

SYSTEM = Actor.system("tests", Door.COMMAND)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def now() -> datetime:
    return timezone.now().replace(second=0, microsecond=0)


@pytest.fixture
def service(now: datetime) -> Service:
    """Measured for eight days: nothing failed, until everything did for ten minutes, eleven hours ago."""
    found = a_service(tier=3)
    objective = an_objective(service=found, window_days=7, at=now - 8 * DAY)
    measured(objective.indicator, steady(now - 11 * HOUR, 8 * 1440 - 11 * 60), now)
    broken = [Sample(now - 11 * HOUR + MINUTE * one, 0, 1000) for one in range(10)]
    measured(objective.indicator, [*broken, *steady(now, 11 * 60 - 10)], now)
    evaluated(objective, now)
    return found


def deployed(service: Service, at: datetime, result: Result = Result.SUCCEEDED, **words: object) -> DeploymentEvent:
    said = Told(
        told_by=ToldBy.IMPORT, external_id=f"{service.slug}-{at.isoformat()}", service=service,
        environment="production", version="1.0", result=result, started_at=at, finished_at=at + MINUTE,
    )  # fmt: skip
    return record_event(said, actor=SYSTEM, at=at + 2 * MINUTE)


@pytest.mark.django_db
def test_each_is_judged_by_the_budgets_of_its_own_instant(service: Service, now: datetime) -> None:
    before = deployed(service, now - 20 * HOUR)
    failed = deployed(service, now - 19 * HOUR, Result.FAILED)
    burning = deployed(service, now - 11 * HOUR + 9 * MINUTE)
    spent = deployed(service, now - 2 * HOUR, Result.ROLLED_BACK)
    called_off = deployed(service, now - 90 * MINUTE, Result.CANCELLED)
    old = deployed(service, now - 91 * DAY)
    assert operations.judge_past(now) == 5
    answers = {one.event_id: (one.outcome, one.quadrant) for one in PastAnswer.objects.all()}
    assert old.pk not in answers
    assert answers[before.pk] == ("approved", "smooth")
    assert answers[failed.pk] == ("approved", "escaped")
    assert answers[burning.pk] == ("postponed", "friction")
    assert answers[spent.pk] == ("postponed", "stopped")
    assert answers[called_off.pk][1] == "unknown"
    assert operations.judge_past(now) == 0  # once
    assert not Change.objects.exists()  # and nothing was decided
    assert not Decision.objects.exists()


@pytest.mark.django_db
def test_what_was_not_measured_then_is_not_approved_by_what_is_measured_now(service: Service, now: datetime) -> None:
    service.tier = 1
    service.save(update_fields=["tier"])
    early = deployed(service, now - 30 * DAY)
    operations.judge_past(now)
    assert PastAnswer.objects.get(event=early).outcome == "peer"


@pytest.mark.django_db
def test_the_page_says_what_is_missing_and_opens_the_rows(
    service: Service, now: datetime, engineer: User, requester: User, web: Callable[[User], Client]
) -> None:
    for back in range(15, 20):
        deployed(service, now - back * HOUR)
    actor = actor_for(engineer, Door.WEB)
    assert queries.start(actor, now).unjudged == 5
    operations.judge_past(now)
    start = queries.start(actor, now)
    (row,) = start.services
    assert (start.imported, start.unjudged, start.measured, start.ready) == (5, 0, 1, 0)
    assert (row.figures.smooth, row.missing) == (5, (Missing.SHORT_MEASURED, Missing.FEW_DECISIONS))
    page = web(engineer).get("/changes/start/").content.decode()
    assert "Deployments of which is known how they went: 5; 20 say something." in page
    assert page.count("Not yet") == 1
    rows = web(engineer).get(f"/changes/start/{service.slug}/").content.decode()
    assert rows.count("data-row>") == 5
    assert web(engineer).get("/changes/start/nowhere/").status_code == 404
    assert web(requester).get("/changes/start/").status_code == 403


@pytest.mark.django_db
def test_without_anything_the_page_teaches(engineer: User, web: Callable[[User], Client]) -> None:
    page = web(engineer).get("/changes/start/").content.decode()
    assert "Nothing to look back at yet" in page
    assert "import_deployments" in page


@pytest.mark.parametrize(
    ("figures", "missing"),
    [
        (Figures(28, smooth=19, escaped=1), ()),
        (Figures(28, smooth=18, escaped=1, stopped=1), (Missing.ESCAPES,)),
        (Figures(27, smooth=20), (Missing.SHORT_MEASURED,)),
        (Figures(0, smooth=20), (Missing.NOT_MEASURED,)),
        (Figures(28, smooth=19, unknown=9), (Missing.FEW_DECISIONS,)),
        (Figures(28, smooth=15, friction=5), ()),
        (Figures(28, smooth=14, friction=5, stopped=1), (Missing.FRICTION,)),
    ],
)
def test_when_it_is_reasonable(figures: Figures, missing: tuple[Missing, ...]) -> None:
    assert what_is_missing(figures) == missing


def test_no_fact_newer_than_a_deployment_judges_it() -> None:
    """A run that ended a minute later is none of its history; one of ninety days before counts half."""
    at = datetime.fromisoformat("2026-06-01T12:00:00+00:00")
    runs = [PastRun(at - 90 * DAY, True), PastRun(at, False), PastRun(at + MINUTE, True)]
    history = history_of(runs, at)
    assert (history.runs, history.weighted_runs, history.weighted_failures) == (2, Decimal("1.5"), Decimal("0.5"))
