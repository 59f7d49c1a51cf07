"""Occurrences: one row for each fingerprint and start, and the incident of what fires."""

from datetime import datetime, timedelta

import pytest

from catalog.models import Service
from incidents.alerts_in.models import AlertOccurrence, AlertTally
from incidents.incident.models import Incident
from incidents.incident.workflow import Status
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
    from incidents.alerts_in.models import AlertSource
    from itsm.clocks import due

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
