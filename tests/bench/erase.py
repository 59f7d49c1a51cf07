"""How long it takes to erase a person with many entries of history, part by part as the job does it.

`python -m tests.bench.erase [ENTRIES]` (as the owner of a database of its own) prints one JSON line: seconds until the
erasure has ended, how many parts it took, the longest of them, and what a check of the chain finds afterwards.
"""

import json
import sys
import time
from typing import Any

import django

_MANY = """
INSERT INTO audit_entry (actor_id, actor_name, actor_kind, via, event, record_kind, record_id, reference, changes, remark, request_id)
SELECT %s, 'zora.quill7', 'human', 'web', 'incident.edited', 'incident', n, 'INC-' || n,
       jsonb_build_object('assigned_to', jsonb_build_array(NULL, 'zora.quill7'), 'priority', jsonb_build_array(3, 2)),
       CASE WHEN n %% 10 = 0 THEN 'Asked Zora Quill about it' ELSE '' END, md5(n::text)
FROM generate_series(%s, %s) AS n
"""  # fmt: skip


def run(entries: int = 50_000) -> dict[str, Any]:
    django.setup()
    from django.db import connection

    from itsm.accounts import operations as accounts
    from itsm.audit import verifying
    from itsm.erasure import operations
    from itsm.kernel.actors import Actor
    from tests.bench import audit

    system = Actor.system("bench")
    made = accounts.add_user(
        actor=system, username="zora.quill7", name="Zora Quill", email="zora@quill.example", roles=["agent"], teams=[]
    )
    with connection.cursor() as cursor:
        for first in range(0, entries, 500):
            cursor.execute(_MANY, [made.pk, first + 1, min(first + 500, entries)])
        cursor.execute("ANALYZE audit_entry, audit_link")
    left = accounts.deactivate(made, actor=system)
    began, longest, parts = time.monotonic(), 0.0, 0
    spent = audit._cpu(connection.connection.info.backend_pid)
    erasure, seen = operations.begin(left, actor=system), set()
    while erasure.ended_at is None:
        started = time.monotonic()
        erasure = operations.going_on(erasure.pk)
        longest, parts = max(longest, time.monotonic() - started), parts + 1
        seen.add(erasure.percent)
    seconds = time.monotonic() - began
    spent = audit._cpu(connection.connection.info.backend_pid) - spent
    checked = verifying.verify()
    return {
        "entries": entries, "seconds": round(seconds, 1), "cpu_seconds_of_the_database": round(spent, 1), "parts": parts, "longest_part_seconds": round(longest, 2),
        "progress_seen": len(seen), "masked": sum(erasure.masked.values()), "findings": len(checked.findings),
        "found_by_a_second_run": sum(_again(left).values()),
    }  # fmt: skip


def _again(person: Any) -> dict[str, int]:
    from itsm.erasure import queries

    person.refresh_from_db()
    return queries.preview(person).found


if __name__ == "__main__":
    print(json.dumps(run(*map(int, sys.argv[1:]))))
