"""A desk of half a million incidents: its pages at any depth, new ones by REST, its reports, an export, and its keys.

    python -m tests.bench.service_desk [incidents]

Forty queues, four of them confidential, 120 agents and 5,000 callers; one incident in forty is open, all of those of the
last weeks, and on each somebody wrote something. Who reads is an agent of three queues who may not see the confidential ones. New ones come from a monitoring
with a token, under an agreement with clocks, while the worker is up.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import django
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.bench import keys
from tests.bench.load import Answers, Call, measured
from tests.bench.server import Desk, cpu_seconds

TEAMS, CONFIDENTIAL, AGENTS, CALLERS = 40, 4, 120, 5_000
CLIENTS = (1, 4)
ROUNDS = 60
SLOW_ROUNDS = 6

_INCIDENT = {
    "title": "'Orders are slow in region ' || n",
    "description": "'Seen by the monitoring. ' || repeat('It is slow. ', 20)",
    "service_id": "s.id",
    "team_id": "(%(teams)s)[1 + n * 7 %% array_length(%(teams)s, 1)]",
    "caller_id": "(%(callers)s)[1 + n %% array_length(%(callers)s, 1)]",
    "opened_by_id": "(%(callers)s)[1 + n %% array_length(%(callers)s, 1)]",
    "assigned_to_id": "CASE WHEN n %% 8 <> 0 THEN (%(agents)s)[1 + n %% array_length(%(agents)s, 1)] END",
    "priority": "CASE WHEN n %% 200 = 0 THEN 1 ELSE 2 + n %% 4 END",
    "status": "CASE WHEN open THEN (ARRAY['new', 'in_progress', 'in_progress'])[1 + n %% 3] ELSE 'closed' END",
    "resolution": "CASE WHEN open THEN '' ELSE 'Restarted.' END",
    "resolution_code": "CASE WHEN open THEN '' ELSE 'solved' END",
    "opened_at": "%(now)s - n * interval '1 minute'",
    "updated_at": "%(now)s - n * interval '1 minute'",
    "resolved_at": "CASE WHEN NOT open THEN %(now)s - n * interval '1 minute' + n %% 500 * interval '1 minute' END",
    "closed_at": "CASE WHEN NOT open THEN %(now)s - n * interval '30 seconds' END",
    "next_due": "CASE WHEN open THEN %(now)s + (n * 37 %% 20000 - 500) * interval '1 minute'"
    " ELSE '9999-12-31Z'::timestamptz END",
}
_OPEN = "CROSS JOIN LATERAL (SELECT n <= %(count)s / 20 AND n %% 2 = 0 AS open) state"


_NOTES = """
INSERT INTO work_note (record_kind, record_id, text, private, by_id, at)
SELECT 'incident', id, 'Looked at it.', id %% 2 = 0, %s, opened_at FROM incidents_incident
"""


class Filled(NamedTuple):
    """Who reads, with which token new ones come, and an incident with a story."""

    agent: str
    token: str
    incident: str
    services: Sequence[str]


def main(incidents: int) -> dict[str, Any]:
    filled = fill(incidents)
    return figures(filled, incidents)


def fill(incidents: int) -> Filled:
    """The queues, people, an agreement and so many incidents."""
    from django.utils import timezone

    from incidents.models import Incident
    from itsm.accounts import operations as accounts
    from itsm.accounts.models import User
    from tests.bench import world
    from tests.factories.slo import a_service

    token, _manager = world.people()
    teams = [
        accounts.add_team(actor=world.OPERATOR, slug=f"bench-queue-{n}", name=f"Queue {n} of the bench")
        for n in range(TEAMS)
    ]
    for n, team in enumerate(teams):
        accounts.edit_queue(
            team, actor=world.OPERATOR, version=team.version, takes_work=True, confidential=n >= TEAMS - CONFIDENTIAL
        )
    reader = accounts.add_user(actor=world.OPERATOR, username="bench-agent", roles=["agent"], teams=teams[:3])
    agents = User.objects.bulk_create(User(username=f"bench-agent-{n}") for n in range(AGENTS))
    callers = User.objects.bulk_create(User(username=f"bench-caller-{n}") for n in range(CALLERS))
    services = [a_service(slug=f"bench-desk-{n}", name=f"Bench desk {n}") for n in range(200)]
    given = {
        "teams": [team.pk for team in teams],
        "agents": [reader.pk, *(one.pk for one in agents)],
        "callers": [one.pk for one in callers],
    }
    world.fill(Incident, _INCIDENT, _OPEN, incidents, given)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")  # filling is no request
        cursor.execute(_NOTES, [reader.pk])
        cursor.execute("VACUUM ANALYZE work_note")
    _agreement(timezone.now())
    return Filled(world.cookie_of(reader), token, _a_story(reader), [service.slug for service in services])


def _agreement(now: datetime) -> None:
    from catalog.agreements import operations as agreements
    from itsm.calendars import operations as calendars
    from tests.bench.world import OPERATOR

    week = {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    office = calendars.create_calendar(
        actor=OPERATOR, at=now - timedelta(days=1), name="Bench", zone="Europe/Berlin", week=week
    )
    agreements.create_agreement(
        actor=OPERATOR, at=now, name="Bench", targets={"first_response": 60, "resolve": 480}, calendar=office
    )


def _a_story(reader: Any) -> str:
    """An incident of the agent's queue with clocks, and thirty words said."""
    from incidents.incident import operations
    from itsm.accounts.actors import actor_for
    from itsm.accounts.models import Team
    from itsm.kernel.actors import Door

    actor = actor_for(reader, Door.WEB)
    incident = operations.open_incident(
        actor=actor, title="The printer prints the order twice", team=Team.objects.get(slug="bench-queue-0")
    )
    for n in range(30):
        (operations.note if n % 2 else operations.reply)(incident, actor=actor, text=f"Looked at it for the {n}. time.")
    return incident.reference


def paths(filled: Filled) -> dict[str, str]:
    """What is read, by name; the deep pages by the key of the row before."""
    return {
        "queue": "/incidents/",
        "queue, mine": "/incidents/?tab=mine",
        "queue, team": "/incidents/?tab=team",
        "queue, unassigned": "/incidents/?tab=unassigned",
        "queue, open, page 200": f"/incidents/?after={_key('due', 200, is_open=True)}",
        "queue, all, page 2,000": f"/incidents/?tab=all&sort=newest&after={_key('newest', 2_000)}",
        "queue, updated, page 2,000": f"/incidents/?tab=all&sort=updated&after={_key('updated', 2_000)}",
        "queue, filtered": "/incidents/?priority=1,2&due=..%2B4h",
        "queue, words": "/incidents/?tab=all&text=region%20499",
        "record": f"/incidents/{filled.incident}/",
        "API list": "/api/v1/incidents/?page_size=50",
        "API record": f"/api/v1/incidents/{filled.incident}/",
        "reports": "/reports/",
        "report of 90 days, API": f"/api/v1/reports/incidents/?from={datetime.now(UTC) - timedelta(days=90):%Y-%m-%d}",
        "report of all time, API": "/api/v1/reports/incidents/",
    }


def _key(sort: str, page: int, *, is_open: bool = False) -> str:
    """The key of the last row of the page before; of a small table, of its last row."""
    from incidents.incident.filters import SORTS
    from incidents.models import Incident
    from itsm.ui import paging

    rows = Incident.objects.still_open() if is_open else Incident.objects.all()
    place = min((page - 1) * paging.SIZE, rows.count()) - 1
    return paging._key(rows.order_by(*SORTS[sort])[place], SORTS[sort])


def figures(filled: Filled, incidents: int) -> dict[str, Any]:
    from tests.bench import server

    looked = paths(filled)
    headers = {"Cookie": f"sessionid={filled.agent}"}
    found: dict[str, Any] = {"incidents": incidents, "load_before": round(os.getloadavg()[0], 1)}
    rounds = ROUNDS if incidents > 10_000 else 2
    with server.desk() as desk:
        found["queries"], found["kilobytes"] = _weighed(filled.agent, looked)
        for path in looked.values():
            measured(desk.port, [Call("GET", path)] * 8, 4, headers)
        found["pages"] = {
            name: {
                clients: _with_cpu(desk, [Call("GET", path)], clients, headers,
                                   min(rounds, SLOW_ROUNDS) if name.startswith("report") else 2 * rounds)
                for clients in CLIENTS
            }
            for name, path in looked.items()
        }  # fmt: skip
        found["pages"]["create, API"] = {clients: _created(desk, filled, clients, rounds) for clients in CLIENTS}
        found["export"] = _exported(desk, headers)
        found["keys"] = keys.figures(f"http://127.0.0.1:{desk.port}", filled.agent, rounds)
    return found


def _with_cpu(desk: Desk, calls: list[Call], clients: int, headers: Mapping[str, str], rounds: int) -> dict[str, Any]:
    before = _cpu(desk)
    answers: Answers = measured(desk.port, calls * rounds, clients, headers)
    spent = {who: round(1000 * (cpu - before[who]) / len(answers.times), 1) for who, cpu in _cpu(desk).items()}
    return answers.figures() | {"cpu_ms_each": spent}


def _created(desk: Desk, filled: Filled, clients: int, rounds: int) -> dict[str, Any]:
    """New ones, each of another service, no two under one key."""
    calls = [
        Call("POST", "/api/v1/incidents/", json.dumps({
            "title": f"Checkout answers slowly, {clients}/{n}", "service": filled.services[n % len(filled.services)],
        }).encode())
        for n in range(rounds * 5)
    ]  # fmt: skip
    headers = {"Authorization": f"Bearer {filled.token}", "Content-Type": "application/json"}
    return _with_cpu(desk, calls, clients, headers, 1)


def _exported(desk: Desk, headers: Mapping[str, str]) -> dict[str, Any]:
    """All rows as CSV: seconds, bytes, and by how much the web server grew."""
    before = desk.memory["web"].peak["rss"]
    sizes: list[int] = []

    def told(answer: Any, body: bytes) -> str:
        sizes.append(len(body))
        return f"{answer.status}, {body.count(b'INC-')} references"

    answers = measured(desk.port, [Call("GET", "/api/v1/incidents.csv")], 1, headers, told)
    return answers.figures() | {
        "megabytes": round(sizes[0] / 1e6, 1),
        "grew_mib": desk.memory["web"].peak["rss"] - before,
    }


def _weighed(cookie: str, looked: Mapping[str, str]) -> tuple[dict[str, int], dict[str, float]]:
    """Queries and kilobytes of each page, in this process."""
    client = Client(SERVER_NAME="127.0.0.1")
    client.cookies["sessionid"] = cookie
    queries, kilobytes = {}, {}
    for name, path in looked.items():
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        queries[name], kilobytes[name] = len(captured), round(len(answer.content) / 1000, 1)
    return queries, kilobytes


def _cpu(desk: Desk) -> dict[str, float]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        served = [pid for (pid,) in cursor.fetchall()]
    return {"web": cpu_seconds(desk.memory["web"].process), "postgresql": sum(map(cpu_seconds, served))}


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else 500_000), indent=2) + "\n")
