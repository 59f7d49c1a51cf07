"""Exports: every row that the reader may see, as a file that no spreadsheet runs, and a trace of who took it."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from incidents.incident.models import Incident
from incidents.incident.queries import listed
from incidents.reports import operations
from incidents.reports.queries import exporting
from itsm.accounts.models import Team, User
from itsm.audit.models import Entry
from itsm.fields import operations as fields
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.locks import AdvisoryLock
from tests.together import each_of

pytestmark = pytest.mark.django_db


def an_incident(title: str = "Cannot print", **said: Any) -> Incident:
    return Incident.objects.create(title=title, opened_at=timezone.now(), **said)


def a_field(key: str, **said: Any) -> None:
    fields.add_field(actor=Actor.system("tests"), owner="incident", key=key, label=key.title(), type="text", **said)


def read(answer: Any) -> str:
    return b"".join(answer.streaming_content).decode()


@pytest.fixture
def other_session() -> Iterator[Any]:
    """Another connection to the same database. An answer that some test never read to its end holds no place any more."""
    with connection.cursor() as ours:
        ours.execute("SELECT pg_advisory_unlock_all()")
    other = connection.copy()
    with other.cursor() as cursor:
        yield cursor
    other.close()


def test_each_row_is_there_once_however_many_chunks(agent: User, api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "CHUNK", 2)
    a_field("site")
    made = [an_incident(f"Printer {n}", attributes={"site": "Zürich"}) for n in range(5)]
    answer = api(agent).get("/api/v1/incidents.csv")
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("text/csv; charset=utf-8", "nosniff")
    rows = list(csv.DictReader(io.StringIO(read(answer))))
    assert [row["number"] for row in rows] == [one.reference for one in made]
    assert rows[0]["cf.site"] == "Zürich"
    lines = read(api(agent).get("/api/v1/incidents.jsonl")).splitlines()
    assert [json.loads(line)["title"] for line in lines] == [one.title for one in made]
    assert json.loads(lines[0])["attributes"] == {"site": "Zürich"}


@each_of("text", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(agent: User, api: Any, text: str) -> None:
    an_incident(text)
    (row,) = csv.DictReader(io.StringIO(read(api(agent).get("/api/v1/incidents.csv"))))
    assert row["title"] == f"'{text}"


def test_the_filters_are_those_of_the_list(agent: User, api: Any) -> None:
    an_incident(priority=1)
    an_incident(priority=4)
    assert len(read(api(agent).get("/api/v1/incidents.jsonl?priority=1")).splitlines()) == 1
    assert api(agent).get("/api/v1/incidents.csv?prority=1").status_code == 400
    assert api(agent).get("/api/v1/incidents.csv?priority=9").status_code == 400


def test_what_is_hidden_is_not_in_it_and_a_requester_gets_their_own(agent: User, requester: User, api: Any) -> None:
    hidden = Team.objects.create(slug="staff", name="Staff", takes_work=True, confidential=True)
    an_incident("Warning letter", team=hidden)
    an_incident("Mine", caller=requester)
    assert "Warning letter" not in read(api(agent).get("/api/v1/incidents.csv"))
    assert [json.loads(line)["title"] for line in read(api(requester).get("/api/v1/incidents.jsonl")).splitlines()] == [
        "Mine"
    ]


def test_a_typed_field_is_there_for_whom_it_may_be_seen(agent: User, requester: User, api: Any) -> None:
    """Also for somebody who works here and is the caller of a ticket in a queue that they do not see."""
    a_field("site", requester_sees=True)
    a_field("suspicion", requester_sees=False)
    hidden = Team.objects.create(slug="staff", name="Staff", takes_work=True, confidential=True)
    values = {"site": "=Zürich", "suspicion": "theft"}
    an_incident("Mine", caller=requester, attributes=values)
    an_incident("About me", caller=agent, team=hidden, attributes=values)
    for form in ("csv", "jsonl"):
        assert "theft" not in read(api(requester).get(f"/api/v1/incidents.{form}"))
        assert read(api(agent).get(f"/api/v1/incidents.{form}")).count("theft") == 1
    table = csv.DictReader(io.StringIO(read(api(agent).get("/api/v1/incidents.csv"))))
    assert [(row["cf.site"], row["cf.suspicion"]) for row in table] == [("'=Zürich", "theft"), ("'=Zürich", "")]
    assert "cf.suspicion" not in read(api(requester).get("/api/v1/incidents.csv"))


def test_rights_are_read_again_for_each_chunk(agent: User, api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "CHUNK", 1)
    team = Team.objects.create(slug="staff", name="Staff", takes_work=True)
    for n in range(3):
        an_incident(f"Letter {n}", team=team)
    parts = iter(api(agent).get("/api/v1/incidents.jsonl").streaming_content)
    assert b"Letter 0" in next(parts)
    Team.objects.filter(pk=team.pk).update(confidential=True)
    assert list(parts) == []


@pytest.mark.writes_behind("I16")  # its tokens are left
def test_it_breaks_off_where_the_account_is_closed(agent: User, api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "CHUNK", 1)
    for n in range(3):
        an_incident(f"Letter {n}")
    parts = iter(api(agent).get("/api/v1/incidents.jsonl").streaming_content)
    next(parts)
    User.objects.filter(pk=agent.pk).update(is_active=False)
    with pytest.raises(NotPermitted):
        list(parts)


def test_two_at_a_time_and_the_third_hears_when_to_come_again(agent: User, api: Any, other_session: Any) -> None:
    for place in range(1, operations.AT_ONCE + 1):
        other_session.execute("SELECT pg_advisory_lock(%s, %s)", [AdvisoryLock.EXPORT, place])
    refused = api(agent).get("/api/v1/incidents.csv")
    assert (refused.status_code, int(refused["Retry-After"]) > 0) == (503, True)
    other_session.execute("SELECT pg_advisory_unlock(%s, 1)", [AdvisoryLock.EXPORT])
    assert read(api(agent).get("/api/v1/incidents.csv"))


def test_a_place_is_free_again_whether_it_was_read_or_not(agent: User, as_actor: Any, other_session: Any) -> None:
    actor = as_actor(agent)
    for reads in (True, False):
        made = operations.export(listed, actor=actor, form="csv", asked={})
        if reads:
            assert list(made)
        made.close()
    for place in range(1, operations.AT_ONCE + 1):
        other_session.execute("SELECT pg_try_advisory_lock(%s, %s)", [AdvisoryLock.EXPORT, place])
        assert other_session.fetchone()[0]


def test_who_took_what_is_written_down(agent: User, api: Any) -> None:
    read(api(agent).get("/api/v1/incidents.csv?priority=1"))
    entry = Entry.objects.get(event="user.exported_incidents")
    assert (entry.actor_id, entry.changes["asked"]) == (agent.pk, [None, {"priority": "1"}])


def test_the_rows_behind_a_number_are_a_file_too(agent: User, web: Any) -> None:
    an_incident(reopened=1)
    an_incident()
    rows = list(csv.DictReader(io.StringIO(read(web(agent).get("/reports/incidents.csv?tab=all&measure=reopened")))))
    assert len(rows) == 1
