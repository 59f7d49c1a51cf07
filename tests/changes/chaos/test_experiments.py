"""Chaos experiments: the stake is reserved, watched and kept; the hook is called until it answers, or people are."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.models import Service
from changes.change.operations import asking, deploying, editing
from changes.change.operations.content import content_hash
from changes.change.operations.counting import count_run
from changes.change.operations.deploying.rolling_back import going_out
from changes.change.queries.rollbacks import earlier_release
from changes.chaos import operations
from changes.chaos.models import ChaosAbort, ChaosBurn, ChaosExperiment
from changes.chaos.operations.aborting import secret_of
from changes.chaos.operations.planning import Plan
from changes.chaos.queries import standing
from changes.models import Deployment, DeploymentEvent, History
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, MissingInformation, NotPermitted, WrongState
from itsm.notifications import outbox
from itsm.notifications.lanes import Lane
from itsm.paging.models import Page
from slo.models import Objective, Reservation
from tests.changes.chaos.conftest import MINUTE, fails
from tests.factories.changes import question
from tests.factories.slo import a_service
from tests.itsm.scripted_server import Reply, Scripted

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
HALF_AN_HOUR = timedelta(minutes=30)


def sweep(at: datetime) -> None:
    due.sweep(at, lanes=(Lane.PAGING,))


def leave(at: datetime) -> int:
    return outbox.relay(at, lanes=(Lane.PAGING,))


def test_people_decide_and_its_stake_is_held_while_it_runs(running: Deployment, now: datetime) -> None:
    change = running.change
    assert (change.purpose, change.stake, change.status) == ("experiment", Decimal("0.05"), "running")
    decision = change.decisions.get()
    assert decision.verdict["authority"]["decider"] == "peer"
    assert (decision.evidence["change"]["stake"], decision.evidence["change"]["claimed_purpose"]) == (
        "0.050000", "feature",
    )  # fmt: skip
    assert {one["code"] for one in decision.verdict["reasons"]} & {"artifact_missing"}
    held = Reservation.objects.get(holder=change.reference)
    assert (held.ratio, held.released_at) == (Decimal("0.05"), None)
    assert not DeploymentEvent.objects.exists()  # it delivers nothing


def test_a_stake_that_is_no_longer_free_does_not_start(
    planned: ChaosExperiment, service: Service, asker: Actor, now: datetime
) -> None:
    objective = Objective.objects.get(service=service)
    others = Reservation.objects.create(
        objective=objective, holder="CHG-99999", ratio=Decimal("0.950001"), held_at=now, expires_at=now + 60 * MINUTE
    )
    with pytest.raises(WrongState, match=r"may burn 5 %"):
        deploying.start_deployment(planned.change, actor=asker, at=now)
    assert not Deployment.objects.exists()
    Reservation.objects.filter(pk=others.pk).update(ratio=Decimal("0.95"))
    deploying.start_deployment(planned.change, actor=asker, at=now)  # exactly so much is free
    assert Reservation.objects.filter(holder=planned.change.reference).count() == 1


def test_while_it_burns_less_than_its_stake_it_goes_on(
    running: Deployment, service: Service, now: datetime, hook: Scripted
) -> None:
    """Of 1,441 minutes 1,441 may fail: 72 are not yet a twentieth of that."""
    fails(service, now, 1, 72)
    sweep(now + MINUTE)
    assert ChaosBurn.objects.get().share == Decimal("0.049966")
    assert not ChaosAbort.objects.exists()
    assert due.promised(operations.WATCH, "chaos_experiment", ChaosExperiment.objects.get().pk) == (
        now + MINUTE + 15 * SECOND
    )
    assert leave(now + MINUTE) == 0
    assert not hook.asked


def test_at_its_stake_its_hook_is_called_with_a_signature_and_its_run_ends(
    running: Deployment, service: Service, now: datetime, hook: Scripted
) -> None:
    fails(service, now, 1, 73)
    sweep(now + MINUTE)
    experiment, asked = ChaosExperiment.objects.get(), ChaosAbort.objects.get()
    assert (asked.cause, asked.burned, asked.asked_at) == ("stake_burnt", Decimal("0.050660"), now + MINUTE)
    assert leave(max(now + MINUTE, timezone.now()) + SECOND) == 1  # it is owed since it was written
    (call,) = hook.asked
    said = json.loads(call.body)
    assert (call.method, call.path, said["type"]) == ("POST", "/stop", "experiment.abort")
    assert (said["data"]["experiment"], said["data"]["cause"]) == (running.change.reference, "stake_burnt")
    headers = {name.lower(): value for name, value in call.headers.items()}
    key = base64.b64decode(secret_of(experiment).removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + call.body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    asked.refresh_from_db()
    running.refresh_from_db()
    assert asked.stopped_at is not None
    assert asked.stopped_by is None
    assert running.status == "rolled_back"
    assert (running.change.outcome_code, standing(experiment)) == ("unsuccessful", "stopped")
    sweep(now + 3 * MINUTE)
    assert not Page.objects.exists()


def test_a_hook_that_does_not_answer_is_called_again_and_after_two_minutes_people_are(
    running: Deployment, service: Service, asker: Actor, now: datetime, hook: Scripted
) -> None:
    replies = iter([Reply(500), Reply(302), Reply(204)])
    hook.answer = lambda asked: next(replies)
    fails(service, now, 1, 73)
    sweep(now + MINUTE)
    assert leave(now + MINUTE + SECOND) == 0
    assert leave(now + MINUTE + 60 * SECOND) == 0
    asked = ChaosAbort.objects.get()
    assert (asked.attempts, asked.stopped_at, len(hook.asked)) == (2, None, 2)
    sweep(now + 3 * MINUTE - SECOND)
    assert not Page.objects.exists()
    sweep(now + 3 * MINUTE)
    assert {page.person_id for page in Page.objects.all()} >= {asker.person_id}
    pages = Page.objects.count()
    due.schedule(operations.UNCONFIRMED, "chaos_experiment", asked.experiment_id, now)
    sweep(now + 3 * MINUTE)
    assert Page.objects.count() == pages  # nobody twice
    assert leave(now + 5 * MINUTE) >= 1  # and what calls people
    asked.refresh_from_db()
    assert (asked.attempts, asked.stopped_at is not None) == (3, True)
    assert {json.loads(call.body)["data"]["attempt"] for call in hook.asked} == {1, 2, 3}
    assert {page.state for page in Page.objects.all()} == {"ended"}


def test_a_page_row_on_what_it_reaches_stops_it(running: Deployment, service: Service, now: datetime) -> None:
    """A fifth of all events fail for a minute: the page row fires, and says so before the stake does."""
    fails(service, now, 3, 200)
    sweep(now + 3 * MINUTE)
    assert ChaosAbort.objects.get().cause == "page_fired"


def test_what_nobody_sees_any_more_is_stopped(running: Deployment, now: datetime) -> None:
    sweep(now + 10 * MINUTE)
    assert not ChaosAbort.objects.exists()
    sweep(now + 11 * MINUTE)
    assert ChaosAbort.objects.get().cause == "not_seen"


def test_whoever_works_here_stops_it_once_and_says_why(
    running: Deployment, as_actor: Callable[..., Actor], agent: object, requester: object, now: datetime
) -> None:
    experiment = ChaosExperiment.objects.get()
    with pytest.raises(NotPermitted):
        operations.abort(experiment, actor=as_actor(requester), because="No", at=now)
    with pytest.raises(MissingInformation):
        operations.abort(experiment, actor=as_actor(agent), because=" ", at=now)
    first = operations.abort(experiment, actor=as_actor(agent), because="The shop is slow", at=now)
    again = operations.abort(experiment, actor=as_actor(agent), because="Again", at=now + MINUTE)
    assert (again.pk, again.because, again.cause) == (first.pk, "The shop is slow", "person")
    sweep(now + MINUTE)
    assert ChaosAbort.objects.count() == 1


def test_a_person_confirms_where_the_hook_does_not(
    running: Deployment, as_actor: Callable[..., Actor], agent: object, asker: Actor, owning: Actor,
    now: datetime, hook: Scripted,
) -> None:  # fmt: skip
    experiment = ChaosExperiment.objects.get()
    with pytest.raises(WrongState):
        operations.confirm_stopped(experiment, actor=_owner_in_team(experiment, owning), at=now)
    operations.abort(experiment, actor=as_actor(agent), because="Slow", at=now)
    with pytest.raises(NotPermitted):
        operations.confirm_stopped(experiment, actor=as_actor(agent), at=now)
    operations.confirm_stopped(experiment, actor=_owner_in_team(experiment, owning), at=now + MINUTE)
    running.refresh_from_db()
    assert running.status == "rolled_back"
    assert leave(now + 2 * MINUTE) == 1  # what was owed has nothing to say any more
    assert not hook.asked


def _owner_in_team(experiment: ChaosExperiment, owning: Actor) -> Actor:
    """An owner who carries it out: named so by the change."""
    experiment.change.implementer_id = owning.id
    experiment.change.save(update_fields=["implementer_id"])
    return owning


def test_the_result_is_kept_and_a_finding_becomes_a_problem(
    running: Deployment, service: Service, asker: Actor, owning: Actor, now: datetime
) -> None:
    experiment = ChaosExperiment.objects.get()
    carrying = _owner_in_team(experiment, owning)
    with pytest.raises(WrongState):
        operations.conclude(experiment, actor=carrying, finding="held", shown="Nothing broke.", at=now)
    fails(service, now, 2, 30)
    deploying.finish_deployment(running, actor=asker, status="succeeded", at=now + 2 * MINUTE)
    experiment.refresh_from_db()
    with pytest.raises(WrongState):
        operations.open_finding(experiment, actor=carrying, statement="Too early", at=now)
    operations.conclude(experiment, actor=carrying, finding="refuted", shown="Orders failed.", at=now + 3 * MINUTE)
    fails(service, now + 2 * MINUTE, 10, 500)  # what fails after it is none of its burn
    sweep(now + 14 * MINUTE)
    assert ChaosBurn.objects.get().share == Decimal("0.041609")  # 60 of 1,442
    problem = operations.open_finding(experiment, actor=carrying, statement="One cache is all there is", at=now)
    experiment.refresh_from_db()
    assert (experiment.problem, experiment.finding) == (problem, "refuted")
    assert (problem.service, problem.symptom) == (service, "Orders failed.")
    with pytest.raises(Conflict):
        operations.open_finding(experiment, actor=carrying, statement="Once more", at=now)


def test_a_plan_that_nobody_could_watch_or_stop_is_refused(
    plan: Callable[..., Plan], asker: Actor, as_actor: Callable[..., Actor], agent: object, now: datetime
) -> None:
    for field, words in {
        "stake": {"stake": Decimal("0.500001")},
        "abort_url": {"abort_url": "https://10.0.0.1/stop"},
    }.items():
        with pytest.raises(InvalidInput) as refused:
            operations.plan_experiment(plan(**words), actor=asker, at=now)
        assert field in refused.value.errors
    for words in ({"backout": " "}, {"service": a_service()}):
        with pytest.raises(MissingInformation):
            operations.plan_experiment(plan(**words), actor=asker, at=now)
    with pytest.raises(NotPermitted):
        operations.plan_experiment(plan(), actor=as_actor(agent), at=now)
    operations.plan_experiment(plan(), actor=asker, at=now)
    with pytest.raises(Conflict, match="experiment already"):
        operations.plan_experiment(plan(hypothesis="Another"), actor=asker, at=now)
    assert ChaosExperiment.objects.count() == 1


def test_an_experiment_stays_one_and_nothing_else_becomes_one(
    plan: Callable[..., Plan], service: Service, asker: Actor, now: datetime
) -> None:
    change = operations.plan_experiment(plan(), actor=asker, at=now).change
    with pytest.raises(InvalidInput, match="stays one"):
        editing.edit(change, actor=asker, version=change.version, at=now, purpose="feature")
    other = asking.ask_gate(question(service), actor=asker, at=now).change
    with pytest.raises(InvalidInput, match="stays one"):
        editing.edit(other, actor=asker, version=other.version, at=now, purpose="experiment")
    with pytest.raises(IntegrityError, match="an_experiment_and_nothing_else_has_a_stake"), transaction.atomic():
        type(change).objects.filter(pk=change.pk).update(purpose="feature")


def test_the_stake_is_content(plan: Callable[..., Plan], asker: Actor, now: datetime) -> None:
    change = operations.plan_experiment(plan(), actor=asker, at=now).change
    change.refresh_from_db()
    assert content_hash(change) == change.content_hash
    change.stake = Decimal("0.06")
    assert content_hash(change) != change.content_hash


def test_an_experiment_counts_as_no_run_and_stands_in_no_rollbacks_way(
    running: Deployment, service: Service, asker: Actor, now: datetime
) -> None:
    """Runs that went well make the next change look safe: cheap experiments must not. And what ran before runs still."""
    deploying.finish_deployment(running, actor=asker, status="rolled_back", at=now + MINUTE)
    running.refresh_from_db()
    assert running.watch == "unclean"
    assert not History.objects.exists()
    count_run(running.change, failed=False, ended_at=now)
    assert not History.objects.exists()
    wanted = asking.ask_gate(question(service), actor=asker, at=now)
    Deployment.objects.filter(pk=running.pk).update(
        artifact_digest=wanted.change.artifact_digest,
        status="succeeded",
        watch="clean",
        watch_ended_at=now + HALF_AN_HOUR,
        watched_until=now,
    )
    assert earlier_release(wanted, now + HALF_AN_HOUR) is None
    assert not going_out(now).exists()
