"""An emergency change that was rolled back: its incident needs a postmortem, which lies below."""

from django.db.models import Q
from django.utils.translation import gettext

from changes.change.models import Change, Evaluation
from incidents.postmortem.operations import require_for_rollback
from itsm.kernel.references import number_in
from itsm.work.models import Link

_INCIDENT = "incident"


def require_postmortems(change: Change) -> int:
    """Of the incidents that it was linked to, or that it named to be an emergency. How many. Raises nothing."""
    why = gettext("%(change)s was rolled back: %(summary)s") % {
        "change": change.reference,
        "summary": change.summary,
    }
    found = [require_for_rollback(number, why) for number in sorted(_incidents_of(change))]
    return sum(one is not None for one in found)


def _incidents_of(change: Change) -> set[int]:
    to_it = Q(from_kind=_INCIDENT, to_kind=Change.kind, to_id=change.pk)
    from_it = Q(from_kind=Change.kind, from_id=change.pk, to_kind=_INCIDENT)
    arrows = Link.objects.filter(to_it | from_it).values_list("from_kind", "from_id", "to_id")
    linked = {from_id if kind == _INCIDENT else to_id for kind, from_id, to_id in arrows}
    newest = Evaluation.objects.filter(change=change).order_by("-id").first()
    named = number_in(str(newest.exception.get("incident") or ""), "INC") if newest is not None else None
    return linked | ({named} if named is not None else set())
