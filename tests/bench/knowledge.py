"""Answers while somebody types, over many articles: how long one takes, over the web server.

    python -m tests.bench.knowledge [articles]

Titles of six, symptoms of twelve, texts of 120 words out of 4,000, a few of which stand in every tenth text, most in few.
Seven of ten articles are for everybody, a quarter for who works here, the rest for one of 40 teams. `staff` and
`requester` ask with the words that they would type: whole ones, beginnings, misspellings, sentences; the rarest and
the most frequent.
"""

import json
import os
import sys
from typing import Any
from urllib.parse import quote

import django
from django.db import connection

from tests.bench.load import Answers, Call, measured

_WORD = """(ARRAY['check','pay','log','ship','print','sign','order','cart','mail','stock'])[place %% 10 + 1]
    || (ARRAY['out','ment','in','ing','er','al','book','flow','gate','room'])[place / 10 %% 10 + 1]
    || translate((place / 100)::text, '0123456789', 'abcdefghij')"""
_SOME = f"""(SELECT string_agg({_WORD}, ' ') FROM (
  SELECT floor(4000 * power(random(), {{power}}))::int AS place FROM generate_series(1, {{most}}) WHERE n > 0
) AS places)"""
_ARTICLES = """
INSERT INTO catalog_article (title, symptoms, audience, status, number, live, writers, owner_id, review_on, origin_kind, helpful, votes,
  uses, created_at, edited_at, published_at, version)
SELECT {title}, {symptoms},
  ARRAY[CASE WHEN n %% 20 < 14 THEN 'all' WHEN n %% 20 < 19 THEN 'staff' ELSE 'team:' || (1 + n %% 40) END],
  'published', 1, 1, '{{}}', %(person)s, current_date + (n %% 700 - 50)::int, '', n %% 7, n %% 11 + n %% 7, 0, now(), now(), now(), 1
FROM generate_series(1, %(count)s) n
"""
_VERSIONS = """
INSERT INTO catalog_articleversion (article_id, number, state, language, title, symptoms, body, audience, writers, written_at,
  published_by_id, published_at)
SELECT n, 1, 'published', 'english', title, symptoms, {body}, audience, '{{}}', now(), %(person)s, now()
FROM (SELECT id AS n, title, symptoms, audience FROM catalog_article) made
"""
_WORDS = """
INSERT INTO catalog_articleword (token, word, letters, uses)
SELECT token, word, (SELECT string_agg(letter, '' ORDER BY letter) FROM regexp_split_to_table(word, '') AS letter), count(*)
FROM catalog_articleversion, unnest(audience) AS token,
  LATERAL (SELECT DISTINCT word FROM regexp_split_to_table(title || ' ' || symptoms || ' ' || body, ' ') AS word) AS said
WHERE word <> '' GROUP BY token, word
"""
ASKED = {
    "words": ("checkouta", "paymenta login", "mailflow signingbc", "printerc mailbooka cart"),
    "frequent": ("checkout", "check", "pay", "login payment", "printing", "order"),
    "beginnings": ("che", "ord sig", "printerc o", "mailb"),
    "typos": ("chekcouta", "paymnetb", "pritnerc mailbokoa", "stockroomjj", "zzzzqq"),
    "sentences": (
        "the printing of my orders does not work",
        "I cannot log in to checkout since payment",
        "mail room gate",
    ),
}
CLIENTS = (1, 4)
ROUNDS = 12


def main(articles: int) -> dict[str, Any]:
    """Milliseconds by who asks and how many at once: of everything, and of each kind of words."""
    from tests.bench import server

    cookies = fill(articles)
    found: dict[str, Any] = {"articles": articles, "megabytes": _megabytes(), "load_before": os.getloadavg()[0]}
    with server.desk() as desk:
        for name, cookie in cookies.items():
            _asked(desk.port, cookie, "words", 4)  # what each connection prepares is not what is measured
            for clients in CLIENTS:
                every = Answers()
                by_kind = {kind: _asked(desk.port, cookie, kind, clients) for kind in ASKED}
                for answers in by_kind.values():
                    every.add(answers)
                kinds = {kind: answers.figures() for kind, answers in by_kind.items()}
                found[f"{name}, {clients}"] = every.figures() | {"by_kind": kinds}
    return found


def fill(articles: int) -> dict[str, str]:
    """So many live articles instead of what stands there. Returns the session of each who asks, by name."""
    from itsm.accounts import operations as accounts
    from itsm.accounts.models import User
    from tests.bench import world

    found = {}
    for name, role in (("staff", "agent"), ("requester", "requester")):
        login = f"bench-knowledge-{name}"
        user = User.objects.filter(username=login).first()
        found[name] = user or accounts.add_user(actor=world.OPERATOR, username=login, roles=[role])
    texts = {name: _SOME.format(power=power, most=most) for name, power, most in _TEXTS}
    given = {"count": articles, "person": found["staff"].pk}
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")  # filling is no request
        cursor.execute(
            "TRUNCATE catalog_article, catalog_articleversion, catalog_articlevote, catalog_articleuse, catalog_articleword"
        )
        for statement in (_ARTICLES, _VERSIONS):
            cursor.execute(statement.format(**texts), given)
        cursor.execute(_WORDS)
        cursor.execute("VACUUM ANALYZE catalog_article, catalog_articleversion, catalog_articleword")
        cursor.execute("RESET statement_timeout")
    return {name: world.cookie_of(user) for name, user in found.items()}


_TEXTS = (("title", 2, 6), ("symptoms", 2, 12), ("body", 3, 120))


def _asked(port: int, cookie: str, kind: str, clients: int) -> Answers:
    headers = {"Cookie": f"sessionid={cookie}"}
    calls = [Call("GET", f"/api/v1/articles/suggest/?q={quote(text)}") for text in ASKED[kind]] * ROUNDS
    return measured(port, calls, clients, headers)


def _megabytes() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size('catalog_articleversion') / 1000000")
        return int(cursor.fetchone()[0])


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000), indent=2) + "\n")
