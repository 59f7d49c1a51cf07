"""Suggestions over many incidents: how long an answer takes while somebody types, in this process.

    python -m tests.bench.search [incidents]

Titles are made of 4,000 words, a few of which stand in every tenth title, most in few; a fifth of the incidents are a
requester's own.
"""

import json
import sys
import time
from typing import Any

import django
from django.db import connection

_FILL = """
WITH known AS (SELECT array_agg(word ORDER BY place) AS words FROM (%(words)s) made)
INSERT INTO search_document
  (record_kind, record_id, reference, prefix, number, title, text, path, audience, about, is_thing, is_over)
SELECT 'incident', n, 'INC-' || lpad(n::text, 5, '0'), 'INC', n,
  array_to_string(ARRAY(SELECT words[1 + floor(4000 * power(random(), 3))::int] FROM generate_series(1, 6) WHERE n > 0), ' '),
  array_to_string(ARRAY(SELECT words[1 + floor(4000 * random())::int] FROM generate_series(1, 30) WHERE n > 0), ' '),
  '/incidents/INC-' || n || '/', ARRAY['staff', 'user:' || n %% 5000], ARRAY['service:' || n %% 200],
  false, random() < 0.95
FROM generate_series(1, %(count)s) n, known
"""
_WORDS = """
SELECT place, (ARRAY['check','pay','log','ship','print','sign','order','cart','mail','stock'])[place %% 10 + 1]
    || (ARRAY['out','ment','in','ing','er','al','book','flow','gate','room'])[place / 10 %% 10 + 1]
    || translate((place / 100)::text, '0123456789', 'abcdefghij') AS word
FROM generate_series(0, 3999) place
"""
ASKED = (
    "ch", "che", "check", "checkouta", "checkoutaa", "paymenta login", "chekcouta", "paymnetb", "stockroomjj",
    "42", "inc 4242", "zzzz", "o", "or", "ord sig", "printerc mailbooka cart",
)  # fmt: skip


def main(incidents: int) -> dict[str, Any]:
    from itsm.kernel.actors import Actor, Door, Kind, Role
    from itsm.search import finding, index

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE search_document, search_word")
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'search_document'")
        indexes = [row for row in cursor.fetchall() if "UNIQUE" not in row[1]]
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        cursor.execute(_FILL.replace("%(words)s", _WORDS), {"count": incidents})
        for _name, definition in indexes:
            cursor.execute(definition)
        cursor.execute(_WORDS.replace("%%", "%"))
        index.learn(index._words_of(word for _place, word in cursor.fetchall()))
        cursor.execute("VACUUM ANALYZE search_document, search_word")
        cursor.execute("SELECT pg_total_relation_size('search_document')")
        size = cursor.fetchone()[0]
    staff = Actor(1, "staff", Kind.HUMAN, frozenset({Role.AGENT}), via=Door.WEB)
    asker = Actor(7, "asker", Kind.HUMAN, frozenset({Role.REQUESTER}), via=Door.WEB)
    figures: dict[str, Any] = {"incidents": incidents, "megabytes": size // 1_000_000}
    for name, actor in (("staff", staff), ("requester", asker)):
        taken = sorted(_ms(lambda text=text, actor=actor: finding.find(actor, text, 8)) for text in ASKED * 12)
        slowest = {
            text: round(max(_ms(lambda text=text, actor=actor: finding.find(actor, text, 8)) for _ in range(3)), 1)
            for text in ASKED
        }
        figures[name] = {
            "p50_ms": round(taken[len(taken) // 2], 1),
            "p95_ms": round(taken[len(taken) * 95 // 100], 1),
            "worst_by_text_ms": dict(sorted(slowest.items(), key=lambda pair: -pair[1])[:5]),
        }
    return figures


def _ms(act: Any) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else 500_000), indent=2) + "\n")
