"""A proposal: what is asked of the gate, whether it is stored (an evaluation) or only probed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from changes.change.models import Change, Evaluation
from changes.change_models.models import ChangeModel

if TYPE_CHECKING:
    from catalog.models import Service


@dataclass(frozen=True, slots=True)
class Proposal:
    """`claims` holds the request's own words: proof, exception, migration. Ids are users' ids, None for nobody."""

    service: "Service"
    environment: str
    claimed_class: str
    claimed_purpose: str
    content_hash: str
    requester_id: int | None
    author_id: int | None = None
    implementer_id: int | None = None
    artifact_digest: str = ""
    window: tuple[datetime, datetime] | None = None
    backout: str = ""
    model: ChangeModel | None = None
    claims: Mapping[str, Any] = field(default_factory=dict)
    pipeline: Mapping[str, Any] = field(default_factory=dict)
    program_owners: tuple[int, ...] = ()  # of the programs among these, when the change named them
    change_id: int | None = None  # itself is no conflict
    authorised: bool = False  # it has its place already: only the others' shares may still be in question

    @property
    def exception(self) -> Mapping[str, Any]:
        """What was claimed of an exception; empty where nothing was."""
        return self.claims.get("exception") or {}


def of_evaluation(evaluation: Evaluation, change: Change) -> Proposal:
    """The stored request, for judging it (again)."""
    window = (change.window_start, change.window_end) if change.window_start and change.window_end else None
    return Proposal(
        service=change.service,
        environment=change.environment,
        claimed_class=evaluation.claims["change_class"],
        claimed_purpose=evaluation.claims["purpose"],
        content_hash=change.content_hash,
        requester_id=change.requested_by_id,
        author_id=change.author_id,
        implementer_id=change.implementer_id,
        artifact_digest=change.artifact_digest,
        window=window,
        backout=change.backout,
        model=change.model,
        claims=evaluation.claims,
        pipeline=evaluation.pipeline,
        program_owners=tuple(change.program_owners),
        change_id=change.pk,
        authorised=evaluation.status == Evaluation.Status.APPROVED,
    )
