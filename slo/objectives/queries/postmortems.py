"""Burn alerts around incidents, for the timelines of postmortems: incidents lie below."""

from collections.abc import Collection, Iterator

from django.utils.translation import gettext as _

from incidents.postmortem.queries import Found
from incidents.postmortem.vocabulary import Source
from slo.objectives.models import BurnAlert

_MOST = 200


def alerted(incident_ids: Collection[int]) -> Iterator[Found]:
    """When the alerts that are these incidents began to fire, and when they ended. One query."""
    rows = BurnAlert.objects.filter(incident__in=incident_ids).select_related("objective").order_by("started_at", "pk")
    for one in rows[:_MOST]:
        said = {"objective": one.objective.name, "windows": ", ".join(one.rows)}
        began = _("%(objective)s began to burn its budget too fast (%(windows)s)") % said
        yield Found(f"alert:{one.pk}:start", one.started_at, began, Source.ALERT)
        if one.ended_at is not None:
            ended = _("%(objective)s burns its budget no longer") % said
            yield Found(f"alert:{one.pk}:end", one.ended_at, ended, Source.ALERT)
