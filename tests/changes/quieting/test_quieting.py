"""The quiet of a change follows the change: planned as it is approved, active as it starts, over after it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from changes.change.operations import deploying, people_decide
from changes.models import Change
from incidents.models import AlertOccurrence, AlertSource, Quiet
from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from tests.factories.changes import a_measured_service, a_model, ask, change_of, start

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def now() -> datetime:
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def scheduled(asker: Actor, owning: Actor, now: datetime) -> Change:
    """Approved, with a window from five minutes ago to in an hour."""
    service = a_measured_service(at=now)
    a_model(service, owning, now)
    words = {"window": (now - 5 * MINUTE, now + HOUR), "change_class": "standard"}
    change = change_of(ask(service, asker, now, **words))
    assert change.status == "scheduled"
    return change


def test_approval_plans_it_for_exactly_its_service(scheduled: Change, now: datetime) -> None:
    quiet = Quiet.objects.get()
    assert (quiet.change_reference, quiet.services, quiet.environment, quiet.status) == (
        scheduled.reference, [scheduled.service_id], "production", "planned",
    )  # fmt: skip
    assert quiet.ends_at == now + HOUR


def test_it_is_active_while_the_change_is_at_work(scheduled: Change, asker: Actor, now: datetime) -> None:
    start(scheduled, asker, now + MINUTE)
    assert Quiet.objects.get().status == "active"

    deploying.finish_deployment(
        scheduled.deployments.get(), actor=asker, status="succeeded", at=now + 10 * MINUTE
    )  # fmt: skip
    quiet = Quiet.objects.get()
    assert quiet.status == "active"
    assert quiet.ends_at <= timezone.now() + 5 * MINUTE + HOUR
    assert quiet.ends_at < now + HOUR
    assert quiet.why == "the change is done"


def test_cancelling_lifts_it(scheduled: Change, manager: User, as_actor: Callable[..., Actor], now: datetime) -> None:
    people_decide.cancel(scheduled, actor=as_actor(manager), at=now, why="Not now")
    assert (Quiet.objects.get().status, Quiet.objects.get().why) == ("lifted", "the change was cancelled")


def test_without_a_window_nothing_is_planned(asker: Actor, owning: Actor, now: datetime) -> None:
    service = a_measured_service(at=now)
    a_model(service, owning, now)
    assert change_of(ask(service, asker, now, change_class="standard")).status == "scheduled"
    assert not Quiet.objects.exists()


def test_page_and_rest_say_what_it_would_have_hidden(
    scheduled: Change, now: datetime, engineer: User, requester: User, web: Callable[[User], Client],
    api: Callable[..., APIClient],
) -> None:  # fmt: skip
    source = AlertSource.objects.create(slug="mon", name="Mon", shape="alertmanager")
    said: dict[str, Any] = {"source": source, "service": scheduled.service, "group_key": "x", "seen_at": now}
    for number, environment in enumerate(("production", "staging")):
        AlertOccurrence.objects.create(
            fingerprint=str(number), started_at=now - HOUR, received_at=now, title=f"In {environment}",
            environment=environment, **said,
        )  # fmt: skip
    shown = api(engineer).get(f"/api/v1/changes/{scheduled.reference}/quiet-preview/").json()
    assert ([one["title"] for one in shown["alerts"]], shown["count"]) == (["In production"], 1)
    page = web(engineer).get(f"/changes/{scheduled.reference}/quiet/").content.decode()
    assert "In production" in page
    assert "In staging" not in page
    assert web(requester).get(f"/changes/{scheduled.reference}/quiet/").status_code in {403, 404}
