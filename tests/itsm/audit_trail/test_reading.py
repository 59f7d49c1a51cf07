"""Who looked at a record of a confidential queue is noted, once an hour; of open queues nothing is."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from incidents.incident import operations as incidents
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Membership, Team, User
from itsm.audit.models import Entry
from itsm.audit.recording import record_event
from itsm.audit_trail import queries
from itsm.kernel.actors import Actor, Door
from itsm.search.withheld import kinds_beside_the_index
from itsm.work.models import Task
from tests.api.world import bearer, token_of
from tests.together import each_of

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


def test_what_stands_on_a_hidden_record_is_hidden_in_the_audit_as_well(
    secret: Any, agent: User, admin: User, web: Any
) -> None:
    plain = incidents.open_incident(actor=SYSTEM, title="Paper is out")
    shown = []
    for one in (secret, plain):
        task = Task.objects.create(record_kind="incident", record_id=one.pk, position=1, title="Look")
        about = SimpleNamespace(kind="task", pk=task.pk, reference=f"task of {one.reference}")
        record_event("task.edited", about, actor=SYSTEM, changes={"title": ["Matter", "Look"]})
        shown += [f"task of {one.reference}"]
    for who, expected in ((agent, shown), (admin, shown[1:])):
        entries = queries.entries(actor_for(who, Door.WEB)).filter(event="task.edited")
        assert sorted(entries.values_list("reference", flat=True)) == sorted(expected)
    assert {"escalation", "page", "task", "attachment"} <= set(kinds_beside_the_index())


@each_of(
    "query",
    [
        "since=9999-12-31T23:59:59Z", "since=0001-01-01T00:00:00%2B14:00", "until=%00", "since=1e400", "who=%00", "who=%ED%A0%80",
        "event=.", "event=%25.", "record_id=NaN", "record_id=Infinity", "record_id=1e400", "record_id=1e18",
        "record_id=9223372036854775808", "record_id=1_000", "record_kind=" + "x" * 500, "text=%5C", "text=%25%00",
        "page=0", "page=-1", "page=1e9", "page=99999999999999999999", "cursor=junk", "cursor=%00", "door=%00",
        "request=%00", "record_id=1&record_id=2", "record_id=%D9%A1", "since=2026-11-30T24:00:00Z", "until=-infinity",
    ],
)  # fmt: skip
def test_hostile_filters_are_no_fault_of_ours(query: str, auditor: User, web: Any) -> None:
    assert web(auditor).get(f"/audit/?{query}").status_code < 500
    assert web(auditor).get(f"/audit/export/?{query}").status_code < 500
    assert bearer(token_of(auditor)).get(f"/api/v1/audit/?{query}").status_code < 500


def test_a_file_of_a_confidential_queue_is_read_as_each_of_its_records_is(secret: Any, agent: User, api: Any) -> None:
    incidents.open_incident(actor=SYSTEM, title="Paper is out")
    for _ in range(2):
        answer = api(agent).get("/api/v1/incidents.csv")
        assert "A matter of trust" in b"".join(answer.streaming_content).decode()
    assert reads() == [(agent.username, "api", secret.reference)]
