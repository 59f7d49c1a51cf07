"""Suggestions over many incidents: how long an answer takes while somebody types, over the web server.

    python -m tests.bench.search [incidents]

Titles are made of 4,000 words, a few of which stand in every tenth title, most in few; 200 services and 5,000 people
have records of theirs. `staff` sees everything, `requester` the 100 or so incidents that are theirs. What is typed:
whole words, beginnings, misspellings, numbers, references, and words together whose beginnings half of all records hold.
"""

import json
import os
import sys
from typing import Any
from urllib.parse import quote

import django
from django.db import connection

from tests.bench.load import Answers, Call, measured
from tests.bench.server import Desk, cpu_seconds

_FILL = """
WITH known AS (SELECT array_agg(word ORDER BY place) AS words FROM (%(words)s) made)
INSERT INTO search_document
  (record_kind, record_id, reference, prefix, number, title, text, path, audience, about, is_thing, is_over)
SELECT 'incident', n, 'INC-' || lpad(n::text, 5, '0'), 'INC', n,
  array_to_string(ARRAY(SELECT words[1 + floor(4000 * power(random(), 3))::int] FROM generate_series(1, 6) WHERE n > 0), ' '),
  array_to_string(ARRAY(SELECT words[1 + floor(4000 * random())::int] FROM generate_series(1, 30) WHERE n > 0), ' '),
  '/incidents/INC-' || n || '/',
  ARRAY['staff', 'user:' || CASE n %% 5000 WHEN 0 THEN %(asker)s ELSE 1000000 + n %% 5000 END],
  ARRAY['service:' || n %% 200, 'user:' || CASE n %% 5000 WHEN 0 THEN %(asker)s ELSE 1000000 + n %% 5000 END],
  false, random() < 0.95
FROM generate_series(1, %(count)s) n, known
"""
_THINGS = """
WITH known AS (SELECT array_agg(word ORDER BY place) AS words FROM (%(words)s) made)
INSERT INTO search_document
  (record_kind, record_id, reference, prefix, title, text, path, audience, about, is_thing, is_over)
SELECT 'service', n, words[n + 1], '', words[n + 1] || ' service', '', '/services/' || n || '/',
  ARRAY['all'], ARRAY[]::varchar[], true, false
FROM generate_series(0, 199) n, known
UNION ALL
SELECT 'user', 1000000 + n, 'person' || n, '', initcap(words[1 + n %% 4000]) || ' ' || initcap(words[1 + n * 7 %% 4000]),
  'person' || n || '@example.org', '/people/' || n || '/', ARRAY['staff'], ARRAY[]::varchar[], true, false
FROM generate_series(1, 4999) n, known
"""
_WORDS = """
SELECT place, (ARRAY['check','pay','log','ship','print','sign','order','cart','mail','stock'])[place %% 10 + 1]
    || (ARRAY['out','ment','in','ing','er','al','book','flow','gate','room'])[place / 10 %% 10 + 1]
    || translate((place / 100)::text, '0123456789', 'abcdefghij') AS word
FROM generate_series(0, 3999) place
"""
ASKED = {
    "words": ("checkouta", "paymenta login", "mailflow signingbc", "printerc mailbooka cart", "zzzz"),
    "beginnings": ("ch", "che", "check", "or", "ord sig", "printerc o"),
    "typos": ("checkoutaa", "chekcouta", "paymnetb", "stockroomjj", "pritnerc mailbokoa"),
    "numbers": ("42", "#4242", "480000", "999999999"),
    "references": ("inc 4242", "INC-04242", "inc480000"),
    "things": ("checkouta service", "person42", "Paymenta Loginh"),
}
CLIENTS = (1, 4)
ROUNDS = 8


def main(incidents: int) -> dict[str, Any]:
    cookies = fill(incidents)
    return figures(cookies, incidents)


def fill(incidents: int) -> dict[str, str]:
    """The index of so many incidents instead of what stands there. Returns the session of each who asks, by name."""
    from itsm.accounts import operations as accounts
    from itsm.accounts.models import User
    from itsm.search import index
    from tests.bench import world

    found = {}
    for name, role in (("staff", "agent"), ("requester", "requester")):
        login = f"bench-search-{name}"
        user = User.objects.filter(username=login).first()
        found[name] = user or accounts.add_user(actor=world.OPERATOR, username=login, roles=[role])
    given = {"count": incidents, "asker": found["requester"].pk}
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")  # filling is no request
        cursor.execute("TRUNCATE search_document, search_word")
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'search_document'")
        indexes = [row for row in cursor.fetchall() if "UNIQUE" not in row[1]]
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        cursor.execute(_FILL.replace("%(words)s", _WORDS), given)
        cursor.execute(_THINGS.replace("%(words)s", _WORDS), given)
        for _name, definition in indexes:
            cursor.execute(definition)
        cursor.execute(_WORDS.replace("%%", "%"))
        index.learn(index._words_of(word for _place, word in cursor.fetchall()))
        cursor.execute("VACUUM ANALYZE search_document, search_word")
        cursor.execute("RESET statement_timeout")
    return {name: world.cookie_of(user) for name, user in found.items()}


def figures(cookies: dict[str, str], incidents: int) -> dict[str, Any]:
    """Milliseconds by who asks and how many at once: of everything, and of each kind of words."""
    from tests.bench import server

    found: dict[str, Any] = {"incidents": incidents, "megabytes": _megabytes(), "load_before": os.getloadavg()[0]}
    with server.desk() as desk:
        for name, cookie in cookies.items():
            _asked(desk.port, cookie, "words", 4)  # what each connection prepares is not what is measured
            for clients in CLIENTS:
                before, every = _cpu(desk), Answers()
                by_kind = {kind: _asked(desk.port, cookie, kind, clients) for kind in ASKED}
                for answers in by_kind.values():
                    every.add(answers)
                spent = {
                    who: round(1000 * (cpu - before[who]) / len(every.times), 1) for who, cpu in _cpu(desk).items()
                }
                found[f"{name}, {clients}"] = every.figures() | {
                    "cpu_ms_each": spent,
                    "by_kind": {kind: answers.figures() for kind, answers in by_kind.items()},
                }
    return found


def _cpu(desk: Desk) -> dict[str, float]:
    """Seconds so far: of the web server, and of the database's processes that serve this database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        served = [pid for (pid,) in cursor.fetchall()]
    return {"web": cpu_seconds(desk.memory["web"].process), "postgresql": sum(map(cpu_seconds, served))}


def _asked(port: int, cookie: str, kind: str, clients: int) -> Answers:
    headers = {"Cookie": f"sessionid={cookie}", "HX-Request": "true"}
    calls = [Call("GET", f"/search/?q={quote(text)}") for text in ASKED[kind]] * ROUNDS
    return measured(port, calls, clients, headers)


def _megabytes() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size('search_document') / 1000000")
        return int(cursor.fetchone()[0])


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else 500_000), indent=2) + "\n")
