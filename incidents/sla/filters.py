"""The term `sla` of the filter grammar: how an incident's clocks stand."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.incident.filters import Reading
from incidents.incident.models import Incident
from incidents.sla.rules import FIRST_RESPONSE, RESOLVE, UPDATE
from itsm.clocks import thresholds
from itsm.clocks.models import Clock
from itsm.work.grammar import Range, Term, refused

SLA = gettext_lazy("Service level")
CLOCKS = (FIRST_RESPONSE, UPDATE, RESOLVE)
STANDS = ("breached", "warned", "running", "paused", "met", "none")
_OF = ":"
_WARNINGS = [name for name in thresholds.NAMES if name.startswith("warn_")]


def stands(term: Term, value: Any, reading: Reading) -> Q:
    """Incidents with a clock that stands so: `breached`, or of one clock `resolve:breached`.

    breached: it ran out, whether it still counts or not. warned: a warning was given, and it has not run out. none: no
    such clock has a target. Raises InvalidInput for other words, a range, and for who is not told of clocks.
    """
    if not reading.staff:
        raise refused(term.name, _("There is no such field."))
    if isinstance(value, Range):
        raise refused(term.name, _("It takes no range."))
    clock, _separator, how = str(value).rpartition(_OF)
    if how not in STANDS or (clock and clock not in CLOCKS):
        known = ", ".join((*STANDS, *(f"{one}{_OF}breached" for one in CLOCKS)))
        raise refused(term.name, _("Known are %(known)s.") % {"known": known})
    rows = Clock.objects.filter(record_kind=Incident.kind)
    rows = rows.filter(name=clock) if clock else rows
    if how == "none":
        return ~_those(rows.filter(target_s__isnull=False).exclude(state=Clock.State.VOID))
    return _those(rows.filter(_HOW[how](reading)))


def _those(rows: QuerySet[Clock]) -> Q:
    return Q(pk__in=rows.values("record_id"))


def _running(reading: Reading) -> Q:
    return Q(state=Clock.State.RUNNING, target_s__isnull=False)


def _in_time(reading: Reading) -> Q:
    return _running(reading) & (Q(due_at__isnull=True) | Q(due_at__gte=reading.now))


_HOW: dict[str, Callable[[Reading], Q]] = {
    "breached": lambda reading: Q(outcome=Clock.Outcome.BREACHED) | (_running(reading) & Q(due_at__lt=reading.now)),
    "warned": lambda reading: _in_time(reading) & Q(told__overlap=_WARNINGS),
    "running": _running,
    "paused": lambda reading: Q(state=Clock.State.PAUSED, target_s__isnull=False),
    "met": lambda reading: Q(outcome=Clock.Outcome.MET),
}
