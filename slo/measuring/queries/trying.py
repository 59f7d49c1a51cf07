"""What queries and checks give now, before anything is kept: the newest value, and how far back there are any."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from itsm.notifications.addresses import OutgoingRefused, permitted_addresses
from itsm.notifications.outgoing import OutgoingFailed
from itsm.notifications.targets import target_of
from slo.engine.samples import epoch_minute, instant_of
from slo.engine.windows import MINUTES_PER_DAY
from slo.measuring.adapters import uptime
from slo.measuring.adapters.prometheus import Fetched, Server, Unusable, range_query
from slo.measuring.models import Indicator, UptimeCheck

RECENT_MINUTES = 10
_HOUR = 60


@dataclass(frozen=True, slots=True)
class Tried:
    """One query or check. `error` says why there is no value; `since`: the oldest hour of the window with a value."""

    label: str
    query: str
    error: str = ""
    value: Decimal | None = None
    at: datetime | None = None
    since: datetime | None = None
    days: int = 0
    window_days: int = 0

    @property
    def shown(self) -> str:
        """The value with at most three decimals."""
        return "" if self.value is None else f"{round(self.value, 3).normalize():,f}"

    @property
    def reaches_whole(self) -> bool:
        """Up to an hour's difference: that is how fine the past was looked at."""
        return self.days >= self.window_days


def tried_queries(
    server: Server, queries: Mapping[str, str], at: datetime, *, window_days: int, counter: bool = False, lag: int = 0
) -> list[Tried]:
    """`queries`: label -> PromQL. Asks twice for each: the last minutes, and the window by the hour. Never raises.

    Where nobody answers, what comes after is not asked.
    """
    end, found = epoch_minute(at) - lag, []
    for label, query in queries.items():
        try:
            found.append(_tried(server, label, query, end, window_days, counter))
        except (OutgoingFailed, OutgoingRefused) as error:
            return [*found, Tried(label, query, str(error))]
    return found


def _tried(server: Server, label: str, query: str, end: int, window_days: int, counter: bool) -> Tried:
    try:
        recent = range_query(server, query, end - RECENT_MINUTES, end, counter=counter)
        first = end - window_days * MINUTES_PER_DAY
        # By the hour; a counter's growth is asked for over the same minute as later.
        past = range_query(server, query, first - first % _HOUR, end, step_minutes=_HOUR, counter=counter)
    except Unusable as error:
        return Tried(label, query, str(error))
    return _answered(label, query, recent, past, end, window_days)


def _answered(label: str, query: str, recent: Fetched, past: Fetched, end: int, window_days: int) -> Tried:
    minutes = sorted({*past.values, *recent.values})
    if not minutes:
        return Tried(label, query, _("It is understood, but gave nothing, neither now nor in the window."))
    oldest, newest = minutes[0], max(recent.values, default=None)
    days = -(-(end - oldest) // MINUTES_PER_DAY)
    return Tried(
        label, query,
        error=_("It gave nothing in the last ten minutes.") if newest is None else recent.lacks,
        value=None if newest is None else recent.values[newest],
        at=None if newest is None else instant_of(newest),
        since=instant_of(oldest), days=min(days, window_days), window_days=window_days,
    )  # fmt: skip


def tried_check(check: uptime.HttpCheck | uptime.TcpCheck) -> Tried:
    """One look, as it will be made each minute."""
    outcome = uptime.run(check)
    shown = check.url if isinstance(check, uptime.HttpCheck) else f"{check.host}:{check.port}"
    return Tried(_("The check"), shown, outcome.reason, Decimal(outcome.elapsed_ms))


def address_of(indicator: Indicator) -> str:
    """What is asked for it; "" where measurements are sent."""
    if indicator.data_source is not None:
        return indicator.data_source.url
    check = getattr(indicator, "check_made", None)
    if check is None:
        return ""
    return check.url if check.way == UptimeCheck.Way.HTTP else f"http://{check.host}:{check.port}"


def refusal_of(url: str) -> str:
    """Why nothing will be asked of this address as things are, with the way to allow it; "" where it may be asked.

    What cannot be looked up now is not refused: it may be there later.
    """
    if not url:
        return ""
    try:
        target = target_of(url, None)
        permitted_addresses(target.host, target.port)
    except OutgoingRefused as error:
        return str(error)
    except (OutgoingFailed, ValueError):
        pass
    return ""
