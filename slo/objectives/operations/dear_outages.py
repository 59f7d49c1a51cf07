"""Outages that cost a large share of an error budget: their incidents need a postmortem, which lies below."""

from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext

from incidents.postmortem.operations import require_for_outage
from itsm.kernel.references import number_in
from slo.objectives.models import BurnAlert, Outage, OutageCause

MIN_SHARE = Decimal("0.01")  # the least that the policy can ask for


def require_postmortems(objective_id: int, recomputed: list[Outage]) -> int:
    """Of the incidents that these outages opened, or that a person confirmed as their cause, require a postmortem where
    they cost as much as the policy says. How many there are. Raises nothing."""
    required = 0
    for outage in recomputed:
        if outage.cost < MIN_SHARE:
            continue
        why = gettext("%(objective)s lost %(share)s %% of its budget in an outage from %(from)s to %(to)s") % {
            "objective": outage.objective.slug,
            "share": f"{outage.cost * 100:.1f}",
            "from": f"{outage.started_at:%Y-%m-%d %H:%M}",
            "to": f"{outage.ended_at:%H:%M} UTC",
        }
        for number in sorted(_incidents_of(objective_id, outage)):
            required += require_for_outage(number, outage.cost, why) is not None
    return required


def _incidents_of(objective_id: int, outage: Outage) -> set[int]:
    alerts = BurnAlert.objects.filter(objective=objective_id, incident__isnull=False, started_at__lt=outage.ended_at)
    opened = alerts.filter(Q(ended_at=None) | Q(ended_at__gt=outage.started_at)).values_list("incident", flat=True)
    confirmed = outage.causes.filter(verdict=OutageCause.Verdict.CONFIRMED).values_list("reference", flat=True)
    ruled_out = outage.causes.filter(verdict=OutageCause.Verdict.RULED_OUT).values_list("reference", flat=True)
    named = {number for one in confirmed if (number := number_in(one, "INC")) is not None}
    out = {number_in(one, "INC") for one in ruled_out}
    return {number for number in {*opened, *named} if number is not None and number not in out}
