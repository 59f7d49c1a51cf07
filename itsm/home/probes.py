"""Is it alive, is it ready, how is it doing: /livez, /readyz, /metrics; and /healthz/ for operators who are signed in.

Ready means: the database answers and has this code's migrations. A missing broker, or a worker or lane whose
sweeps do not finish, is "degraded", not unready: pages and decisions work without them. Answers are kept for a second,
and given again before Django is asked (`itsm.home.answered_first`).
"""

import time
from collections.abc import Callable
from functools import cache
from typing import Any

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from prometheus_client import CONTENT_TYPE_LATEST

from itsm import env, replica
from itsm.accounts.actors import actor_permitted
from itsm.accounts.models import AddressClass
from itsm.accounts.tokens import address_class
from itsm.api.proxies import client_address
from itsm.clocks import heartbeat
from itsm.continuity.permissions import readers
from itsm.continuity.queries import standing
from itsm.home.measures import exposition
from itsm.notifications import quarantine

_KEPT_SECONDS = 1.0
_kept: dict[str, tuple[float, Any]] = {}


def livez(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "alive"})


def readyz(request: HttpRequest) -> HttpResponse:
    state = _for_a_moment("readyz", _readiness)
    return JsonResponse(state, status=503 if state["status"] == "unready" else 200)


@login_required
def healthz(request: HttpRequest) -> HttpResponse:
    """For operators who are signed in: what readiness says, and what they should know beside it."""
    actor_permitted(request, readers, _("%(actor_name)s may not see how this desk is run."))
    now = timezone.now()
    stands = standing(now)
    behind = replica.age()
    more = {
        "node": env.node(),
        "pooled": settings.POOLED,
        "replica": {"seconds_behind": behind, "read": replica.is_fresh()}
        if replica.ALIAS in connections.settings
        else None,
        "last_backup": stands.backup and stands.backup.of_at,
        "last_verified_restore": stands.drill and stands.drill.ended_at,
        "warnings": [one.text for one in stands.warnings],
    }
    return JsonResponse({**_for_a_moment("readyz", _readiness), **more})


def metrics(request: HttpRequest) -> HttpResponse:
    """For whoever brings HEADROOM_METRICS_TOKEN; where none is set, for this machine and private networks."""
    if not _may_measure(request):
        return HttpResponse("Metrics are for who measures: send Authorization: Bearer …\n", "text/plain", status=403)
    return HttpResponse(_for_a_moment("metrics", exposition), content_type=CONTENT_TYPE_LATEST)


def _may_measure(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        return constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}")
    return address_class(client_address(request)) != AddressClass.INTERNET


def _for_a_moment(name: str, work: Callable[[], Any]) -> Any:
    now = time.monotonic()
    kept = _kept.get(name)
    if kept is None or now - kept[0] > _KEPT_SECONDS:
        kept = _kept[name] = (now, work())
    return kept[1]


def _readiness() -> dict[str, Any]:
    checks = {"database": _database(), "broker": _broker()}
    if checks["database"] != "ok":
        return {"status": "unready", **checks}
    checks["worker"] = _worker()
    lanes = {name: _alive(silent) for name, silent in heartbeat.ages().items()}
    well = {checks["broker"], checks["worker"], *lanes.values()} == {"ok"}
    return {"status": "ready" if well else "degraded", **checks, "lanes": lanes, **_outgoing()}


def _worker() -> str:
    """By the work that was finished last; a ping would be answered by a worker that consumes nothing."""
    return _alive(heartbeat.age())


def _alive(silent: float | None) -> str:
    if silent is None:
        return "no sweep yet"
    return "ok" if silent <= heartbeat.HEALTHY else f"no sweep finished for {silent:.0f} s"


def _outgoing() -> dict[str, str]:
    held = quarantine.since()
    return {"outgoing": f"held since {held.isoformat(timespec='seconds')}"} if held else {}


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return "ok" if _migrated() else "migrations are missing"
    except DatabaseError:
        return "no answer"


@cache
def _known_good() -> dict[str, bool]:
    return {}


def _migrated() -> bool:
    """True once seen true: migrations do not vanish under a running server."""
    if not _known_good().get("migrated"):
        executor = MigrationExecutor(connection)
        _known_good()["migrated"] = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _known_good()["migrated"]


@cache
def _client() -> "redis.Redis":
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.3, socket_connect_timeout=0.3)


def _broker() -> str:
    try:
        _client().ping()
    except (redis.RedisError, OSError):
        return "no answer"
    return "ok"
