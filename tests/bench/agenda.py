"""The agenda of a board that is asked about much: its pages and its answer over REST, with eight members' votes.

`python -m tests.bench.agenda [ITEMS]` asks the gate about that many changes of forty services that cannot be seen, has
three of eight members vote about each of them, one against, and prints the figures as one JSON line. Milliseconds,
median and 95th percentile of 25 turns through the application without a web server around it.
"""

import json
import re
import sys
from datetime import timedelta
from typing import Any
from uuid import uuid4

import django

SERVICES = 40
_MEMBERS = 8


def run(items: int = 200) -> dict[str, Any]:
    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    # Without a web server nobody collected the static files under the names that they have there.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    from changes.boards.operations import agenda, keeping, meetings
    from changes.boards.queries.asks import open_of
    from itsm.accounts import operations as accounts
    from itsm.accounts.actors import actor_for
    from itsm.accounts.models import User
    from itsm.kernel import garbage
    from itsm.kernel.actors import Door
    from tests.bench import items as timing
    from tests.bench import world
    from tests.factories.changes import a_measured_service, ask

    now, (_token, manager) = timezone.now(), world.people()
    members = [
        accounts.add_user(actor=world.OPERATOR, username=f"bench-member-{n}", roles=["approver"])
        for n in range(_MEMBERS)
    ]
    seats = {one: "member" if n else "chair" for n, one in enumerate(members)}
    board = keeping.found_board(actor=actor_for(manager, Door.WEB), at=now, name="Bench board", seats=seats, quorum=3)
    asker = actor_for(User.objects.get(username="bench-builder"), Door.WEB)
    services = [a_measured_service("no_data", at=now, slug=f"agenda-{n}", tier=1) for n in range(SERVICES)]
    for n in range(items):
        ask(services[n % SERVICES], asker, at=now)
    asked = open_of(board)
    voters = [actor_for(one, Door.WEB) for one in members[:3]]
    for one in asked:
        for n, actor in enumerate(voters):
            said = ("decline", "Not on a Friday.") if n == 0 else ("approve", "")
            agenda.vote(one, actor=actor, vote=said[0], comment=said[1], vote_id=uuid4(), at=now)
    planned = meetings.plan_meeting(
        board, actor=voters[0], starts_at=now, ends_at=now + timedelta(hours=1), at=now - timedelta(minutes=1)
    )
    meetings.open_meeting(planned, actor=voters[0], at=now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client(raise_request_exception=True, SERVER_NAME="localhost", headers={"HX-Request": "true"})
    client.force_login(members[3], backend="itsm.accounts.backends.PeopleOnly")
    page, rest = planned.get_absolute_url(), f"/api/v1/meetings/{planned.pk}/agenda/"
    garbage.spare_what_is_loaded()  # as the web server does
    found: dict[str, Any] = {"items": len(client.get(rest).json()["items"])}
    mark = re.search(r"since=(\w+)", client.get(page).content.decode())[1]  # type: ignore[index]
    paths = {"meeting": page, "agenda_rest": rest, "board": board.get_absolute_url(), "live": f"{page}live/"}
    for what, path in paths.items():
        with CaptureQueriesContext(connection) as queries:
            found[f"{what}_kb"] = round(len(client.get(path).content) / 1000, 1)
        found[f"{what}_queries"] = len(queries)
        found |= timing._timed(what, lambda path=path: timing._get(client, path))  # type: ignore[misc]
    found |= timing._timed("live_unchanged", lambda: client.get(f"{page}live/?since={mark}"))
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(*map(int, sys.argv[1:]))) + "\n")
