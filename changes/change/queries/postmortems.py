"""Deployments of changes that are linked to incidents, for the timelines of postmortems: incidents lie below."""

from collections.abc import Collection, Iterator

from django.db.models import Q
from django.utils.translation import gettext as _

from changes.change.models import Change, Deployment
from incidents.postmortem.queries import Found
from incidents.postmortem.vocabulary import Source
from itsm.work.models import Link

_MOST = 200
_INCIDENT = "incident"


def deployed(incident_ids: Collection[int]) -> Iterator[Found]:
    """When the changes that are linked to these incidents began to run, and how each run ended. Two queries."""
    ends = Q(to_kind=_INCIDENT, to_id__in=incident_ids, from_kind=Change.kind)
    begins = Q(from_kind=_INCIDENT, from_id__in=incident_ids, to_kind=Change.kind)
    arrows = Link.objects.filter(ends | begins).values_list("from_kind", "from_id", "to_id")
    numbers = {from_id if kind == Change.kind else to_id for kind, from_id, to_id in arrows}
    rows = Deployment.objects.filter(change__in=numbers).select_related("change").order_by("started_at", "pk")
    for one in rows[:_MOST]:
        said = {"change": one.change.reference, "summary": one.change.summary, "state": one.get_status_display()}
        began = _("Deployment of %(change)s began: %(summary)s") % said
        yield Found(f"deployment:{one.pk}:start", one.started_at, began,
                    Source.CHANGE)  # fmt: skip
        if one.finished_at is not None:
            yield Found(f"deployment:{one.pk}:end", one.finished_at, _("Deployment of %(change)s: %(state)s") % said,
                        Source.CHANGE)  # fmt: skip
