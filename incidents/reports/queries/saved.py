"""Reports that are kept, for whom they are there, and what one says to its reader now."""

from dataclasses import replace
from datetime import datetime, tzinfo
from zlib import crc32

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from incidents.incident.filters import Reading, narrowed, terms_of
from incidents.incident.models import Incident
from incidents.reports import permissions
from incidents.reports.models import SavedReport
from incidents.reports.queries.desk import Line, by_group, whole
from incidents.reports.queries.measures import basis
from incidents.reports.queries.periods import Period, spanned
from incidents.reports.vocabulary import Group, Measure, Span
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.accounts.queues import rights_in_queues
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import NotFound
from itsm.work.grammar import pairs_of


def visible_reports(actor: Actor) -> QuerySet[SavedReport]:
    """One's own, and those that one gets by mail."""
    if not permissions.staff(actor):
        return SavedReport.objects.none()
    there_for = Q(owner=actor.id) | Q(mails__reader=actor.id)
    return SavedReport.objects.filter(there_for).select_related("owner").distinct()


def report_by_id(actor: Actor, report_id: int) -> SavedReport:
    """The report, or NotFound (also where it may not be seen)."""
    found = visible_reports(actor).filter(pk=report_id).first()
    if found is None:
        raise NotFound(gettext("There is no such report, or you may not see it."))
    return found


def as_seen(actor: Actor) -> str:
    """What the actor saw of the queues, as a word: numbers that were counted then may not be read by who sees less."""
    return f"{crc32(repr(sorted(rights_in_queues(actor).hidden)).encode()):08x}"


def still_read(user: User, told: dict[int, set[str]]) -> set[tuple[int, str]]:
    """Of reports that were mailed, by report and what the reader saw then (`as_seen`), those that they may read now."""
    actor = replace(actor_for(user, Door.TASK), memo={})
    now, there = as_seen(actor), set(visible_reports(actor).filter(pk__in=list(told)).values_list("pk", flat=True))
    return {(pk, then) for pk in there for then in told[pk] if then == now}


def narrowed_basis(actor: Actor, query: str, now: datetime, zone: tzinfo) -> QuerySet[Incident]:
    """What a report of this reader counts, narrowed by terms of the filter grammar. Raises InvalidInput."""
    reading = Reading(actor, now, zone, permissions.staff(actor))
    return narrowed(basis(actor), terms_of(pairs_of(query)), reading)


def said_by(report: SavedReport, actor: Actor, now: datetime, zone: tzinfo) -> tuple[Period, Line, list[Line]]:
    """Its period as seen from now in a zone, its numbers as a whole and by its group, as the reader may see them.

    Raises InvalidInput where its query says nothing to this reader (any more).
    """
    period = spanned(Span(report.span), now, zone)
    measures = [Measure(one) for one in report.measures]
    counted = narrowed_basis(actor, report.query, now, zone)
    return period, whole(counted, measures, period), by_group(counted, measures, period, Group(report.group_by))
