"""Writing down what was done."""

from datetime import datetime
from typing import Any

from django.db import transaction

from itsm.audit.recording import record_event
from itsm.continuity.models import ContinuityRun
from itsm.continuity.vocabulary import What
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted


@transaction.atomic
def note(
    what: What,
    *,
    actor: Actor,
    began_at: datetime,
    ended_at: datetime,
    of_at: datetime | None = None,
    problem: str = "",
    facts: dict[str, Any] | None = None,
) -> ContinuityRun:
    """Keep that a run has ended, passed where there is no `problem`; audited. Raises NotPermitted (people)."""
    if not actor.is_system:
        raise NotPermitted("Commands of an operator write this down.")
    made = ContinuityRun.objects.create(
        what=what, began_at=began_at, ended_at=ended_at, of_at=of_at, passed=not problem, problem=problem[:2000],
        facts=facts or {},
    )  # fmt: skip
    record_event(f"{made.kind}.{what.value}", made, actor=actor, remark=problem[:500])
    return made
