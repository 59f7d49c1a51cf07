"""Uptime checks: Headroom looks itself, once in every step of an indicator, and records what it saw.

A look belongs to the minute in which it was claimed, so two workers never look twice, and a worker that
dies leaves a gap, not a wrong answer. A target that may not be asked counts for nothing.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext

from itsm.kernel.actors import Actor
from itsm.kernel.batches import batched
from itsm.kernel.errors import InvalidInput, NotPermitted
from itsm.notifications.hosts import ascii_host
from itsm.notifications.web_addresses import is_web_address
from slo.engine.prefix import Counts
from slo.engine.samples import epoch_minute
from slo.measuring.adapters import uptime
from slo.measuring.adapters.expected_statuses import statuses_of
from slo.measuring.models import Indicator, UptimeCheck
from slo.measuring.operations.pull_notes import note_pull
from slo.measuring.operations.samples import record_many

AT_ONCE = 16
MAX_A_TURN = 200

_GOOD, _BAD = Counts(0, 1000), Counts(1000, 1000)


def make_check(indicator: Indicator, wanted: Mapping[str, Any]) -> UptimeCheck:
    """What this new indicator looks at. InvalidInput where the target or the expectation makes no sense."""
    check = UptimeCheck(indicator=indicator, **wanted)
    wrong: dict[str, list[str]] = {}
    if check.way == UptimeCheck.Way.HTTP and not is_web_address(check.url):
        wrong["url"] = [gettext("an http or https address")]
    if check.way == UptimeCheck.Way.TCP and not (_is_host(check.host) and check.port):
        wrong["host"] = [gettext("a host and a port")]
    if check.must_contain and check.method == UptimeCheck.Method.HEAD:
        wrong["must_contain"] = [gettext("A HEAD request has no text that could be looked for.")]
    if not 1 <= check.timeout_seconds <= 30:
        wrong["timeout_seconds"] = [gettext("1 to 30 seconds")]
    try:
        statuses_of(check.expected_status)
    except ValueError as error:
        wrong["expected_status"] = [str(error)]
    if wrong:
        raise InvalidInput(gettext("This check cannot be made."), {"check": [f"{k}: {v[0]}" for k, v in wrong.items()]})
    check.save(force_insert=True)
    return check


def _is_host(text: str) -> bool:
    try:
        return bool(ascii_host(text.removeprefix("[").removesuffix("]")))
    except ValueError:
        return False


# Due is whoever was not looked at in this step of its own; whoever claims first, looks.
_CLAIM = """
UPDATE slo_uptimecheck c SET claimed_minute = %(minute)s
WHERE c.indicator_id IN (
  SELECT u.indicator_id FROM slo_uptimecheck u JOIN slo_indicator i ON i.id = u.indicator_id
  WHERE u.claimed_minute < %(minute)s - %(minute)s %% i.step_minutes
  ORDER BY u.claimed_minute, u.indicator_id LIMIT %(most)s FOR NO KEY UPDATE OF u SKIP LOCKED
)
RETURNING c.indicator_id
"""


def run_checks(*, actor: Actor, at: datetime) -> int:
    """Look at everything that is due in this minute. Returns how many looks were recorded. Safe to run at once.

    Raises NotPermitted for everybody but the system.
    """
    if not actor.is_system:
        raise NotPermitted(gettext("Only Headroom itself makes its checks."))
    minute, looks = epoch_minute(at), 0
    while claimed := _claimed(minute):
        looks += _look(claimed, minute, at)
    return looks


def _claimed(minute: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"minute": minute, "most": MAX_A_TURN})
        return [row[0] for row in cursor.fetchall()]


def _look(indicator_ids: Sequence[int], minute: int, at: datetime) -> int:
    checks = list(UptimeCheck.objects.filter(pk__in=indicator_ids).select_related("indicator").order_by("pk"))
    counted = 0
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="check") as threads:
        for some in batched(checks, AT_ONCE):
            outcomes = list(threads.map(uptime.run, [_as_asked(one) for one in some]))
            batches = {
                check.pk: {_place(check, minute): _GOOD if outcome.is_good else _BAD}
                for check, outcome in zip(some, outcomes, strict=True)
                if not outcome.is_refused
            }
            if batches:
                record_many(batches, at=at)
            for check, outcome in zip(some, outcomes, strict=True):
                _note(check, outcome, at)
            counted += len(batches)
    return counted


def _place(check: UptimeCheck, minute: int) -> int:
    step = check.indicator.step_minutes
    return minute - minute % step + step - 1


def _as_asked(check: UptimeCheck) -> uptime.HttpCheck | uptime.TcpCheck:
    if check.way == UptimeCheck.Way.TCP:
        return uptime.TcpCheck(check.host, check.port or 0, float(check.timeout_seconds))
    return uptime.HttpCheck(
        check.url,
        "HEAD" if check.method == UptimeCheck.Method.HEAD else "GET",
        check.expected_status,
        check.must_contain,
        check.most_ms or 0,
        float(check.timeout_seconds),
        authority=check.authority,
    )


def _note(check: UptimeCheck, outcome: uptime.Outcome, at: datetime) -> None:
    UptimeCheck.objects.filter(pk=check.pk).update(
        last_result=outcome.reason[:300], last_elapsed_ms=outcome.elapsed_ms, last_checked_at=at
    )
    note_pull(check.indicator, at=at, error=outcome.reason if outcome.is_refused else "")
