"""The portal of somebody who only asks, over many requests, items and articles: its first page, and answers as one types.

    python -m tests.bench.portal [requests [articles]]

5,000 people asked; a fiftieth of what was asked for is open. 500 items, of which a fifth is for teams; 20,000 articles
as `knowledge` makes them. Who asks has asked forty times.
"""

import json
import os
import sys
from typing import Any
from urllib.parse import quote

import django
from django.db import connection

from tests.bench import knowledge
from tests.bench.load import Answers, Call, measured

ITEMS, ARTICLES, PEOPLE = 500, 20_000, 5_000
ROUNDS = 60
CLIENTS = (1, 4)
ASKED = (
    "laptop", "new laptop for a starter", "my laptop gets hot", "checkout", "paymnetb", "the printing of my orders does not work",
    "access to a folder", "mail", "firewall port", "zzzzqq",
)  # fmt: skip
_ITEMS = """
WITH made AS (
  INSERT INTO catalog_catalogitem (slug, name, summary, category, keywords, team_id, owner_id, status, number, live, writers, needs_second,
    entitled, version, created_at, edited_at, published_at)
  SELECT 'item-' || n, (ARRAY['Laptop', 'Access to a folder', 'Firewall port', 'Phone', 'Mailbox'])[1 + n %% 5] || ' ' || n,
    'What people ask for, number ' || n, (ARRAY['Devices', 'Access', 'Network'])[1 + n %% 3],
    ARRAY[(ARRAY['notebook', 'share', 'rule', 'mobile', 'letters'])[1 + n %% 5]], %(team)s, %(person)s, 'published', 1, 1, '{}', false,
    CASE WHEN n %% 5 <> 0 THEN '{}' ELSE ARRAY['team:' || (1 + n %% 40)] END::varchar[], 1, now(), now(), now()
  FROM generate_series(1, %(items)s) n RETURNING id, name, summary, category, keywords
)
INSERT INTO catalog_catalogitemversion (item_id, number, state, name, summary, description, category, keywords, form, approval, fulfilment,
  bundle, price_minor, currency, price_period, asks_cost_centre, hash, writers, written_at, published_by_id, published_at)
SELECT id, 1, 'published', name, summary, '', category, keywords, '{"sections": []}', '{"steps": []}', '{"tasks": []}', '{}', 0, '', 'once',
  false, repeat('0', 64), '{}', now(), %(person)s, now() FROM made
"""
_ENTITLED = """
INSERT INTO catalog_entitlement (item_id, token, allow)
SELECT id, entitled[1], true FROM catalog_catalogitem WHERE entitled <> '{}'
"""
_REQUESTS = """
INSERT INTO catalog_request (by_id, requested_for_id, title, teams, status, outcome, cost_centre, reason, submitted_at, closed_at, next_due,
  version)
SELECT person, person, 'Something that was asked for ' || n, ARRAY[%(team)s::bigint], CASE WHEN n %% 50 = 0 THEN 'fulfilling' ELSE 'done' END,
  CASE WHEN n %% 50 = 0 THEN '' ELSE 'complete' END, '', '', now() - n * interval '3 minutes',
  CASE WHEN n %% 50 = 0 THEN NULL ELSE now() - n * interval '2 minutes' END, '9999-12-31Z', 1
FROM (SELECT n, (%(people_ids)s)[1 + n %% array_length(%(people_ids)s, 1)] AS person FROM generate_series(1, %(count)s) n) asked
"""
_PARTS = """
INSERT INTO catalog_requestitem (request_id, position, item_id, item_version, name, team_id, quantity, answers, currency, status, content_hash,
  since, approved_at, ended_at, question, delivered, reason, version)
SELECT id, 1, (SELECT min(id) FROM catalog_catalogitem), 1, title, %(team)s, 1, '{}', '', status, repeat('0', 64), submitted_at, submitted_at, closed_at,
  '', '', '', 1 FROM catalog_request
"""


def main(requests: int, articles: int = ARTICLES) -> dict[str, Any]:
    """Milliseconds of the first page and of answers, by how many ask at once."""
    from tests.bench import server

    cookie = fill(requests, articles)
    headers = {"Cookie": f"sessionid={cookie}"}
    found: dict[str, Any] = {
        "requests": requests,
        "items": ITEMS,
        "articles": articles,
        "load_before": os.getloadavg()[0],
    }
    pages = {
        "home": ["/portal/"], "mine": ["/portal/mine/"], "over": ["/portal/mine/?tab=over"], "status": ["/portal/status/"],
        "suggest": [f"/api/v1/portal/suggest/?q={quote(text)}" for text in ASKED],
    }  # fmt: skip
    with server.desk() as desk:
        for name, paths in pages.items():
            calls = [Call("GET", path) for path in paths] * (ROUNDS // len(paths))
            measured(desk.port, calls[:8], 1, headers)  # what each connection prepares is not what is measured
            for clients in CLIENTS:
                answers: Answers = measured(desk.port, calls, clients, headers)
                found[f"{name}, {clients}"] = answers.figures()
    return found


def fill(requests: int, articles: int) -> str:
    """What stands there, and the session of who asks."""
    from catalog.models import Request
    from itsm.accounts import operations as accounts
    from itsm.accounts.models import User
    from tests.bench import world

    knowledge.fill(articles)
    team = accounts.add_team(actor=world.OPERATOR, slug="bench-portal", name="Bench")
    keeper = accounts.add_user(actor=world.OPERATOR, username="bench-portal-keeper", roles=["owner"])
    people = [accounts.add_user(actor=world.OPERATOR, username="bench-portal-asks", roles=["requester"])]
    people += User.objects.bulk_create(
        [User(username=f"asks-{number}", roles=["requester"]) for number in range(PEOPLE - 1)], batch_size=1000
    )
    given = {
        "team": team.pk,
        "person": keeper.pk,
        "items": ITEMS,
        "count": requests,
        "people_ids": [one.pk for one in people],
    }
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")  # filling is no request
        for statement in (_ITEMS, _ENTITLED, _REQUESTS, _PARTS):
            cursor.execute(statement, given)
        cursor.execute("ANALYZE")
        cursor.execute("RESET statement_timeout")
    assert Request.objects.filter(by=people[0]).exists()
    return world.cookie_of(people[0])


if __name__ == "__main__":
    django.setup()
    sizes = [int(word) for word in sys.argv[1:3]] or [200_000]
    sys.stdout.write(json.dumps(main(*sizes), indent=2) + "\n")
