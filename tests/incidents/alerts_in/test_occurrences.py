"""Occurrences: one row for each fingerprint and start, and the incident of what fires."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone
from psycopg2.errors import DeadlockDetected

from catalog.models import Service
from incidents.alerts_in import formats
from incidents.alerts_in.adapters import alertmanager
from incidents.alerts_in.models import AlertIntake, AlertOccurrence, AlertSource, AlertTally
from incidents.alerts_in.operations import opening, polling
from incidents.alerts_in.queries import shown, stream
from incidents.alerts_in.queries.hidden import hidden
from incidents.incident.models import Incident
from incidents.incident.workflow import Status
from itsm.accounts.models import Team, User
from itsm.audit.models import Entry
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.notifications.outgoing import Answer
from tests.incidents.alerts_in.conftest import Say, alert

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def _incident() -> Incident:
    return Incident.objects.get()


def test_an_alert_opens_an_incident_of_its_service(checkout: Service, say: Say, night: datetime) -> None:
    say(alert(start=night), at=night + MINUTE)

    one = AlertOccurrence.objects.get()
    assert (one.status, one.service, one.environment, one.started_at) == ("firing", checkout, "production", night)
    assert one.incident == _incident()
    assert (_incident().channel, _incident().priority, _incident().title) == ("alert", 2, "Slow on checkout")
    assert _incident().team == checkout.team


def test_the_same_group_joins_and_repeats_refresh(checkout: Service, say: Say, night: datetime) -> None:
    say(alert(start=night), alert(start=night, instance="b"), at=night + MINUTE)
    say(alert(start=night), at=night + 5 * MINUTE)
    say(alert(start=night, instance="c"), at=night + 6 * MINUTE)

    assert AlertOccurrence.objects.count() == 3
    assert AlertOccurrence.objects.get(times=2).seen_at == night + 5 * MINUTE
    assert set(AlertOccurrence.objects.values_list("incident", flat=True)) == {_incident().pk}


def test_it_ends_and_fires_again_in_the_same_incident(checkout: Service, say: Say, night: datetime) -> None:
    say(alert(start=night), at=night)
    say(alert(start=night, end=night + 4 * MINUTE), at=night + 5 * MINUTE)
    first = AlertOccurrence.objects.get()
    assert (first.status, first.ended_at) == ("ended", night + 4 * MINUTE)

    say(alert(start=night + 20 * MINUTE), at=night + 20 * MINUTE)

    assert AlertOccurrence.objects.count() == 2
    assert AlertOccurrence.objects.exclude(pk=first.pk).get().incident == _incident()


def test_a_late_peer_is_counted_and_opens_nothing(checkout: Service, say: Say, night: datetime) -> None:
    say(alert(start=night), at=night)
    say(alert(start=night, end=night + 4 * MINUTE), at=night + 4 * MINUTE)

    say(alert(start=night), at=night + 5 * MINUTE)
    assert AlertOccurrence.objects.get().status == "ended"
    assert AlertTally.objects.get().what == "late_peer"

    say(alert(start=night), at=night + 10 * MINUTE)  # that long after its end it does fire
    assert AlertOccurrence.objects.get().status == "firing"


def test_a_missed_resolve_ends_the_old_one_where_the_new_begins(checkout: Service, say: Say, night: datetime) -> None:
    say(alert(start=night), at=night)
    say(alert(start=night + 10 * MINUTE), at=night + 10 * MINUTE)

    old, new = AlertOccurrence.objects.order_by("pk")
    assert (old.status, old.ended_at) == ("ended", night + 10 * MINUTE)
    assert (new.status, new.incident) == ("firing", _incident())


def test_an_end_without_a_beginning_is_kept_and_opens_nothing(checkout: Service, say: Say, night: datetime) -> None:
    say(alert(start=night, end=night + MINUTE), at=night + 2 * MINUTE)

    assert AlertOccurrence.objects.get().status == "ended"
    assert not Incident.objects.exists()


def test_it_is_resolved_by_itself_where_the_source_settles(
    checkout: Service, say: Say, night: datetime, source: object
) -> None:
    AlertSource.objects.update(settle=10)
    held = AlertSource.objects.get()
    say(alert(start=night), alert(start=night, instance="b"), at=night, of=held)
    say(alert(start=night, end=night + MINUTE), at=night + MINUTE, of=held)
    due.sweep(night + 20 * MINUTE)
    assert _incident().status == Status.NEW  # the other still fires

    say(alert(start=night, end=night + 2 * MINUTE, instance="b"), at=night + 2 * MINUTE, of=held)
    due.sweep(night + 13 * MINUTE)
    assert _incident().status == Status.RESOLVED

    say(alert(start=night + 20 * MINUTE), at=night + 20 * MINUTE, of=held)  # within half an hour
    assert (_incident().status, _incident().reopened) == (Status.IN_PROGRESS, 1)


def test_what_holds_changes_is_not_over_because_alerts_say_so(
    checkout: Service, say: Say, night: datetime, source: AlertSource
) -> None:
    """A program that brings alerts, whoever's it is, opens no gate: a person says that it is over."""
    AlertSource.objects.update(settle=1)
    held = AlertSource.objects.get()
    say(alert(start=night), at=night, of=held)
    Incident.objects.update(priority=1)
    say(alert(start=night, end=night + MINUTE), at=night + MINUTE, of=held)
    due.sweep(night + 5 * MINUTE)
    assert _incident().holds_changes
    assert Entry.objects.filter(event="incident.closing_waits").count() == 1


def test_bad_alerts_are_parked_without_what_they_share(checkout: Service, say: Say, source: AlertSource) -> None:
    body = {"status": "firing", "commonAnnotations": {"a": "x" * 1000}, "alerts": [{"labels": {}}] * 3}
    read = formats.read("alertmanager", body, {})
    assert [one.raw for one in read.wrong] == [{"status": "firing", "alerts": [{"labels": {}}]}] * 3


def test_a_lock_of_somebody_else_parks_no_alert(
    checkout: Service, say: Say, night: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parked, it would wait for a person while it fires."""

    def deadlocks(*_said: object, **_more: object) -> None:
        cause = DeadlockDetected()
        cause.__setstate__({"pgcode": "40P01"})
        raise OperationalError("deadlock detected") from cause

    with monkeypatch.context() as patch:
        patch.setattr(opening, "open_for", deadlocks)
        say(alert(start=night), at=night)
        due.sweep(night + MINUTE)
    assert not AlertIntake.objects.filter(status="parked").exists()
    due.sweep(timezone.now() + MINUTE)
    assert _incident().title == "Slow on checkout"


def test_what_is_in_a_hidden_queue_is_in_no_list_of_alerts(
    checkout: Service, say: Say, night: datetime, agent: User, as_actor: Callable[[User], Actor]
) -> None:
    say(alert(start=night), at=night)
    hidden_queue = Team.objects.create(slug="security", name="Security", takes_work=True, confidential=True)
    reader = as_actor(agent)
    assert stream.alerts(reader).exists()
    Incident.objects.update(team=hidden_queue)
    assert not stream.alerts(reader).exists()
    assert shown.counts(reader)["now"] == 0
    assert hidden(reader, [checkout.pk], "production", at=night + MINUTE).count == 0
    say(alert("Seen", start=night, service=""), at=night)  # in triage
    assert stream.alerts(reader).get().labels["alertname"] == "Seen"


def test_what_a_large_monitoring_lists_last_has_not_ended(
    checkout: Service, say: Say, night: datetime, source: AlertSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(alert(start=night), at=night)
    fires = {**alert(start=night), "fingerprint": AlertOccurrence.objects.get().fingerprint, "is_suppressed": False}
    others = [{"fingerprint": f"f{n}", "labels": {"alertname": "Other"}, "is_suppressed": True} for n in range(5_000)]
    monkeypatch.setattr(alertmanager, "firing", lambda _server: [*others, fires])
    for turn in (1, 2, 3):
        polling.poll(source, at=night + 5 * turn * MINUTE)
    assert AlertOccurrence.objects.get().ended_at is None


def test_one_odd_alert_holds_up_no_reading(
    checkout: Service, night: datetime, source: AlertSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signs that no database keeps are replaced as the answer is read; what cannot be taken is parked once, alone."""
    found = [alert("Fine", start=night), alert("Odd", start=night, pod="a\0"), {**alert("Wrong"), "startsAt": "today"}]
    answer = Answer(200, {}, json.dumps(found).encode(), 0.1)
    monkeypatch.setattr(alertmanager, "fetch", lambda *_sent, **_more: answer)
    for turn in (1, 2):
        assert polling.poll(source, at=night + 5 * turn * MINUTE)
    assert set(AlertOccurrence.objects.values_list("labels__alertname", flat=True)) == {"Fine", "Odd"}
    assert [one.reason for one in AlertIntake.objects.filter(status="parked")] == ["“today” is no instant with a zone."]


def test_what_fails_as_it_is_stored_is_parked_alone_as_well(
    checkout: Service, night: datetime, source: AlertSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{**alert(name, start=night), "is_suppressed": False} for name in ("Fine", "Bad\0")]
    monkeypatch.setattr(alertmanager, "firing", lambda _server: rows)
    assert polling.poll(source, at=night + MINUTE)
    assert AlertOccurrence.objects.get().labels["alertname"] == "Fine"
    assert "NUL" in AlertIntake.objects.get(status="parked").reason
