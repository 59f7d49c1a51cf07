"""How long proposals that are over are kept, and which of them are a person's."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.proposals.models import Proposal
from itsm.work.retention import Kept

_OF_PARTS = ("field", "before", "value", "state", "decided_at", "why", "written")


def _purge(ids: Collection[int]) -> None:
    """With their parts. What was written by accepting them stays, and so does what the history says of them."""
    Proposal.objects.filter(pk__in=ids).delete()


def _export(rows: Iterable[Any]) -> Iterator[dict[str, Any]]:
    for one in rows:
        yield {
            "kind": one.sort, "about": one.about, "agent": one.agent.username, "owner": one.owner.username,
            "reason": one.reason, "source": one.source, "at": one.at, "state": one.state,
            "parts": [
                {name: getattr(part, name) for name in _OF_PARTS}
                | {"decided_by": part.decided_by.username if part.decided_by is not None else None}
                for part in one.parts.select_related("decided_by").order_by("id")
            ],
        }  # fmt: skip


# The pages of agents tell how those of ninety days fared.
KEPT = Kept(
    Proposal, _("proposals of software agents that are over"), ~Q(state=Proposal.State.WAITING), ("at",),
    ("owner", "parts__decided_by"), purge=_purge, export=_export, least_months=4,
)  # fmt: skip
