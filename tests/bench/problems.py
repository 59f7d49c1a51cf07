"""Problems at size: the list by error budget burned, the search for known errors, and the rank reckoned anew.

`python -m tests.bench.problems [PROBLEMS [OBJECTIVES]]` fills them and prints the figures as one JSON line. Each objective
has four outages in 28 days, each outage three causes; every problem owns three
incidents, and half of the incidents are nobody's. Milliseconds, median and 95th
percentile of 25 turns through the application without a web server around it; the rank: of three turns, in seconds.
"""

import json
import sys
import time
from typing import Any

import django
from django.db import connection

RANKS = 3
_WORDS = [
    "checkout",
    "answers",
    "slowly",
    "payments",
    "hang",
    "search",
    "waits",
    "pages",
    "time",
    "out",
    "mails",
    "late",
    "pool",
    "dry",
    "retries",
    "pile",
    "up",
]
_INCIDENTS = """
INSERT INTO incidents_incident (title, description, service_id, team_id, channel, priority, priority_by, priority_why, major,
  status, hold_reason, reason, resolution, resolution_code, cancel_code, attributes, labels, opened_at, next_due, reopened,
  reassigned, escalated_functionally, escalated_hierarchically, first_contact, data_loss, updated_at, version)
SELECT 'Bench incident ' || n, '', (%(services)s::bigint[])[1 + n %% cardinality(%(services)s::bigint[])], %(team)s, 'phone', 3, 'person', '', false,
  'new', '', '', '', '', '', '{}', '{}', now() - n %% 40000 * interval '1 minute', '9999-12-31', 0, 0, 0, 0, false, false, now(), 1
FROM generate_series(1, %(count)s) n RETURNING id
"""
_OUTAGES = """
INSERT INTO slo_outage (objective_id, started_at, ended_at, failed, minutes, cost, recomputed_at)
SELECT o, now() - (turn * 6 * 1440 + o %% 1000) * interval '1 minute', now() - (turn * 6 * 1440 + o %% 1000 - 30) * interval '1 minute',
  10, 30, (1 + o %% 97) * 0.001234567, now()
FROM unnest(%(objectives)s::bigint[]) o, generate_series(1, 4) turn
"""
_CAUSES = """
INSERT INTO slo_outagecause (outage_id, reference, title, url, began_at, score, why, verdict, decided_by)
SELECT a.id, 'INC-' || lpad(i::text, 5, '0'), 'Bench incident', '/incidents/', a.started_at, 25 + turn * 15, 'near', 'suspected', ''
FROM slo_outage a, generate_series(0, 2) turn,
  LATERAL (SELECT (%(incidents)s::bigint[])[1 + (a.objective_id * 7 + turn * 131) %% cardinality(%(incidents)s::bigint[])] AS i) picked
"""


def run(problems: int = 10_000, objectives: int = 5_000) -> dict[str, Any]:
    django.setup()
    from django.conf import settings
    from django.test import Client
    from django.utils import timezone

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    from itsm.accounts import operations as accounts
    from itsm.accounts.models import User
    from itsm.kernel import garbage
    from slo.objectives.operations import rank_problems
    from tests.bench import world
    from tests.bench.items import _get, _timed

    login = "bench-problems"
    user = User.objects.filter(username=login).first() or accounts.add_user(
        actor=world.OPERATOR, username=login, roles=["manager"]
    )
    team = accounts.triage_id()
    _filled(problems, objectives, team)
    client = Client(raise_request_exception=True, SERVER_NAME="localhost")
    client.force_login(user, backend="itsm.accounts.backends.PeopleOnly")
    ranked, spent = [], []
    for _turn in range(RANKS):
        began, cpu = time.perf_counter(), time.process_time()
        figures = rank_problems(actor=world.OPERATOR, at=timezone.now())
        ranked.append(round(time.perf_counter() - began, 2))
        spent.append(round(time.process_time() - cpu, 2))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    from incidents.models import Incident, Problem

    incident = Incident.objects.order_by("-pk")[0].reference
    dearest = Problem.objects.order_by("-burn_minutes")[0].reference
    rows_shown = client.get("/problems/").content.count(b"<tr data-row>")
    garbage.spare_what_is_loaded()  # as the web server does
    return {
        "problems": problems,
        "objectives": objectives,
        "figures_of_the_rank": figures,
        "rank_first_s": ranked[0],
        "rank_again_s": min(ranked[1:]),
        "rank_first_cpu_s": spent[0],
        "rank_again_cpu_s": min(spent[1:]),
        "rows_of_a_page": rows_shown,
        **_timed("list", lambda: _get(client, "/problems/")),
        **_timed("list_rest", lambda: _get(client, "/api/v1/problems/")),
        **_timed("problem", lambda: _get(client, f"/problems/{dearest}/")),
        **_timed("burn", lambda: _get(client, f"/api/v1/problems/{dearest}/burn/")),
        **_timed("known_errors", lambda: _get(client, f"/problems/behind/{incident}/?q=payments+hang")),
    }


def _filled(problems: int, objectives: int, team: int) -> None:
    from decimal import Decimal

    from django.utils import timezone

    from catalog.models import Service
    from incidents.models import Problem
    from itsm.work.models import Link
    from slo.models import Indicator, Objective, ObjectiveVersion

    now = timezone.now()
    services = [
        Service.objects.create(slug=f"ranked-{n}", name=f"Bench {n}", tier=3) for n in range(max(objectives // 10, 1))
    ]
    terms: dict[str, Any] = {"target": Decimal("0.999"), "window_days": 28}
    indicators = Indicator.objects.bulk_create(Indicator(slug=f"ranked-{n}", name="Bench") for n in range(objectives))
    made = Objective.objects.bulk_create(
        Objective(slug=f"ranked-{n}", name="Bench", service=services[n % len(services)], indicator=one, **terms)
        for n, one in enumerate(indicators)
    )
    ObjectiveVersion.objects.bulk_create(
        ObjectiveVersion(objective=one, number=1, indicator=one.indicator, from_minute=0, made_at=now, **terms)
        for one in made
    )
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(
            _INCIDENTS, {"services": [one.pk for one in services], "team": team, "count": max(problems * 6, 60)}
        )
        incidents = [row[0] for row in cursor.fetchall()]
        cursor.execute(_OUTAGES, {"objectives": [one.pk for one in made]})
        cursor.execute(_CAUSES, {"incidents": incidents})
    kept = Problem.objects.bulk_create(
        [_problem(n, services[n % len(services)], team, now) for n in range(problems)], batch_size=1000
    )
    Link.objects.bulk_create(
        [
            Link(
                from_kind="problem", from_id=one.pk, to_kind="incident", to_id=incidents[(n * 3 + turn) % len(incidents)],
                meaning="caused", at=now,
            )
            for n, one in enumerate(kept)
            for turn in range(3)
        ],
        batch_size=2000,
    )  # fmt: skip


def _problem(number: int, service: Any, team: int, now: Any) -> Any:
    from incidents.models import Problem

    words = " ".join(_WORDS[(number * step + step) % len(_WORDS)] for step in (1, 3, 7, 11))
    known = number % 3 == 0
    return Problem(
        statement=f"Bench problem {number}: {words}", symptom=words, cause="x" if known else "",
        workaround="Restart it" if known else "", service=service, team_id=team,
        status="known_error" if known else "analysing", opened_at=now,
    )  # fmt: skip


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(*map(int, sys.argv[1:]))) + "\n")
