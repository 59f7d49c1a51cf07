"""The quiet of a change: in a real Alertmanager as a lease, here by the same rule as its preview."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from catalog.models import Service
from incidents.alerts_in.models import AlertOccurrence, AlertSource, Quiet, QuietCopy
from incidents.alerts_in.operations import quiets
from incidents.alerts_in.queries.hidden import hidden
from incidents.incident.models import Incident
from itsm.accounts.models import User
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.notifications import outbox
from itsm.notifications.lanes import Lane
from tests.incidents.alerts_in.alertmanager_server import Server, alertmanager
from tests.incidents.alerts_in.conftest import Say, alert

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def quiet(checkout: Service, night: datetime) -> Quiet:
    """An hour around now, planned for checkout in production."""
    return quiets.plan(
        change_reference="CHG-00017", services=[checkout.pk], environment="production", starts_at=night,
        ends_at=night + 2 * HOUR,
    )  # fmt: skip


def test_what_fires_while_it_is_active_opens_nothing(
    checkout: Service, quiet: Quiet, say: Say, night: datetime
) -> None:
    say(alert(start=night), at=night)  # only planned
    assert Incident.objects.count() == 1
    quiets.activate("CHG-00017", at=night + MINUTE)
    say(alert("Errors", start=night + 2 * MINUTE), at=night + 2 * MINUTE)

    held = AlertOccurrence.objects.get(labels__alertname="Errors")
    assert (held.status, held.incident, held.quiet) == ("quieted", None, quiet)
    quiet.refresh_from_db()
    assert quiet.hidden == 1


@pytest.mark.parametrize(
    "labels", [{"service": "ledger"}, {"environment": "staging"}, {"environment": ""}, {"never_silence": "true"}]
)
def test_others_are_loud(
    labels: dict[str, str], checkout: Service, team: Any, quiet: Quiet, say: Say, night: datetime
) -> None:
    Service.objects.create(slug="ledger", name="Ledger", team=team)
    quiets.activate("CHG-00017", at=night)
    say({**alert(start=night), "labels": {**alert()["labels"], **labels}}, at=night + MINUTE)
    assert AlertOccurrence.objects.get().incident is not None


def test_what_outlasts_it_opens_an_incident(checkout: Service, quiet: Quiet, say: Say, night: datetime) -> None:
    quiets.activate("CHG-00017", at=night)
    say(alert(start=night), alert("Gone", start=night), at=night + MINUTE)
    say(alert("Gone", start=night, end=night + 2 * MINUTE), at=night + 2 * MINUTE)
    quiets.end_soon("CHG-00017", "done", at=night + 10 * MINUTE)
    due.sweep(night + 14 * MINUTE, lanes=[Lane.INTAKE])
    assert not Incident.objects.exists()

    due.sweep(night + 16 * MINUTE, lanes=[Lane.INTAKE])
    assert Incident.objects.get().title == "Slow on checkout"
    quiet.refresh_from_db()
    assert (quiet.status, quiet.why) == ("lifted", "done")


def test_the_preview_is_what_would_have_been_hidden(
    checkout: Service, say: Say, night: datetime, quiet: Quiet, system: Actor
) -> None:
    say(alert(start=night), alert("Other", start=night, environment="staging"), at=night)
    before = hidden(system, [checkout.pk], "production", at=night + MINUTE)
    assert ([one.title for one in before.alerts], before.of_incidents) == (["Slow on checkout"], 1)

    AlertOccurrence.objects.all().delete()
    quiets.activate("CHG-00017", at=night - MINUTE)
    say(alert(start=night), alert("Other", start=night, environment="staging"), at=night)
    replayed = AlertOccurrence.objects.filter(status="quieted")
    assert [one.title for one in replayed] == [one.title for one in before.alerts]


@pytest.fixture
def real(tmp_path: Path, monkeypatch: Any, source: AlertSource) -> Iterator[Server]:
    with alertmanager(tmp_path) as server:
        monkeypatch.setattr(settings, "OUTGOING_ALLOW", [f"127.0.0.1:{server.port}"])
        AlertSource.objects.update(server_url=server.url)
        yield server


def _kept() -> None:
    """What is owed leaves, as the keeper of the lane does."""
    outbox.relay(timezone.now() + MINUTE, lanes=[Lane.INTAKE])


@pytest.mark.prometheus
def test_a_silence_is_a_lease_renewed_found_again_and_lifted(
    real: Server, checkout: Service, quiet: Quiet, agent: User, as_actor: Callable[..., Actor]
) -> None:
    began = time.time() // 1
    quiets.activate("CHG-00017", at=timezone.now())
    _kept()
    (silence,) = real.silences()
    ends = datetime.fromisoformat(silence["endsAt"].replace("Z", "+00:00"))
    assert ends <= datetime.now(UTC) + timedelta(minutes=10)  # a dead Headroom silences nothing
    assert silence["comment"] == f"headroom:quiet:{quiet.pk} {checkout.pk} CHG-00017"
    assert {one["name"]: one["value"] for one in silence["matchers"]} == {
        "service": "checkout", "environment": "production", "never_silence": "",
    }  # fmt: skip

    while time.time() // 1 == began:  # a start is repeated to the second
        time.sleep(0.1)
    due.sweep(timezone.now() + 4 * MINUTE, lanes=[Lane.INTAKE])  # renewed: the same silence, a later end
    _kept()
    assert [one["id"] for one in real.silences()] == [silence["id"]]

    QuietCopy.objects.update(silence_id="")  # killed before it was written down
    due.sweep(timezone.now() + 8 * MINUTE, lanes=[Lane.INTAKE])
    _kept()
    assert [one["id"] for one in real.silences()] == [silence["id"]]

    for service in ("checkout", "ledger"):
        real.fire({"alertname": "Slow", "service": service, "environment": "production"})
    heard = real.body()  # only the one that no quiet holds is sent
    assert [one["labels"]["service"] for one in heard["alerts"]] == ["ledger"]

    quiets.lift(Quiet.objects.get(), actor=as_actor(agent))
    _kept()
    assert real.silences() == []
    assert QuietCopy.objects.get().status == "lifted"


@pytest.mark.prometheus
def test_a_server_that_is_away_keeps_the_quiet_here_and_says_so(
    source: AlertSource, checkout: Service, quiet: Quiet, monkeypatch: Any
) -> None:
    monkeypatch.setattr(settings, "OUTGOING_ALLOW", ["127.0.0.1:9"])
    AlertSource.objects.update(server_url="http://127.0.0.1:9")
    quiets.activate("CHG-00017", at=timezone.now())
    _kept()
    copy = QuietCopy.objects.get()
    assert (copy.status, bool(copy.error), copy.quiet.status) == ("failed", True, "active")
