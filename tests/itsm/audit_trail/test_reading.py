"""Who looked at a record of a confidential queue is noted, once an hour; of open queues nothing is."""

from typing import Any

import pytest
from django.utils import timezone

from incidents.incident import operations as incidents
from itsm.accounts.models import Membership, Team, User
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor
from tests.api.world import bearer, token_of

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")


@pytest.fixture
def secret(agent: User) -> Any:
    team = Team.objects.create(slug="hr", name="HR", confidential=True, takes_work=True)
    Membership.objects.create(team=team, user=agent)
    return incidents.open_incident(actor=SYSTEM, title="A matter of trust", team=team)


def reads() -> list[tuple[str, str, str]]:
    found = Entry.objects.filter(event="confidential.read").order_by("id")
    return list(found.values_list("actor_name", "via", "reference"))


def test_page_and_rest_note_it_once_an_hour(secret: Any, agent: User, web: Any) -> None:
    for _ in range(2):
        assert web(agent).get(secret.get_absolute_url()).status_code == 200
        assert bearer(token_of(agent)).get(f"/api/v1{secret.get_absolute_url()}").status_code == 200
    assert reads() == [(agent.username, "web", secret.reference)]


def test_open_queues_are_read_unnoted_and_hidden_ones_are_not_read(
    secret: Any, agent: User, admin: User, web: Any
) -> None:
    plain = incidents.open_incident(actor=SYSTEM, title="Paper is out")
    assert web(agent).get(plain.get_absolute_url()).status_code == 200
    assert web(admin).get(secret.get_absolute_url()).status_code == 404
    assert reads() == []


def test_it_stands_in_the_audit_of_who_may_see_the_queue_alone(
    secret: Any, agent: User, admin: User, auditor: User, web: Any
) -> None:
    web(agent).get(secret.get_absolute_url())
    here = f"/audit/?record_kind=incident&record_id={secret.pk}"
    assert secret.reference not in web(admin).get(here).content.decode()
    assert bearer(token_of(auditor)).get("/api/v1/audit/", {"text": secret.reference}).json()["results"] == []
    Membership.objects.create(team=secret.team, user=auditor)
    page = web(auditor).get(here).content.decode()
    assert "confidential.read" in page
    (found,) = bearer(token_of(auditor)).get("/api/v1/audit/", {"event": "confidential.read"}).json()["results"]
    assert (found["who"], found["reference"]) == (agent.username, secret.reference)
    assert found["at"][:10] == f"{timezone.now():%Y-%m-%d}"
