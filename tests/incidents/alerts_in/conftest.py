"""A monitoring that sends alerts of two services, and the instants of a night."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Service
from incidents.alerts_in import formats
from incidents.alerts_in.models import AlertSource
from incidents.alerts_in.operations import receiving
from itsm.accounts.models import Team, User

Say = Callable[..., None]


@pytest.fixture
def team() -> Team:
    return Team.objects.create(slug="shop", name="Shop", takes_work=True)


@pytest.fixture
def checkout(team: Team) -> Service:
    return Service.objects.create(slug="checkout", name="Checkout", team=team)


@pytest.fixture
def source() -> AlertSource:
    return AlertSource.objects.create(slug="alertmanager", name="Alertmanager", shape="alertmanager")


@pytest.fixture
def night() -> datetime:
    """Half an hour ago: nothing of it is too old, or to come."""
    return (timezone.now() - timedelta(minutes=30)).replace(microsecond=0)


def alert(
    name: str = "Slow",
    *,
    service: str = "checkout",
    start: datetime | None = None,
    end: datetime | None = None,
    **labels: str,
) -> dict[str, Any]:
    """One alert as Alertmanager sends it."""
    return {
        "status": "firing" if end is None else "resolved",
        "labels": {"alertname": name, "service": service, "environment": "production", "severity": "critical", **labels},
        "annotations": {"summary": f"{name} on {service}"},
        "startsAt": written(start or datetime.now(UTC)),
        "endsAt": written(end) if end else "0001-01-01T00:00:00Z",
    }  # fmt: skip


def written(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def group(*alerts: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """The body of Alertmanager's webhook."""
    return {"version": "4", "status": "firing", "receiver": "headroom", "alerts": list(alerts), **more}


@pytest.fixture
def say(source: AlertSource) -> Say:
    def _say(*alerts: Mapping[str, Any], at: datetime, of: AlertSource | None = None) -> None:
        """Alertmanager says so at this instant."""
        body = group(*alerts)
        receiving.accept(of or source, json.dumps(body).encode(), formats.read("alertmanager", body, {}), at=at)

    return _say


@pytest.fixture
def monitoring(person: Any) -> User:
    """The program whose token brings alerts."""
    made: User = person("agent", username="monitoring", account_type="service")
    return made
