"""The company's past, lived through in order: each life says when it goes on, the clock takes it there.

Before a life goes on, budgets are judged at that instant and what was due by then is done, as the
minute's tasks would have done it. Nothing here knows what the lives do.
"""

import heapq
from collections.abc import Generator, Iterable
from datetime import datetime, timedelta

from itsm.audit.recording import telling_of
from itsm.clocks import due
from slo.objectives import operations as slo

# Yields when it wants to go on, is sent the instant at which it does.
Life = Generator[datetime, datetime, None]

# Readings older than ten minutes would not count.
_FRESH = timedelta(minutes=8)


def live(lives: Iterable[Life], *, until: datetime) -> None:
    """Live every life up to `until`; what would go on later stays as it is."""
    waiting = [(next(life), place, life) for place, life in enumerate(lives)]
    heapq.heapify(waiting)
    judged: datetime | None = None
    while waiting and waiting[0][0] <= until:
        at, place, life = heapq.heappop(waiting)
        if judged is None or at - judged > _FRESH:
            judged = at
            with telling_of(at):
                slo.evaluate(at=at)
                due.sweep(at)
        try:
            with telling_of(at):
                goes_on = life.send(at)
        except StopIteration:
            continue
        heapq.heappush(waiting, (goes_on, place, life))
    slo.evaluate(at=until)
    due.sweep(until)
