"""A source of measurements asked once, now, before anything is kept: what the last hour says, how far back it goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from itsm.notifications.addresses import permitted_addresses
from itsm.notifications.outgoing import OutgoingFailed, OutgoingRefused
from itsm.notifications.web_addresses import is_web_address
from slo.engine.samples import epoch_minute
from slo.measuring.adapters import uptime
from slo.measuring.adapters.prometheus import Unusable, range_query
from slo.measuring.adapters.prometheus_asking import Server
from slo.measuring.queries.servers import server_of

if TYPE_CHECKING:
    from slo.models import DataSource

HOUR, DAY = 60, 1_440
# How far back it is looked, farthest first: the first that answers says how far it reaches.
_BACK_DAYS = (90, 28, 7, 1)
_LOOKED_AT = 10  # minutes


@dataclass(frozen=True, slots=True)
class Tried:
    """`share`: good of all in the last hour, None where that cannot be said. `figures`: (what, how much) for people."""

    is_good: bool
    sentence: str
    share: Decimal | None = None
    figures: tuple[tuple[str, str], ...] = ()
    to_allow: str = ""  # host:port of a private address that an administrator may allow


def try_prometheus(source: "DataSource | str", queries: Mapping[str, str], at: datetime) -> Tried:
    """Ask for the last hour of `good_query` or `bad_query`, and `total_query`. Never raises for what comes back."""
    if isinstance(source, str) and not is_web_address(source):
        return Tried(False, _("This is no address of a Prometheus: http:// or https:// and a host."))
    try:
        server = Server(source) if isinstance(source, str) else server_of(source)
        end = epoch_minute(at)
        total = range_query(server, queries["total_query"], end - HOUR, end).values
        good_asked, bad_asked = queries.get("good_query", ""), queries.get("bad_query", "")
        part = range_query(server, good_asked or bad_asked, end - HOUR, end).values
        reach = _reach(server, queries["total_query"], end)
    except (OutgoingFailed, OutgoingRefused, Unusable) as error:
        return Tried(False, str(error), to_allow=private_target(source if isinstance(source, str) else source.url))
    everything, some = sum(total.values(), Decimal(0)), sum(part.values(), Decimal(0))
    if not total:
        return Tried(False, _("The source answers, but the query of all events gives nothing for the last hour."))
    good = some if good_asked else everything - some
    share = good / everything if everything else None
    figures = (
        (_("Minutes of the last hour"), str(len(total))),
        (_("All events of the last hour"), f"{everything:,.0f}"),
        (_("Good ones"), f"{good:,.0f}"),
        (_("It reaches back"), reach),
    )
    if not part:
        return Tried(False, _("All events are there, but the query of the good ones gives nothing."), None, figures)
    if share is not None and not 0 <= share <= 1:
        return Tried(False, _("More good events than all: the queries do not fit together."), None, figures)
    return Tried(True, _("It answers."), share, figures)


def _reach(server: Server, query: str, end: int) -> str:
    for days in _BACK_DAYS:
        first = end - days * DAY
        if range_query(server, query, first, first + _LOOKED_AT).values:
            return _("at least %(days)d days") % {"days": days} if days > 1 else _("at least a day")
    return _("less than a day")


def try_address(url: str) -> Tried:
    """Look once at a web address, as the check will do each minute."""
    if not is_web_address(url):
        return Tried(False, _("This is no web address: http:// or https:// and a host."))
    outcome = uptime.run(uptime.HttpCheck(url))
    figures: Any = ((_("It took"), f"{outcome.elapsed_ms} ms"), (_("It reaches back"), _("from now on")))
    if outcome.is_good:
        return Tried(True, _("It answers as it should."), Decimal(1), figures)
    if outcome.is_refused:
        return Tried(False, outcome.reason, None, figures, private_target(url))
    return Tried(False, outcome.reason, Decimal(0), figures)


def private_target(url: str) -> str:
    """host:port, where it is refused for being a private address; empty otherwise."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        permitted_addresses(parts.hostname or "", port)
    except OutgoingRefused:
        return f"{parts.hostname}:{port}"
    except OutgoingFailed:
        pass
    return ""
