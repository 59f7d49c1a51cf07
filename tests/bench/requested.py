"""Requests at size: asking, the queue, a record, one's own, what reports say.

`python -m tests.bench.requested [REQUESTS [ITEMS]]` fills them and prints the figures as one JSON line. Nine of ten are
done, one in forty waits for approval. Milliseconds, median and 95th percentile of 25 turns through the application
without a web server around it; asking is measured for an item with an approval and five questions, and for one that is
fulfilled at once by four tasks.
"""

import json
import sys
from itertools import count
from typing import Any

import django
from django.db import connection

_REQUESTS = """
INSERT INTO catalog_request (by_id, requested_for_id, title, teams, status, outcome, cost_centre, reason, submitted_at,
  approved_at, closed_at, next_due, version)
SELECT who, who, 'Bench item ' || 1 + n %% %(items)s, ARRAY[%(team)s]::bigint[],
  CASE WHEN n %% 10 > 0 THEN 'done' WHEN n %% 40 = 0 THEN 'approving' ELSE 'fulfilling' END,
  CASE WHEN n %% 10 > 0 THEN 'complete' ELSE '' END, '', '', at,
  CASE WHEN n %% 40 > 0 THEN at + interval '3 hours' END, CASE WHEN n %% 10 > 0 THEN at + interval '1 day' END,
  CASE WHEN n %% 10 > 0 OR n %% 40 = 0 THEN '9999-12-31' ELSE at + interval '19 hours' END, 1
FROM (SELECT n, (%(people)s::bigint[])[1 + n %% cardinality(%(people)s::bigint[])] AS who,
        now() - n %% 525600 * interval '1 minute' AS at FROM generate_series(1, %(requests)s) n) one
"""
_REQUESTED = """
INSERT INTO catalog_requestitem (request_id, position, item_id, item_version, name, team_id, quantity, answers, price_minor,
  currency, status, question, reason, delivered, content_hash, approved_at, since, ended_at, version)
SELECT r.id, 1, (%(ids)s::bigint[])[1 + r.id %% %(items)s], 1, r.title, %(team)s, 1, '{"why": "Mine is broken"}', 129900, 'EUR',
  r.status, '', '', '', repeat('0', 64), r.approved_at, r.submitted_at, r.closed_at, 1
FROM catalog_request r
"""
_FORM = {
    "sections": [
        {
            "key": "about",
            "title": "About it",
            "questions": [
                {"key": "why", "label": "Why?", "type": "text", "required": True},
                *({"key": f"more{n}", "label": f"More {n}", "type": "text"} for n in range(4)),
            ],
        }
    ]
}
_MANAGER = {"steps": [{"when": None, "rule": "all", "parts": [{"who": "manager", "value": "", "quorum": "any"}]}]}
_TASKS = {"tasks": [{"key": f"t{n}", "title": f"Task {n}", "after": [f"t{n - 1}"] if n else []} for n in range(4)]}
_PEOPLE = 2_000


def run(requests: int = 200_000, items: int = 500) -> dict[str, Any]:
    """Milliseconds, by what was asked."""
    django.setup()
    from django.conf import settings
    from django.test import Client

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    from catalog.models import Request
    from itsm.accounts import operations as accounts
    from itsm.accounts.models import Team, User
    from itsm.kernel import garbage
    from tests.bench import world
    from tests.bench.items import _get, _timed

    team = Team.objects.get_or_create(slug="bench-fulfils", defaults={"name": "Bench fulfils", "takes_work": True})[0]
    boss, agent = (
        User.objects.filter(username=f"bench-{role}").first()
        or accounts.add_user(actor=world.OPERATOR, username=f"bench-{role}", roles=[role])
        for role in ("manager", "agent")
    )
    team.members.add(agent)
    people = [
        User(username=f"bench-asks-{n}", name=f"Asks {n}", roles=["requester"], manager=boss, password="!")
        for n in range(_PEOPLE)
    ]
    people = User.objects.bulk_create(people)
    _filled(requests, items, team.pk, boss.pk, [one.pk for one in people])
    asker, desk = (Client(raise_request_exception=True, SERVER_NAME="localhost") for _one in range(2))
    # Who asked is drawn by lot: in a small run not everybody did.
    who_asked = User.objects.get(pk=Request.objects.order_by("-pk").values_list("by_id", flat=True)[0])
    for client, user in ((asker, who_asked), (desk, agent)):
        client.force_login(user, backend="itsm.accounts.backends.PeopleOnly")
    token = accounts.issue_token(people[1], actor=world.OPERATOR, name="bench", allowed=None)[1]
    numbers, bearer = count(1), {"HTTP_AUTHORIZATION": f"Bearer {token}"}

    def ask(kind: int) -> None:
        """Items with an odd number need the manager, the others go at once."""
        number = 1 + (2 * next(numbers) + kind) % items // 2 * 2 + kind
        body = {"items": [{"item": f"bench-item-{number}", "answers": {"why": "Mine is broken", "more1": "x"}}]}
        answer = Client(SERVER_NAME="localhost").post(
            "/api/v1/requests/", json.dumps(body), content_type="application/json", **bearer
        )
        assert answer.status_code == 201, answer.content

    mine = Request.objects.filter(by=who_asked).order_by("-pk")[0].get_absolute_url()
    working = Request.objects.filter(status="fulfilling").order_by("-pk")[0].get_absolute_url()
    rows_shown = desk.get("/requests/").content.count(b"<tr data-row>")
    garbage.spare_what_is_loaded()  # as the web server does
    return {
        "requests": requests,
        "catalog_items": items,
        "rows_of_a_page": rows_shown,
        **_timed("submit_with_approval", lambda: ask(0)),
        **_timed("submit_at_once", lambda: ask(1)),
        **_timed("queue", lambda: _get(desk, "/requests/")),
        **_timed("all_open", lambda: _get(desk, "/requests/?tab=open")),
        **_timed("over", lambda: _get(desk, "/requests/?tab=over")),
        **_timed("record", lambda: _get(desk, working)),
        **_timed("my_requests", lambda: _get(asker, "/requests/")),
        **_timed("my_request", lambda: _get(asker, mine)),
        **_timed("list_rest", lambda: _get(desk, "/api/v1/requests/")),
        **_timed("report_30_days", lambda: _get(desk, "/api/v1/requests/report/?days=30")),
    }


def _filled(requests: int, items: int, team: int, owner: int, people: list[int]) -> None:
    ids = _offered(items, team, owner)
    said: dict[str, Any] = {"team": team, "items": items, "requests": requests, "people": people}
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(_REQUESTS, said)
        cursor.execute(_REQUESTED, {**said, "ids": ids})
        cursor.execute("ANALYZE")


def _offered(items: int, team: int, owner: int) -> list[int]:
    """Published items: by turns with an approval and no task, and with four tasks at once."""
    from django.utils import timezone

    from catalog.models import CatalogItem, CatalogItemVersion

    now = timezone.now()
    live: dict[str, Any] = {"status": "published", "number": 1, "live": 1, "edited_at": now, "published_at": now}
    made = CatalogItem.objects.bulk_create(
        CatalogItem(slug=f"bench-item-{n}", name=f"Bench item {n}", team_id=team, owner_id=owner, **live)
        for n in range(1, items + 1)
    )
    plans: list[dict[str, Any]] = [{"approval": _MANAGER}, {"fulfilment": _TASKS}]
    CatalogItemVersion.objects.bulk_create(
        CatalogItemVersion(
            item=one, number=1, state="published", name=one.name, expected_hours=16, form=_FORM, price_minor=129_900,
            currency="EUR", hash="0" * 64, written_at=now, published_by_id=owner, published_at=now, **plans[n % 2],
        )
        for n, one in enumerate(made)
    )  # fmt: skip
    return [one.pk for one in made]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(*map(int, sys.argv[1:]))) + "\n")
