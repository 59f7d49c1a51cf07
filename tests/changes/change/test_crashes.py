"""What dies in the middle: before each statement of an evaluation, a start, a call-back and a reconciliation the
database ends the connection, as a kill -9 of worker, web server or database does. All or nothing is there afterwards,
nothing is approved without its proof, and done again it is there once.

In full (`make prove`) before every statement, which is more than a hundred deaths; else before one in seven.
"""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import psycopg2
import pytest
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from changes.change.operations import asking, deploying
from changes.change.operations.callbacks import CHANNEL
from changes.delivery.formats.told import Told
from changes.delivery.operations import applying, mapping, matching, receiving, record_event, sources
from changes.delivery.operations.proving import Proven
from changes.delivery.vocabulary import ToldBy
from changes.models import Change, Decision, Deployment, DeploymentEvent, Evaluation, PlatformDelivery
from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.clocks.models import Due
from itsm.kernel.actors import Actor, Door
from itsm.notifications import outbox
from itsm.notifications.lanes import Lane
from itsm.notifications.models import Delivery
from slo.models import Reservation
from tests.factories.changes import a_measured_service, a_model, question
from tests.invariants_hold import asked
from tests.itsm.scripted_server import Scripted, scripted
from tests.slo.proving import IN_FULL

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)
ONE_IN = 1 if IN_FULL else 7
KEPT = (Change, Evaluation, Decision, Reservation, Deployment, DeploymentEvent, Delivery, Due, Entry)


class Dead:
    """Ends the connection of this test before its `at`-th statement."""

    def __init__(self, at: int) -> None:
        self.at, self.seen = at, 0

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        self.seen += 1
        if self.seen == self.at:
            _end(connection.connection.get_backend_pid())
        return execute(sql, params, many, context)


def _end(pid: int) -> None:
    given = connection.get_connection_params()
    words = {name: given[name] for name in ("dbname", "user", "password", "host", "port") if given.get(name)}
    other = psycopg2.connect(**words)
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])
    finally:
        other.close()


def dies_at_each(work: Callable[[], Any]) -> Iterator[int]:
    """Do the work, again and again, dying later each time, until it lives. Yields after each death."""
    at = 1
    while True:
        death = Dead(at)
        try:
            with connection.execute_wrapper(death):
                work()
        except (OperationalError, InterfaceError):
            connection.close()
            assert asked(full=IN_FULL) == {}  # whatever died and when, what must always hold does
            yield at
            at += ONE_IN
            continue
        assert death.seen < at, "it went on without its connection"
        return


def rows() -> dict[str, int]:
    return {kind.__name__: kind.objects.count() for kind in KEPT}


def assert_sound() -> None:
    """Nothing goes without its proof; each run has the one authorisation that it used, and is one event."""
    for approved in Evaluation.objects.filter(status="approved").select_related("decision"):
        assert approved.decided_by != "policy" or (approved.decision.all_fresh and approved.outcome == "approved")
    used = Evaluation.objects.exclude(used_at=None).count()
    assert Deployment.objects.count() == used
    assert DeploymentEvent.objects.filter(told_by=ToldBy.GATE).count() == used


@pytest.fixture
def receiver(settings: Any) -> Iterator[Scripted]:
    with scripted() as script:
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{script.port}"]
        yield script


def test_an_evaluation_that_dies_leaves_nothing_and_is_asked_again_once(
    asker: Actor, owning: Actor, receiver: Scripted
) -> None:
    now = timezone.now()
    service = a_measured_service(at=now)
    a_model(service, owning, now)
    wanted = question(service, change_class="standard", callback={"url": f"{receiver.url}/told"})
    before, deaths = rows(), 0
    for _ in dies_at_each(lambda: asking.ask_gate(wanted, actor=asker, at=now)):
        deaths += 1
        assert rows() == before
    assert deaths >= (25 if IN_FULL else 3)
    evaluation = Evaluation.objects.get()
    assert (evaluation.status, evaluation.decided_by, Change.objects.count()) == ("approved", "policy", 1)
    assert Reservation.objects.filter(holder=evaluation.change.reference, released_at=None).count() == 1
    assert Delivery.objects.filter(channel=CHANNEL).count() == 1
    assert_sound()


@pytest.mark.in_turn(2, at=0)
def test_a_start_that_dies_uses_nothing_up_and_a_finish_ends_once(asker: Actor, owning: Actor) -> None:
    now = timezone.now()
    service = a_measured_service(at=now)
    a_model(service, owning, now)
    change = asking.ask_gate(question(service, change_class="standard"), actor=asker, at=now).change
    before = rows()
    begun: list[Deployment] = []

    def start() -> None:
        begun.append(deploying.start_deployment(change, actor=asker, at=now, artifact_digest=change.artifact_digest))

    for _ in dies_at_each(start):
        assert rows() == before
        assert Evaluation.objects.get().used_at is None
    assert_sound()
    before = rows()

    def finish() -> None:
        deploying.finish_deployment(begun[0], actor=asker, status="succeeded", at=now + MINUTE)

    for _ in dies_at_each(finish):
        assert rows() == before
        assert Deployment.objects.get().status == "started"
    assert Deployment.objects.get().status == "succeeded"
    assert DeploymentEvent.objects.get().result == "succeeded"


@pytest.mark.in_turn(2, at=1)
def test_a_call_back_that_dies_is_made_again_under_the_same_name(
    asker: Actor, owning: Actor, receiver: Scripted
) -> None:
    """The receiver may hear of it twice, and by its name that it is the same; it never does not hear of it."""
    now = timezone.now()
    service = a_measured_service(at=now)
    a_model(service, owning, now)
    asking.ask_gate(
        question(service, change_class="standard", callback={"url": f"{receiver.url}/told"}), actor=asker, at=now
    )
    later = [timezone.now() + MINUTE]

    def relay() -> None:
        later[0] += 10 * MINUTE  # a claim that died is free again
        outbox.relay(later[0], lanes=(Lane.WEBHOOK,))

    for _ in dies_at_each(relay):
        assert Delivery.objects.filter(channel=CHANNEL).count() == 1
    relay()
    assert Delivery.objects.get(channel=CHANNEL).delivered_at is not None
    names = {call.headers.get("webhook-id") or call.headers["Webhook-Id"] for call in receiver.asked}
    assert names == {f"callback-{Evaluation.objects.get().pk}-approved"}
    heard = len(receiver.asked)
    relay()
    assert len(receiver.asked) == heard  # what was delivered is not again


@pytest.mark.in_turn(2, at=0)
def test_a_reconciliation_that_dies_makes_one_unauthorised_change(asker: Actor) -> None:
    now = timezone.now()
    service = a_measured_service(at=now)
    told = Told(
        told_by=ToldBy.GITHUB, external_id="shop/1", service=service, environment="production", commit="a" * 40,
        started_at=now,
    )  # fmt: skip
    record_event(told, actor=Actor.system("tests", Door.COMMAND), at=now)
    before = rows()
    found: set[str] = set()
    for _ in dies_at_each(lambda: matching.reconcile(now + 6 * MINUTE)):
        event = DeploymentEvent.objects.get()
        found.add(event.standing)
        if event.standing == "waiting":
            assert rows() == before
        else:  # it was given up whole; what died was the look at others
            assert Change.objects.get(change_class="unauthorised") == event.change
    assert "waiting" in found
    event = DeploymentEvent.objects.get()
    assert event.standing == "unauthorised"
    assert Change.objects.get(change_class="unauthorised") == event.change
    counted = rows()
    matching.reconcile(now + 7 * MINUTE)
    assert rows() == counted


@pytest.mark.in_turn(2, at=1)
def test_a_delivery_that_dies_in_its_door_is_kept_once_and_told_once(pipeline: User, managing: Actor) -> None:
    """Either nothing of it is kept, and its platform sends it again; or it is, and what it tells follows once."""
    now = timezone.now()
    service = a_measured_service(at=now)
    source, _secret = sources.add_source(
        actor=managing, slug="ci", name="CI", platform="github", account=pipeline, at=now
    )
    mapping.map_deployments(
        actor=managing, source=source, repository="acme/shop", service=service, environment="production", at=now
    )
    stamp = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    raw = json.dumps({
        "deployment_status": {"state": "success", "created_at": stamp, "updated_at": stamp},
        "deployment": {"id": 7, "sha": "a" * 40, "ref": "main", "environment": "production"},
        "repository": {"full_name": "acme/shop"},
    }).encode()  # fmt: skip
    for _ in dies_at_each(lambda: receiving.accept(Proven(source, "1", "deployment_status"), raw, at=now)):
        assert PlatformDelivery.objects.count() <= 1
    receiving.accept(Proven(source, "1", "deployment_status"), raw, at=now)  # sent again
    assert PlatformDelivery.objects.get().status == "new"
    for _ in dies_at_each(lambda: applying.apply_when_due(source.pk, now)):
        assert (PlatformDelivery.objects.get().status == "new") == (not DeploymentEvent.objects.exists())
    assert (PlatformDelivery.objects.get().status, DeploymentEvent.objects.count()) == ("applied", 1)
