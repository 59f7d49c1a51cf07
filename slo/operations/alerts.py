"""Page alerts open incidents; the spells themselves begin and end in the evaluation's statement."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from catalog.models import Tier
from incidents.models import Incident, Priority
from incidents.operations import open_from_alert
from itsm.kernel.actors import Actor
from slo.models import BurnAlert

_PRIORITIES = {Tier.CRITICAL: Priority.HIGH, Tier.IMPORTANT: Priority.HIGH}


def open_incidents(objectives: Collection[int] | None = None, *, actor: Actor) -> int:
    """Give each open page alert (of these objectives; None: all) its incident: the one still open, or a new one.

    Each alert is its own transaction, and asking twice opens one incident. Returns how many were given.
    """
    waiting = (
        BurnAlert.objects.filter(severity=BurnAlert.Severity.PAGE, ended_at__isnull=True, incident_reference="")
        .select_related("objective__service", "objective__budget")
        .order_by("pk")
    )
    if objectives is not None:
        waiting = waiting.filter(objective__in=objectives)
    return sum(_give_incident(alert, actor) for alert in waiting)


def _give_incident(alert: BurnAlert, actor: Actor) -> int:
    family = f"burn:{alert.objective_id}:"
    incident = Incident.objects.still_open().filter(source_key__startswith=family).first()
    if incident is None:
        incident = open_from_alert(
            actor=actor,
            service=alert.objective.service,
            title=_("%(objective)s burns its error budget fast") % {"objective": alert.objective.name},
            description=_what_burns(alert),
            priority=_PRIORITIES.get(Tier(alert.objective.service.tier), Priority.MODERATE),
            source_key=f"{family}{alert.pk}",
        )
    return BurnAlert.objects.filter(pk=alert.pk, incident_reference="").update(incident_reference=incident.reference)


def _what_burns(alert: BurnAlert) -> str:
    return _(
        "The burn alert of %(slug)s (%(environment)s) fires over %(rows)s since %(since)s. "
        "%(left)s %% of its error budget were left when this was written."
    ) % {
        "slug": alert.objective.slug,
        "environment": alert.objective.environment,
        "rows": ", ".join(alert.rows),
        "since": f"{alert.started_at:%Y-%m-%d %H:%M} UTC",
        "left": f"{alert.objective.budget.remaining * 100:.1f}",
    }
