"""A war room at size: how long it takes to be told what is new, and to be drawn.

`python -m tests.bench.majors [ENTRIES]` fills one room with so many notes and as many entries of history, forty tasks and moments, and prints the
figures as one JSON line: milliseconds, median and 95th percentile of 25 turns through the application without a web server around it.
"""

import json
import re
import sys
from typing import Any

import django


def run(entries: int = 500) -> dict[str, Any]:
    django.setup()
    from django.conf import settings
    from django.test import Client
    from django.utils import timezone

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    from incidents.incident import operations as incidents
    from incidents.major import operations
    from itsm.accounts import operations as accounts
    from itsm.accounts.actors import actor_for
    from itsm.accounts.models import User
    from itsm.kernel import garbage
    from itsm.kernel.actors import Door
    from tests.bench import world
    from tests.bench.items import _get, _timed

    login = "bench-majors"
    user = User.objects.filter(username=login).first() or accounts.add_user(
        actor=world.OPERATOR, username=login, roles=["manager", "agent"]
    )
    incident = incidents.open_incident(actor=world.OPERATOR, title="Bench", priority=3)
    found = operations.propose_incident(incident, actor=world.OPERATOR, reason="Bench")
    room = operations.accept(found, actor=world.OPERATOR, severity=2, commander=login, at=timezone.now())
    mine = actor_for(user, Door.COMMAND)
    for number in range(entries):
        incidents.note(incident, actor=mine, text=f"Bench note {number}: the pool of connections is empty")
        room = operations.edit(room, actor=mine, version=room.version, impact=f"Bench {number}")
    for number in range(40):
        operations.add_task(room, actor=mine, title=f"Bench task {number}")
        operations.add_moment(room, actor=mine, text=f"Bench {number}", at=timezone.now(), now=timezone.now())
    client = Client(raise_request_exception=True, SERVER_NAME="localhost")
    client.force_login(user, backend="itsm.accounts.backends.PeopleOnly")
    page, api = room.get_absolute_url(), f"/api/v1/majors/{room.reference}/"
    drawn = client.get(page).content.decode()
    stamped = re.search(r"live/\?stamp=([0-9a-f]+)&amp;since=([0-9a-f]+)", drawn)
    assert stamped is not None, "the page says how it asks again"
    still = f"{page}live/?stamp={stamped[1]}&since={stamped[2]}"
    after = client.get(f"{api}timeline/").json()["after"]
    garbage.spare_what_is_loaded()  # as the web server does
    return {
        "entries": entries,
        "lines": drawn.count("data-entry="),
        "limit_ms": 80,
        **_timed("refresh_still", lambda: client.get(still)),
        **_timed("refresh_moved", lambda: _get(client, f"{page}live/?stamp=x")),
        **_timed("timeline_rest", lambda: _get(client, f"{api}timeline/?after={after}")),
        **_timed("room", lambda: _get(client, page)),
    }


if __name__ == "__main__":
    print(json.dumps(run(*map(int, sys.argv[1:]))))
