"""Which services are in shadow, and since when."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import QuerySet

from changes.change.models import Evaluation, GateShadow
from changes.gate.verdict import Verdict

# A lockdown, freeze or blackout, and what the calendar says in a word that nobody knows: in shadow, too, they hold.
CLOSED_BY_PEOPLE = frozenset({"calendar_closed", "calendar_word_unknown"})


def shadow_of(service_id: int, at: datetime) -> GateShadow | None:
    """The while that lasts at this instant; None where the gate rules. One query."""
    return GateShadow.objects.at(at).filter(service=service_id).first()


def shadows_of(service_ids: Collection[int], at: datetime) -> Mapping[int, GateShadow]:
    """The same of many, by service. One query."""
    lasting = GateShadow.objects.at(at).filter(service__in=service_ids)
    return {one.service_id: one for one in lasting.select_related("asked_by", "confirmed_by")}


def unused_in_shadow(service_id: int) -> QuerySet[Evaluation]:
    """What a shadow alone allowed there and nobody has started, in the order in which changes are locked."""
    unused = Evaluation.objects.filter(status=Evaluation.Status.APPROVED, used_at=None)
    mine = unused.filter(change__service=service_id, decided_by=Evaluation.DecidedBy.SHADOW)
    return mine.select_related("change").order_by("change_id")


def allowed_in_shadow(service_id: int, verdict: Verdict, at: datetime) -> datetime | None:
    """Until when this may go whatever the verdict says; None where the gate rules, or people closed the calendar.

    One query, of a verdict that does not bind; none of any other.
    """
    if verdict.enforced or any(reason.code in CLOSED_BY_PEOPLE for reason in verdict.reasons):
        return None
    shadow = shadow_of(service_id, at)
    return shadow.until if shadow is not None else None
