"""Planned work goes with its change, or by its own clock; it is no incident, and takes nothing off a day."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from changes.change.operations import deploying, people_decide
from changes.models import Change
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, WrongState
from itsm.notifications.lanes import Lane
from itsm.statuspage.models import ComponentSpan, Maintenance
from itsm.statuspage.operations import behind
from itsm.statuspage.operations.maintenance import plan_maintenance, reschedule
from itsm.statuspage.public.reading import read_page
from tests.factories.changes import a_measured_service, a_model, ask, change_of, start
from tests.itsm.statuspage.conftest import Acme

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def asker(pipeline: Any, as_actor: Any) -> Actor:
    made: Actor = as_actor(pipeline)
    return made


@pytest.fixture
def approved(asker: Actor, owner: Any, as_actor: Any) -> Change:
    """A standard change that the gate let go."""
    now = timezone.now()
    service = a_measured_service(at=now)
    a_model(service, as_actor(owner), now)
    change = change_of(ask(service, asker, now, change_class="standard"))
    assert change.status == "scheduled"
    return change


def planned(acme: Acme, internal: str = "", at: datetime | None = None) -> Maintenance:
    now = at or timezone.now()
    return plan_maintenance(
        acme.page, actor=acme.speaker, at=now, title="New disks", body="Short interruptions.",
        components=[acme.shop.pk], starts_at=now + HOUR, ends_at=now + 3 * HOUR, internal=internal,
    )  # fmt: skip


def states(acme: Acme, at: datetime) -> list[str]:
    return [one.state for one in read_page(acme.page, at).components]


def test_an_early_end_of_the_change_completes_it(acme: Acme, approved: Change, asker: Actor) -> None:
    early = timezone.now() + timedelta(minutes=2)
    work = planned(acme, behind.of_maintenance(approved.reference, acme.speaker))
    deployment = start(approved, asker, early)
    work.refresh_from_db()
    assert (work.status, work.begun_at) == ("in_progress", early)
    assert states(acme, early) == ["under_maintenance", "operational"]
    deploying.finish_deployment(deployment, actor=asker, status="succeeded", at=early + timedelta(minutes=4))
    work.refresh_from_db()
    assert (work.status, work.ended_at) == ("completed", early + timedelta(minutes=4))
    assert states(acme, early + timedelta(minutes=9)) == ["operational", "operational"]
    assert [one.body for one in work.updates.all()] == [
        "The work is completed.", "The work has begun.", "Short interruptions.",
    ]  # fmt: skip
    today = read_page(acme.page, early + timedelta(minutes=9)).components[0].days[-1]
    assert (today.minutes, today.percent) == (0, "100.00 %")


def test_a_cancelled_change_calls_it_off(acme: Acme, approved: Change, manager: Any, as_actor: Any) -> None:
    now = timezone.now()
    work = planned(acme, approved.reference)
    people_decide.cancel(approved, actor=as_actor(manager), at=now)
    work.refresh_from_db()
    assert work.status == "cancelled"
    assert not ComponentSpan.objects.exists()


def test_only_approved_changes_stand_behind_it(acme: Acme, asker: Actor) -> None:
    now = timezone.now()
    waiting = change_of(ask(a_measured_service("exhausted", at=now), asker, now))
    with pytest.raises(WrongState):
        behind.of_maintenance(waiting.reference, acme.speaker)
    with pytest.raises(InvalidInput):
        behind.of_maintenance("CHG-99999", acme.speaker)


def test_without_a_change_its_own_times_begin_and_end_it(acme: Acme) -> None:
    now = timezone.now()
    work = planned(acme, at=now)
    assert due.sweep(now + 59 * timedelta(minutes=1), lanes=[Lane.INTAKE]) == 0
    moved = reschedule(
        work, actor=acme.speaker, at=now, version=work.version, starts_at=now + 2 * HOUR, ends_at=now + 4 * HOUR,
        body="A little later.",
    )  # fmt: skip
    assert due.sweep(now + HOUR, lanes=[Lane.INTAKE]) == 0
    assert due.sweep(now + 2 * HOUR, lanes=[Lane.INTAKE]) == 1
    moved.refresh_from_db()
    assert moved.status == "in_progress"
    assert due.sweep(now + 4 * HOUR, lanes=[Lane.INTAKE]) == 1
    moved.refresh_from_db()
    assert (moved.status, moved.ended_at) == ("completed", now + 4 * HOUR)
    behind.end_when_due(moved.pk, now + 5 * HOUR)  # twice: nothing
    assert moved.updates.count() == 4
