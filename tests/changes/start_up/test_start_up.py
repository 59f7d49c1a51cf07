"""What the gate would have said of the past, from budgets as they stood then; and when it may rule."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.models import Service
from changes.change.operations import deploying
from changes.delivery.formats.told import Told
from changes.delivery.operations import record_event
from changes.delivery.vocabulary import Result, ToldBy
from changes.models import Change, Decision, Deployment, DeploymentEvent, Evaluation, GateShadow, PastAnswer
from changes.start_up import operations, queries
from changes.start_up.rules import Figures, Missing, PastRun, history_of, what_is_missing
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.approvals import confirming
from itsm.approvals.models import Confirmation
from itsm.kernel.actors import Actor, Door
from slo.engine.samples import Sample
from tests.factories.changes import ask
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


def asked_at(service: Service, by: User, at: datetime) -> Evaluation:
    return ask(service, actor_for(by, Door.API), at)


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


@pytest.fixture
def shadowed(service: Service, now: datetime, owner: User, manager: User) -> GateShadow:
    return GateShadow.objects.create(
        service=service, reason="Four weeks of answers first.", began_at=now - DAY, until=now + 20 * DAY,
        asked_by=owner, confirmed_by=manager,
    )  # fmt: skip


@pytest.mark.django_db
def test_what_ran_in_shadow_counts_by_what_the_gate_said_and_how_it_went(
    shadowed: GateShadow, now: datetime, pipeline: User, owner: User
) -> None:
    """The budget is spent: it would have held both. One went well, one was taken back; a third runs."""
    program, began = actor_for(pipeline, Door.API), now - 10 * MINUTE
    for status in ("succeeded", "rolled_back", ""):
        evaluation = asked_at(shadowed.service, pipeline, began)
        assert evaluation.outcome != "approved"
        run = deploying.start_deployment(
            evaluation.change, actor=program, at=began, artifact_digest=evaluation.change.artifact_digest
        )
        if status:
            deploying.finish_deployment(run, actor=program, status=status, at=began + MINUTE)
            Deployment.objects.filter(pk=run.pk, status="succeeded").update(
                watch="clean", watch_ended_at=began + HOUR, witness="measured"
            )
    (row,) = queries.start(actor_for(owner, Door.WEB), now).services
    assert (row.figures.friction, row.figures.stopped, row.lived) == (1, 1, 2)
    assert (row.shadow, row.keeps) == (shadowed, True)


@pytest.mark.django_db
def test_the_page_puts_in_shadow_on_two_names_and_lets_the_gate_rule_on_one(
    service: Service, manager: User, engineer: User, web: Callable[[User], Client]
) -> None:
    client, address = web(manager), f"/changes/start/{service.slug}"
    assert "Put in shadow" in client.get("/changes/start/").content.decode()
    assert "Put in shadow" not in web(engineer).get("/changes/start/").content.decode()
    assert client.post(f"{address}/shadow/", {"days": "91", "reason": "Four weeks first."}).status_code == 422
    client.post(f"{address}/shadow/", {"days": "28", "reason": "Four weeks first."})
    waits = Confirmation.objects.get()
    assert not GateShadow.objects.exists()
    second = User.objects.create(username="second", roles=["manager"])
    confirming.confirm(waits, actor=actor_for(second, Door.WEB), at=timezone.now(), version=waits.version)
    assert "In shadow" in client.get("/changes/start/").content.decode()
    assert "Four weeks first." in client.get(f"{address}/enforce/").content.decode()
    assert client.post(f"{address}/enforce/").status_code == 302
    assert GateShadow.objects.get().ended_by == manager


@pytest.mark.django_db
def test_rest_says_what_the_page_knows_and_does_what_it_does(
    service: Service, shadowed: GateShadow, now: datetime, manager: User, engineer: User,
    api: Callable[[User], APIClient],
) -> None:  # fmt: skip
    deployed(service, now - 15 * HOUR)
    operations.judge_past(now)
    (row,) = api(engineer).get("/api/v1/start-up/").json()["services"]
    assert (row["service"], row["smooth"], row["ready"], row["shadow"]["asked_by"]) == (
        service.slug, 1, False, "owner",
    )  # fmt: skip
    (past,) = api(engineer).get(f"/api/v1/start-up/{service.slug}/past/").json()["answers"]
    assert (past["outcome"], past["quadrant"]) == ("approved", "smooth")
    asked = {"until": (now + 30 * DAY).isoformat(), "reason": "Four weeks were too few."}
    assert api(engineer).post(f"/api/v1/start-up/{service.slug}/shadow/", asked, format="json").status_code == 403
    answer = api(manager).post(f"/api/v1/start-up/{service.slug}/shadow/", asked, format="json")
    assert (answer.status_code, Confirmation.objects.count()) == (202, 1)
    assert api(manager).post(f"/api/v1/start-up/{service.slug}/enforce/").json() == {"taken_back": 0}
    assert api(manager).post(f"/api/v1/start-up/{service.slug}/enforce/").status_code == 409
