"""What one change cost: of a service with four objectives and a change every five minutes, thousands of past ones.

`python -m tests.bench.ledger [CHANGES]` fills them and prints milliseconds as one JSON line, each the median of seven:
of reckoning every day of one change anew, of what follows from it, of the answer over REST and of the part of its page.
"""

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django
from django.db import connection

from tests.bench.dora import _cpu_ms, _good, _ms

_OBJECTIVES, _DAYS = 4, 2


def run(count: int = 20_000) -> dict[str, Any]:
    django.setup()
    from django.test import Client
    from django.utils import timezone
    from rest_framework.test import APIClient

    from catalog.models import Service
    from changes.ledger.models import Debit, LedgerDay
    from changes.ledger.operations import following, reckoning
    from changes.models import Change
    from slo.engine.samples import Sample
    from slo.measuring import operations as measuring
    from slo.objectives import operations as objectives
    from tests.bench import world
    from tests.factories.slo import MEASURER, an_indicator, an_objective

    token, manager = world.people()
    service = Service.objects.get(slug=world.services(1)[0])
    world.changes(count)
    now = timezone.now().replace(second=0, microsecond=0)
    for number in range(_OBJECTIVES):
        indicator = an_indicator(slug=f"ledger-{number}")
        objective = an_objective(now, service=service, indicator=indicator, slug=f"ledger-{number}", window_days=7)
        minutes = range(_DAYS * 1440, 0, -1)
        samples = [Sample(now - timedelta(minutes=back), 999 if back % 3 else 900, 1000) for back in minutes]
        measuring.record_samples(indicator, samples, actor=MEASURER, at=now)
        objectives.evaluate(at=now, objectives=[objective.pk])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    ran = Change.objects.filter(service=service, status="closed", started_at__lt=now - timedelta(hours=2))
    change = ran.order_by("-started_at")[0]

    def anew() -> set[int]:
        LedgerDay.objects.update(seen_revision=-1)
        return reckoning.reckon(change, at=now)

    anew()
    following.note_cost(change, now)
    api = APIClient(HTTP_HOST="127.0.0.1")
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    web = Client(HTTP_HOST="127.0.0.1", headers={"hx-request": "true"})
    web.force_login(manager)
    measured: dict[str, Callable[[], object]] = {
        "reckoned_anew": anew,
        "followed": lambda: following.note_cost(change, now),
        "rest": lambda: _good(api.get(f"/api/v1/changes/{change.reference}/cost/")),
        "part_of_page": lambda: _good(web.get(f"/changes/{change.reference}/cost/")),
    }
    return {
        "changes": count,
        "debits": Debit.objects.count(),
        **{f"ms_{name}": _ms(do) for name, do in measured.items()},
        "cpu_ms_reckoned_anew": _cpu_ms(anew),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(*map(int, sys.argv[1:]))) + "\n")
