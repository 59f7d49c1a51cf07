"""Who sees, and who decides, which proposals; and which record one is about."""

from collections import defaultdict
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from itsm.accounts.queues import Asker
from itsm.composed import Composed, composed
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.kernel.references import number_in, reference
from itsm.proposals import kinds, permissions
from itsm.proposals.kinds import ProposalKind
from itsm.proposals.models import Proposal

S = Proposal.State
_COUNTED = 50


def visible_to(actor: Actor) -> QuerySet[Proposal]:
    """Those about records that the actor reads whole."""
    return _among(actor, "readers")


def waiting_for(actor: Actor) -> QuerySet[Proposal]:
    """Those that wait for the actor's word; to who looks with the rights of others, for that of who has these."""
    if not permissions.awaited(actor):
        return Proposal.objects.none()
    return _among(actor, "deciders").filter(state=S.WAITING)


def decidable_by(actor: Actor) -> QuerySet[Proposal]:
    """Those that wait, about records that the actor may change."""
    return waiting_for(actor) if permissions.people(actor) else Proposal.objects.none()


def may_decide(actor: Actor, proposal: Proposal) -> bool:
    """A person who may change what it is about."""
    if not permissions.people(actor):
        return False
    return kinds.named(proposal.sort).deciders(actor).filter(pk=proposal.record_id).exists()


def waiting_count(actor: Actor) -> Composed[Proposal]:
    """How many `waiting_for` shows: a statement that the navigation counts with others."""
    return _first_awaited(Asker.of(actor))


@composed
def _first_awaited(asker: Asker) -> QuerySet[Proposal, Any]:
    rows = _among(asker.actor, "deciders", Proposal.objects.filter(state=S.WAITING))
    return (rows if permissions.awaited(asker.actor) else rows.none()).values_list("pk")[: _COUNTED + 1]


def _among(actor: Actor, relation: str, rows: QuerySet[Proposal] | None = None) -> QuerySet[Proposal]:
    if rows is None:
        rows = Proposal.objects.select_related("agent", "owner").prefetch_related("parts__decided_by")
    if not permissions.readers(actor):
        return rows.none()
    sorts: dict[Any, list[str]] = defaultdict(list)
    for kind in kinds.every():
        sorts[getattr(kind, relation)].append(kind.name)
    wanted = Q(pk__in=[])
    for records, names in sorts.items():
        wanted |= Q(sort__in=names, record_id__in=records(actor).order_by().values("pk"))
    return rows.filter(wanted)


def named(actor: Actor, number: int) -> Proposal:
    """One that the actor may read. Raises NotFound."""
    found = visible_to(actor).filter(pk=number).first()
    if found is None:
        raise NotFound(gettext("There is no such proposal, or you may not see it."))
    return found


def record_of(kind: ProposalKind, actor: Actor, record_id: int) -> Any:
    """The record of a proposal, among those that the actor reads whole. Raises NotFound."""
    found = kind.readers(actor).filter(pk=record_id).first() if permissions.readers(actor) else None
    if found is None:
        raise NotFound(gettext("There is no such record, or you may not see it."))
    return found


def record_about(proposal: Proposal, actor: Actor) -> Any:
    """The record that it is about, in the same way."""
    return record_of(kinds.named(proposal.sort), actor, proposal.record_id)


def record_named(kind: ProposalKind, eyes: Actor, reference: str) -> Any:
    """The record of this reference, in the same way."""
    return record_of(kind, eyes, number_in(reference.strip(), kind.prefix) or 0)


def as_kept(text: str) -> list[str]:
    """References of records that this one may mean, as proposals keep them: INC-7 is INC-00007."""
    prefixes = {kind.prefix for kind in kinds.every()}
    return [reference(prefix, number) for prefix in sorted(prefixes) if (number := number_in(text.strip(), prefix))]
