"""A desk with fifty incidents."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from incidents.incident import operations
from incidents.models import Incident
from itsm.accounts.models import Membership, Team, User
from itsm.bulk.models import Bulk
from itsm.kernel.actors import Actor

RESOLUTION = {"resolution": "New toner.", "resolution_code": "solved"}


@pytest.fixture
def desk(agent: User) -> Team:
    made = Team.objects.create(name="Desk", slug="desk", takes_work=True)
    Membership.objects.create(user=agent, team=made)
    return made


@pytest.fixture
def hidden(db: None) -> Team:
    return Team.objects.create(name="Payroll", slug="payroll", takes_work=True, confidential=True)


@pytest.fixture
def rows_of(desk: Team, requester: User) -> Callable[..., list[Incident]]:
    """So many incidents in a queue, as they are stored; quick, since it is bulk that is tried."""

    def make(count: int, team: Team | None = None, **fields: Any) -> list[Incident]:
        return Incident.objects.bulk_create(
            Incident(
                title=f"Cannot print on floor {place}", team=team or desk, caller=requester, opened_by=requester,
                opened_at=timezone.now(), **fields,
            )
            for place in range(count)
        )  # fmt: skip

    return make


@pytest.fixture
def fifty(rows_of: Any, hidden: Team) -> list[Incident]:
    """In this order: 44 that can be done, 3 that the agent may not see, 2 closed ones, 1 that is as it shall be."""
    closed = {"status": "closed", "resolved_at": timezone.now(), **RESOLUTION}
    return [*rows_of(44), *rows_of(3, hidden), *rows_of(2, **closed), *rows_of(1, priority=2)]


@pytest.fixture
def seven(rows_of: Any, hidden: Team) -> list[Incident]:
    """The same in small: 3 that can be done, 1 that the agent may not see, 2 closed ones, 1 that is as it shall be."""
    closed = {"status": "closed", "resolved_at": timezone.now(), **RESOLUTION}
    return [*rows_of(3), *rows_of(1, hidden), *rows_of(2, **closed), *rows_of(1, priority=2)]


def priority(value: int) -> list[dict[str, Any]]:
    return [{"kind": "field", "value": {"priority": value}}]


def sent(client: Any, incidents: list[Incident], actions: Any, **more: Any) -> Any:
    body = {"references": [one.reference for one in incidents], "actions": actions, **more}
    return client.post("/api/v1/incidents/bulk/", body, format="json")


def edited(incident: Incident, actor: Actor, **fields: Any) -> None:
    incident.refresh_from_db()
    operations.edit(incident, actor=actor, version=incident.version, **fields)


def newest() -> Bulk:
    return Bulk.objects.latest("id")
