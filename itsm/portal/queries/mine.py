"""What somebody asked for, reports and requests alike: what waits for them, what is under way, what is over."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from itsm.kernel.actors import Actor
from itsm.portal.queries import asked, reported
from itsm.portal.queries.lines import Line

SHOWN = 8
PAGE = 50
_WAITING = 20
_COUNTED = "portal: waiting"


@dataclass(frozen=True, slots=True)
class Page:
    """The latest first. `before`: what the next page is asked by; None on the last."""

    lines: list[Line]
    before: datetime | None


def waiting(actor: Actor, at: datetime) -> list[Line]:
    """What waits for the answer of this actor, the oldest first, no more than twenty of either."""
    reports = reported.own(actor).filter(reported.WAITS_FOR_ME).order_by("id")[:_WAITING]
    requests = asked.own(actor).filter(asked.waits_for_me(at)).order_by("id").distinct()[:_WAITING]
    found = [*reported.lines(reports, actor), *asked.lines(requests, at)]
    if actor.memo is not None:
        actor.memo[_COUNTED] = len(found)  # the navigation of the same page says it too
    return sorted(found, key=lambda one: one.at)


def waiting_count(actor: Actor) -> int:
    """How many of those there are, no further than twenty of either. Two queries; none where they were just read."""
    if actor.memo is not None and _COUNTED in actor.memo:
        return int(actor.memo[_COUNTED])
    reports = reported.own(actor).filter(reported.WAITS_FOR_ME).order_by().values_list("pk")[:_WAITING]
    requests = asked.own(actor).filter(asked.waits_for_me(timezone.now())).order_by().values_list("pk").distinct()
    return len(reports) + len(requests[:_WAITING])


def underway(actor: Actor, at: datetime) -> list[Line]:
    """What they asked for and is not over, the latest first, without what waits for them: one more than is shown."""
    reports = reported.own(actor).filter(reported.STILL_OPEN).exclude(reported.WAITS_FOR_ME)
    requests = asked.own(actor).filter(asked.STILL_OPEN).order_by("-id")[: 2 * SHOWN]
    lines = [one for one in asked.lines(requests, at) if not one.next]
    found = [*reported.lines(reports.order_by("-id")[: SHOWN + 1], actor), *lines]
    return sorted(found, key=lambda one: one.at, reverse=True)[: SHOWN + 1]


def listed(actor: Actor, tab: str, at: datetime, before: datetime | None = None) -> Page:
    """`open` or `over`: theirs; `followed`: those of others that are shared with them."""
    found = [
        *reported.lines(_latest(reported, actor, tab, at, before), actor),
        *asked.lines(_latest(asked, actor, tab, at, before), at),
    ]
    lines = sorted(found, key=lambda one: one.at, reverse=True)
    shown = lines[:PAGE]
    return Page(shown, shown[-1].at if len(lines) > PAGE else None)


def _latest(source: Any, actor: Actor, tab: str, at: datetime, before: datetime | None) -> Any:
    """The first rows of a page of one source, and one more."""
    if actor.id is None:
        return source.own(actor).none()
    if tab == "followed":
        rows = source.followed(actor)
    else:
        is_open = source.open_for_me(at)
        rows = source.own(actor).filter(is_open if tab == "open" else ~is_open)
    if before is not None:
        rows = rows.filter(**{f"{source.DATED}__lt": before})
    return rows.order_by(f"-{source.DATED}", "-id")[: PAGE + 1]
