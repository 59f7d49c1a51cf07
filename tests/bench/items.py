"""Configuration items at size: any page of the list, a page of an item, and impact with a hub, cold and warm.

`python -m tests.bench.items [ITEMS]` fills them and prints the figures as one JSON line. Milliseconds, median and 95th
percentile of 25 turns through the application without a web server around it. A tenth of the items are related as in
`tests.bench.impact`: three arrows each, a hub on which 2,000 of 10,000 rest.
"""

import json
import sys
import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

import django
from django.db import connection

TURNS = 25  # with so few items that nobody asks how fast it is: 2
_ITEMS = """
INSERT INTO catalog_ci (ci_class_id, name, status, environment, team_id, description, attributes, confidential, reason,
                        created_at, version)
SELECT c.id, c.slug || '-' || n, 'active', (ARRAY['production', 'staging', ''])[1 + n %% 3], NULL, '',
       jsonb_build_object('memory', n %% 512), n %% 1000 = 0, '', now(), 1
FROM generate_series(1, %(items)s) n
JOIN (SELECT id, slug, row_number() OVER (ORDER BY slug) - 1 AS place FROM catalog_ciclass
      WHERE slug IN ('virtual_machine', 'physical_server', 'database', 'workload', 'switch')) c ON c.place = n %% 5
"""
_RELATIONS = """
INSERT INTO catalog_relation (source_id, target_id, type_id, strength, data_source, change_reference, first_seen, version)
SELECT source, target, (SELECT id FROM catalog_relationtype WHERE slug = 'depends_on'),
       CASE WHEN source %% 5 = 0 THEN 'soft' ELSE '' END, 'bench', '', now(), 1
FROM unnest(%(sources)s::bigint[], %(targets)s::bigint[]) AS pair(source, target)
ON CONFLICT DO NOTHING
"""


def run(items: int = 200_000) -> dict[str, Any]:
    django.setup()
    from django.conf import settings
    from django.test import Client

    # Without a web server nobody collected the static files under the names that they have there.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    from catalog.cmdb.models import CI, Relation
    from catalog.services.queries import graph
    from itsm.accounts import operations as accounts
    from itsm.accounts.models import User
    from itsm.kernel import garbage
    from tests.bench import impact, world

    timed = partial(_timed, turns=TURNS if items > 2_000 else 2)
    login = "bench-items"
    user = User.objects.filter(username=login).first() or accounts.add_user(
        actor=world.OPERATOR, username=login, roles=["manager"]
    )
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(_ITEMS, {"items": items})
        last = CI.objects.order_by("-pk")[0].pk
        related = max(items // 20, 100)
        rows, _groups = impact.estate(related)
        first = last - items
        cursor.execute(
            _RELATIONS,
            {"sources": [first + row[1] for row in rows], "targets": [first + row[0] for row in rows]},
        )
        cursor.execute("ANALYZE")
    client = Client(raise_request_exception=True, SERVER_NAME="localhost")
    client.force_login(user, backend="itsm.accounts.backends.PeopleOnly")
    hub, middle = CI.objects.get(pk=first + 1), CI.objects.get(pk=first + related // 2)
    rows_shown = client.get("/cis/").content.count(b"<tr data-row>")
    deep = f"/cis/?after={_key(first + items // 2)}"
    garbage.spare_what_is_loaded()  # as the web server does

    def cold() -> None:
        graph._last[0] = graph.Snapshot("", graph.Graph(), frozenset())
        _get(client, f"/api/v1/cis/{hub.reference}/impact/")

    return {
        "items": items,
        "relations": Relation.objects.count(),
        "rows_of_a_page": rows_shown,
        **timed("list", lambda: _get(client, "/cis/")),
        **timed("list_deep", lambda: _get(client, deep)),
        **timed("list_of_class", lambda: _get(client, "/cis/?class=server&status=active")),
        **timed("list_by_text", lambda: _get(client, "/cis/?text=machine-1999")),
        **timed("item", lambda: _get(client, middle.get_absolute_url())),
        **timed("impact_warm", lambda: _get(client, f"/api/v1/cis/{hub.reference}/impact/")),
        **timed("impact_cold", cold),
        **timed("impact_down", lambda: _get(client, f"/api/v1/cis/{middle.reference}/impact/?direction=down")),
    }


def _key(pk: int) -> str:
    from itsm.ui.paging import _key as key_of

    return key_of(type("Row", (), {"id": pk})(), ["-id"])


def _get(client: Any, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code, answer.content[:200])


def _timed(what: str, work: Callable[[], object], turns: int = TURNS) -> dict[str, float]:
    """By the clock, and by this process's CPU: on a busy machine only the latter compares."""
    clock, cpu = [], []
    for _ in range(turns):
        began, spent = time.perf_counter(), time.process_time()
        work()
        clock.append((time.perf_counter() - began) * 1000)
        cpu.append((time.process_time() - spent) * 1000)
    clock.sort()
    return {
        f"{what}_ms": round(median(clock), 1),
        f"{what}_p95_ms": round(clock[int(turns * 0.95)], 1),
        f"{what}_cpu_ms": round(median(cpu), 1),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(*map(int, sys.argv[1:]))) + "\n")
