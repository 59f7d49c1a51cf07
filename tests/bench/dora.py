"""DORA's five of a service that was deployed twenty thousand times in a year, among as many of five others.

`python -m tests.bench.dora [DEPLOYMENTS]` fills them and prints the figures as one JSON line: milliseconds of the report,
of the rows behind its worst number, and of the whole answer over REST and of the page, each the median of seven.
Each deployment holds three commits; one in fifty failed, every other belongs to a change, some of which an incident names.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import django
from django.db import connection

from tests.bench.server import cpu_seconds

_OTHERS, _TIMES = 5, 7
_EVENTS = """
INSERT INTO changes_deploymentevent (told_by, external_id, service_id, environment, version, artifact_digest, commit,
  repository, run_id, url, result, started_at, finished_at, told_at, who, rework, standing, matched_by, change_id, trouble)
SELECT 'import', s.id || '-' || n, s.id, 'production', '1.' || n, 'sha256:' || md5(n::text) || md5(n::text), md5(n::text),
  'shop', n::text, '', CASE WHEN n %% 50 = 0 THEN 'failed' ELSE 'succeeded' END, e.ended - interval '9 minutes', e.ended,
  e.ended, 'ci', CASE WHEN n %% 50 = 1 THEN 'fix' ELSE '' END, 'exempt', '',
  CASE WHEN n %% 2 = 1 AND s.id = (%(services)s)[1] THEN c.id END, ''
FROM unnest(%(services)s) s(id) CROSS JOIN generate_series(1, %(count)s) n
CROSS JOIN LATERAL (SELECT %(now)s - n * (interval '364 days' / %(count)s) AS ended) e
LEFT JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM changes_change) c ON c.place = n
"""
_COMMITS = """
INSERT INTO changes_deliveredcommit (event_id, sha, committed_at)
SELECT e.id, md5(e.id || '-' || n), e.finished_at - n * interval '5 hours'
FROM changes_deploymentevent e CROSS JOIN generate_series(1, 3) n
"""
_NAMED = """
INSERT INTO work_link (from_kind, from_id, to_kind, to_id, meaning, at)
SELECT 'change', e.change_id, 'incident', i.id, 'caused', now()
FROM (SELECT change_id, row_number() OVER (ORDER BY id) AS place FROM changes_deploymentevent WHERE change_id IS NOT NULL) e
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM incidents_incident) i ON i.place = e.place
"""


def run(count: int = 20_000) -> dict[str, Any]:
    django.setup()
    from django.test import Client
    from rest_framework.test import APIClient

    from catalog.models import Service
    from changes.dora import queries
    from changes.dora.queries.periods import parts_of
    from changes.dora.vocabulary import Measure
    from itsm.accounts.actors import actor_for
    from itsm.kernel.actors import Door
    from tests.bench import world

    token, manager = world.people()
    slugs = world.services(1 + _OTHERS)
    world.changes(count)
    world.incidents(max(1, count // 100))
    services = [Service.objects.get(slug=slug).pk for slug in slugs]
    until = datetime.now(UTC)
    since = until - timedelta(days=365)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(_EVENTS, {"services": services, "count": count, "now": until})
        cursor.execute(_COMMITS)
        cursor.execute(_NAMED)
        cursor.execute("VACUUM ANALYZE changes_deploymentevent")
        cursor.execute("VACUUM ANALYZE changes_deliveredcommit")
    actor, edges = actor_for(manager, Door.API), parts_of(since, until, UTC)
    asked = f"service={slugs[0]}&from={since:%Y-%m-%dT%H:%M:%SZ}&to={until:%Y-%m-%dT%H:%M:%SZ}"
    api = APIClient(HTTP_HOST="127.0.0.1")
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    web = Client(HTTP_HOST="127.0.0.1")
    web.force_login(manager)
    found = queries.dora(actor, services[0], edges).total
    return {
        "deployments": found.deployments,
        "commits": found.lead.commits,
        "failed": found.failed,
        "cpu_ms_report": _cpu_ms(lambda: queries.dora(actor, services[0], edges)),
        "ms_report": _ms(lambda: queries.dora(actor, services[0], edges)),
        "ms_rows": _ms(lambda: queries.rows(actor, services[0], since, until, Measure.CHANGE_FAIL_RATE, 1)),
        "ms_rows_of_lead_time": _ms(lambda: queries.rows(actor, services[0], since, until, Measure.LEAD_TIME, 1)),
        "ms_rest": _ms(lambda: _good(api.get(f"/api/v1/reports/dora/?{asked}"))),
        "ms_page": _ms(lambda: _good(web.get(f"/changes/reports/dora/?{asked}"))),
        "ms_matrix": _ms(lambda: _good(web.get(f"/deployments/{slugs[0]}/"))),
    }


def _good(answer: Any) -> None:
    if answer.status_code != 200:
        raise RuntimeError(f"{answer.status_code}: {answer.content[:300]!r}")


def _cpu_ms(ask: Callable[[], object]) -> float:
    """Of this process and of its server's: what it takes where others work on the machine meanwhile."""
    ask()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        server = cursor.fetchone()[0]
    began = time.process_time() + cpu_seconds(server)
    for _ in range(_TIMES):
        ask()
    return round(1000 * (time.process_time() + cpu_seconds(server) - began) / _TIMES, 1)


def _ms(ask: Callable[[], object]) -> float:
    ask()
    spent = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        ask()
        spent.append(1000 * (time.perf_counter() - began))
    return round(median(spent), 1)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(*map(int, sys.argv[1:]))) + "\n")
