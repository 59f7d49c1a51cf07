"""When all alerts of an incident have ended it is noted, and resolved after a while where source or rule say so."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext

from incidents.alerts_in.models import AlertOccurrence
from incidents.alerts_in.operations.wording import INTAKE
from incidents.alerts_in.vocabulary import OccurrenceStatus
from incidents.incident.models import AlertKey, AlertOrigin, Incident
from incidents.incident.operations import resolve
from incidents.incident.vocabulary import ResolutionCode
from incidents.incident.workflow import OPEN
from itsm import lifecycle
from itsm.clocks import due
from itsm.kernel.errors import DomainError

SETTLING = "alerts: all of an incident have ended"


def follow_ended(ended: Sequence[AlertOccurrence], *, at: datetime) -> None:
    """Note it in each incident of these in which nothing fires any more. Raises nothing."""
    numbers = sorted({one.incident_id for one in ended if one.incident_id is not None})
    for incident in Incident.objects.filter(pk__in=numbers, status__in=OPEN).order_by("pk"):
        if _still_fire(incident.pk):
            continue
        lifecycle.announce(incident, "alerts_ended", actor=INTAKE, at=at)
        waits = [one.settle for one in ended if one.incident_id == incident.pk]
        settle = [one for one in waits if one is not None]
        if settle and len(settle) == len(waits):
            due.schedule(SETTLING, Incident.kind, incident.pk, at + timedelta(minutes=max(settle)))


def _still_fire(incident_id: int) -> bool:
    fires = AlertOccurrence.objects.filter(incident=incident_id, ended_at=None)
    return fires.exclude(status=OccurrenceStatus.QUIETED).exists()


def resolve_when_settled(incident_id: int, at: datetime) -> None:
    """The due row's work: it is over unless something fires again, or a budget burns in it. Raises nothing."""
    incident = Incident.objects.filter(pk=incident_id, status__in=OPEN).first()
    if incident is None or _still_fire(incident_id):
        return
    if AlertKey.objects.filter(incident=incident, origin=AlertOrigin.BURN).exists():
        return  # the budget says when that is over, and a person what it was
    if incident.holds_changes:  # who sends alerts, whoever's program it is, lets go of no change by it
        why = gettext("Changes wait for it: a person says that it is over.")
        lifecycle.announce(incident, "closing_waits", actor=INTAKE, remark=why)
        return
    try:
        resolve(
            incident, actor=INTAKE, at=at, resolution_code=ResolutionCode.NO_RESOLUTION,
            resolution=gettext("All its alerts have ended by themselves."),
        )  # fmt: skip
    except DomainError as error:
        lifecycle.announce(incident, "closing_waits", actor=INTAKE, remark=error.detail)
