"""What the chain of the audit costs those who commit, and how soon a history is proven.

`python -m tests.bench.audit [COMMITS ENTRIES]` (as the owner of a database of its own) prints one JSON line: commits a
second of 32 clients, each one entry, three of ten rolled back, with the chain and without it, and the CPU of the
database for one; then the seconds in which all entries of a large history are held against their chain.
"""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import django

CLIENTS = 32
_NOTE = """
INSERT INTO audit_entry (actor_id, actor_name, actor_kind, via, event, record_kind, record_id, reference, changes, remark, request_id)
VALUES (%s, 'grace', 'human', 'web', 'incident.edited', 'incident', %s, 'INC-1', '{"priority": [3, 2]}', '', 'bench')
"""  # fmt: skip
_MANY = """
INSERT INTO audit_entry (actor_id, actor_name, actor_kind, via, event, record_kind, record_id, reference, changes, remark, request_id)
SELECT n %% 500, 'person' || n %% 500, 'human', 'web', 'incident.edited', 'incident', n, 'INC-' || n,
       jsonb_build_object('title', jsonb_build_array('Checkout is slow', 'Checkout of ' || n || ' is slower')), '', md5(n::text)
FROM generate_series(1, %s) AS n
"""  # fmt: skip


def run(commits: int = 20_000, entries: int = 1_000_000) -> dict[str, Any]:
    django.setup()
    from django.db import connection

    from itsm.audit import verifying
    from itsm.run import places

    found: dict[str, Any] = {"clients": CLIENTS}
    for name, chained in (("without", False), ("chained", True)):
        _trigger(chained)
        began = time.monotonic()
        with ThreadPoolExecutor(CLIENTS) as pool:
            done = list(pool.map(_client, [commits // CLIENTS] * CLIENTS))
        seconds = time.monotonic() - began
        tried = sum(one for one, _cpu in done)
        found[name] = {
            "tried_a_second": round(tried / seconds),
            "committed_a_second": round(0.7 * tried / seconds),
            "cpu_ms_of_one": round(1000 * sum(cpu for _tried, cpu in done) / tried, 3),
        }
    _forget_unchained()
    seen = verifying.verify()
    found["after_the_race"] = {"links": seen.links, "findings": len(seen.findings), "chains": len(seen.heads)}
    _fill(entries)
    mine = connection.connection.info.backend_pid
    for jobs in (1, 2):
        began, before = time.monotonic(), _cpu(mine)
        seen = verifying.verify(jobs=jobs)
        if jobs == 1:
            found["cpu_seconds_of_a_check"] = round(_cpu(mine) - before, 2)
        found[f"verified_by_{jobs}"] = {"links": seen.links, "findings": len(seen.findings), "seconds": round(time.monotonic() - began, 2)}  # fmt: skip
    began = time.monotonic()
    subprocess.run([sys.executable, places.ROOT / "manage.py", "verify_audit"], check=True, stdout=subprocess.DEVNULL)
    found["the command, with its start (limit 5)"] = round(time.monotonic() - began, 2)
    since = verifying.Since(seen.heads, seen.newest)
    began = time.monotonic()
    verifying.verify(since)
    found["verified_since_ms"] = round(1000 * (time.monotonic() - began), 1)
    return found


def _connected() -> Any:
    import psycopg2

    made = psycopg2.connect(os.environ["DATABASE_OWNER_URL"])
    made.set_client_encoding("UTF8")
    return made


def _client(commits: int) -> tuple[int, float]:
    """So many transactions; how many they were, and the CPU seconds of the database's process for them."""
    line = _connected()
    cursor = line.cursor()
    before = _cpu(line.info.backend_pid)
    for n in range(commits):
        cursor.execute(_NOTE, [n % 500, n])
        (line.rollback if n % 10 in {1, 4, 7} else line.commit)()
    spent = _cpu(line.info.backend_pid) - before
    line.close()
    return commits, spent


def _cpu(pid: int) -> float:
    said = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(said[11]) + int(said[12])) / os.sysconf("SC_CLK_TCK")


def _trigger(chained: bool) -> None:
    line = _connected()
    line.cursor().execute(f"ALTER TABLE audit_entry {'ENABLE' if chained else 'DISABLE'} TRIGGER audit_entry_is_linked")
    line.commit()


def _forget_unchained() -> None:
    line = _connected()
    line.cursor().execute(
        "ALTER TABLE audit_entry DISABLE TRIGGER USER;"
        "DELETE FROM audit_entry e WHERE NOT EXISTS (SELECT FROM audit_link l WHERE l.entry_id = e.id);"
        "ALTER TABLE audit_entry ENABLE TRIGGER USER"
    )
    line.commit()


def _fill(entries: int) -> None:
    """A large history in all chains: a connection a chain takes its part into it."""
    _trigger(False)
    line = _connected()
    line.cursor().execute(_MANY, [entries])
    line.commit()
    _trigger(True)
    lines: dict[int, Any] = {}
    while len(lines) < 16:
        one = _connected()
        lines.setdefault(one.info.backend_pid % 16, one)
    cursor = line.cursor()
    cursor.execute("SELECT min(id), max(id) FROM audit_entry WHERE NOT EXISTS (SELECT FROM audit_link l WHERE l.entry_id = audit_entry.id)")  # fmt: skip
    first, last = cursor.fetchone()
    line.commit()
    part = (last - first) // len(lines) + 1
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(_adopt, lines.values(), range(first, last + 1, part), [part] * len(lines)))
    line.autocommit = True
    line.cursor().execute("VACUUM ANALYZE audit_entry, audit_link")


def _adopt(line: Any, first: int, many: int) -> None:
    line.cursor().execute("SELECT audit_adopt(%s, %s)", [first, first + many - 1])
    line.commit()


if __name__ == "__main__":
    print(json.dumps(run(*map(int, sys.argv[1:]))))
