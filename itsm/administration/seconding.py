"""What opens a door wider, and is no service's: a second administrator confirms it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from itsm.approvals.confirming import Difference, propose
from itsm.approvals.models import Confirmation
from itsm.kernel.actors import Actor, Role


def ask_another(
    record: Any,
    *,
    action: str,
    subject: str,
    differences: Sequence[Difference],
    payload: Mapping[str, Any],
    actor: Actor,
    at: datetime,
    reason: str = "",
    excluded: Collection[int] = (),
) -> Confirmation:
    """Propose it to the other administrators; `action` is done when one of them confirms.

    Raises what `itsm.approvals.confirming.propose` raises: NotPermitted for an actor without an account.
    """
    return propose(
        record, actor=actor, at=at, action=action, subject=subject, payload=payload, differences=differences,
        services=[], roles=[Role.ADMIN], reason=reason, excluded=excluded,
    )  # fmt: skip
