"""The calendar of changes beside a long past: the month's page, what is in a change's way, and where it would fit.

`python -m tests.bench.change_calendar [CHANGES OCCURRENCES OBJECTIVES ITEMS]` fills a database with that many changes (one
in a hundred open, within 200 days of today), times of windows, objectives and items, and prints the figures as one JSON
line. Milliseconds, median and 95th percentile of 25 turns through the application without a web server around it.
"""

import json
import os
import sys
from datetime import timedelta
from typing import Any

import django
from django.db import connection

SERVICES = 100
_DAYS = 400  # a window's times, one a day
_PLANNED = """
UPDATE changes_change SET window_start = %(now)s + (id * 7919 %% 9600 - 4800) * interval '1 hour',
  window_end = %(now)s + (id * 7919 %% 9600 - 4800 + 1 + id %% 4) * interval '1 hour'
WHERE NOT status IN ('closed', 'cancelled', 'running')
"""


def run(
    changes: int = 1_000_000, occurrences: int = 10_000, objectives: int = 5_000, items: int = 10_000
) -> dict[str, Any]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itsm.settings")
    django.setup()
    from django.conf import settings
    from django.test import Client
    from django.utils import timezone

    # Without a web server nobody collected the static files under the names that they have there.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    from changes.models import CalendarOccurrence, Change
    from itsm.kernel import garbage
    from slo.models import Objective
    from tests.bench import items as timing
    from tests.bench import world

    _token, manager = world.people()
    world.services(min(SERVICES, max(2, changes // 100)))
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(timing._ITEMS, {"items": items})
        _objectives(cursor, objectives)
    _windows(manager, occurrences, now)
    world.changes(changes)
    with connection.cursor() as cursor:
        cursor.execute(_PLANNED, {"now": now})
        cursor.execute("VACUUM ANALYZE changes_change")
        cursor.execute("SELECT array(SELECT id FROM catalog_ci ORDER BY id DESC LIMIT 5)")
        (some,) = cursor.fetchone()
    soon = Change.objects.filter(status="scheduled", window_start__gt=now).order_by("window_start")[0]
    Change.objects.filter(pk=soon.pk).update(items=some)
    client = Client(raise_request_exception=True, SERVER_NAME="localhost")
    client.force_login(manager, backend="itsm.accounts.backends.PeopleOnly")
    garbage.spare_what_is_loaded()  # as the web server does
    record = f"/api/v1/changes/{soon.reference}"
    ahead = now.date() + timedelta(days=1)
    found = {
        "changes": Change.objects.count(),
        "occurrences": CalendarOccurrence.objects.count(),
        "objectives": Objective.objects.count(),
        "items": items,
        "conflicts": len(client.get(f"{record}/conflicts/").json()["conflicts"]),
        "slots": len(client.get(f"{record}/slots/?duration=60").json()["slots"]),
        "month_kb": round(len(client.get(f"/changes/calendar/month/?on={ahead}").content) / 1000, 1),
    }
    paths = {
        "month": f"/changes/calendar/month/?on={ahead}",
        "week": f"/changes/calendar/week/?on={ahead}",
        "lanes": f"/changes/calendar/lanes/?on={ahead}",
        "conflicts": f"{record}/conflicts/",
        "slots": f"{record}/slots/?duration=60",
    }
    for what, path in paths.items():
        found |= timing._timed(what, lambda path=path: timing._get(client, path))  # type: ignore[misc]
    return found


def _windows(manager: Any, occurrences: int, now: Any) -> None:
    """Every kind that recurs, each day at its own hour, of a service in two, and of a tier in ten."""
    from catalog.models import Service
    from changes.calendar.operations import windows
    from itsm.accounts.actors import actor_for
    from itsm.kernel.actors import Door

    services, actor = list(Service.objects.order_by("id")), actor_for(manager, Door.WEB)
    for n in range(max(1, occurrences // _DAYS)):
        starts = now.replace(microsecond=0, second=0, minute=0) + timedelta(hours=1 + n % 20)
        windows.add_window(
            actor=actor, window_type=("maintenance", "blackout", "freeze")[n % 3], name=f"Window {n}", reason="Bench",
            starts_at=starts, ends_at=starts + timedelta(hours=1), rrule="FREQ=DAILY", zone="UTC", at=now,
            services=[services[n % len(services)]] if n % 2 else [], tiers=[4] if n % 10 == 0 else [],
        )  # fmt: skip


def _objectives(cursor: Any, wanted: int) -> None:
    """As many again as are asked for, after the pattern of the first."""
    from slo.models import Objective

    columns = [field.column for field in Objective._meta.concrete_fields if not field.primary_key]
    said = ", ".join("o.slug || '-' || n" if name == "slug" else f"o.{name}" for name in columns)
    cursor.execute(
        f"INSERT INTO slo_objective ({', '.join(columns)}) SELECT {said} FROM generate_series(1, %(wanted)s) n"
        " CROSS JOIN (SELECT * FROM slo_objective ORDER BY id LIMIT 1) o",
        {"wanted": max(0, wanted - Objective.objects.count())},
    )


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(*map(int, sys.argv[1:]))) + "\n")
