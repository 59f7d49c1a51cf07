"""Burn alerts reach people: a page opens one incident per continuous burn, a ticket tells the service's team.

The alerts themselves begin, go on and end in the evaluation's statement. Each alert remembers what was
told about it, so every piece of news is one small transaction: neither lost nor told twice.
"""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext

from catalog.services.vocabulary import Tier
from incidents.incident import operations as incidents
from incidents.incident.vocabulary import Priority
from incidents.incident.workflow import OPEN, Status
from itsm import lifecycle
from itsm.accounts.queues import members_of
from itsm.kernel.actors import Actor
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _
from slo.objectives.models import BurnAlert

if TYPE_CHECKING:
    from incidents.models import Incident

BEGUN, ENDED = "begun", "ended"
_PRIORITIES = {Tier.CRITICAL: Priority.HIGH, Tier.IMPORTANT: Priority.HIGH}


def notify_alerts(objectives: Collection[int] | None = None, *, actor: Actor, at: datetime) -> int:
    """Tell what is not told yet about the alerts of these objectives (None: all). Returns how many had news.

    Raises NotPermitted for everybody but the system.
    """
    owed = BurnAlert.objects.filter(
        Q(ended_at__isnull=True) & ~Q(told=BEGUN) | Q(ended_at__isnull=False) & ~Q(told=ENDED)
    ).order_by("pk")
    if objectives is not None:
        owed = owed.filter(objective__in=objectives)
    return sum(_notify_of(alert_id, actor, at) for alert_id in list(owed.values_list("pk", flat=True)))


@transaction.atomic
def _notify_of(alert_id: int, actor: Actor, at: datetime) -> bool:
    alert = _full(BurnAlert.objects.select_for_update(of=("self",), no_key=True).filter(pk=alert_id)).get()
    told, alert.told = alert.told, ENDED if alert.ended_at else BEGUN
    if told == alert.told:
        return False
    if not told:
        _begin(alert, actor, at)
    elif alert.told == BEGUN:
        _go_on(alert, actor)
    if alert.told == ENDED:
        _end(alert, actor)
    alert.save(update_fields=["told", "incident"])
    return True


def _full(alerts: QuerySet[BurnAlert]) -> QuerySet[BurnAlert]:
    return alerts.select_related("objective__service", "objective__budget", "incident")


def _begin(alert: BurnAlert, actor: Actor, at: datetime) -> None:
    if alert.severity == BurnAlert.Severity.PAGE:
        alert.incident = _incident_of(alert, actor, at)
    else:
        _tell_team(alert)
    lifecycle.announce(alert, "begun", actor=actor, changes={"rows": [None, alert.rows]})


def _go_on(alert: BurnAlert, actor: Actor) -> None:
    """It had seemed over. Nobody is told again, but an incident that was resolved meanwhile is not over."""
    incident = alert.incident
    if incident is not None and incident.status == Status.RESOLVED:
        incidents.reopen(incident, actor=actor, reason=gettext("The error budget burns again."))
    lifecycle.announce(alert, "resumed", actor=actor, changes={"flaps": [alert.flaps - 1, alert.flaps]})


def _end(alert: BurnAlert, actor: Actor) -> None:
    lifecycle.announce(alert, "ended", actor=actor)
    incident = alert.incident
    if incident is not None and incident.status != Status.CLOSED:
        lifecycle.announce(
            incident,
            "burn_ended",
            actor=actor,
            remark=gettext("The error budget burns no faster than it may any more."),
        )


def _incident_of(alert: BurnAlert, actor: Actor, at: datetime) -> "Incident":
    """The one that is still open for this objective, or a new one."""
    others = BurnAlert.objects.filter(objective=alert.objective_id, incident__status__in=OPEN)
    known = others.select_related("incident").order_by("-incident").first()
    if known is not None and known.incident is not None:
        return known.incident
    return incidents.open_from_alert(
        actor=actor,
        service=alert.objective.service,
        title=gettext("%(objective)s burns its error budget fast") % {"objective": alert.objective.name},
        description=_what_burns(alert),
        priority=_PRIORITIES.get(Tier(alert.objective.service.tier), Priority.MODERATE),
        source_key=f"burn:{alert.objective_id}:{alert.pk}",
        environment=alert.objective.environment,
        at=at,
    )


def _tell_team(alert: BurnAlert) -> None:
    team = alert.objective.service.team_id
    if team is None:
        return
    notify(
        members_of(team),
        _("%(objective)s burns its error budget slowly") % {"objective": alert.objective.name},
        body=_what_burns(alert),
        path=reverse("slo:detail", args=[alert.objective.slug]),
        record=alert,
        by=("objective.burns_slowly", "team"),
    )


def _what_burns(alert: BurnAlert) -> str:
    return gettext(
        "The burn alert of %(slug)s (%(environment)s) fires over %(rows)s since %(since)s. "
        "%(left)s %% of its error budget were left when this was written."
    ) % {
        "slug": alert.objective.slug,
        "environment": alert.objective.environment,
        "rows": ", ".join(alert.rows),
        "since": f"{alert.started_at:%Y-%m-%d %H:%M} UTC",
        "left": f"{alert.objective.budget.remaining * 100:.1f}",
    }
