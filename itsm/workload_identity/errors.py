"""How a workload is refused."""

from collections.abc import Mapping
from typing import Any, ClassVar

from itsm.kernel.errors import DomainError
from itsm.workload_identity.vocabulary import Reason


class WorkloadRefused(DomainError):
    """This token lets no workload in. `reason` says why, in a stable word."""

    code, title, status = "workload-refused", "This workload is not let in", 401
    members: ClassVar[Mapping[str, Any]] = {
        "reason": {"type": "string", "enum": Reason.values, "description": "why, in a stable word"}
    }

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail, reason=reason.value)
        self.reason = reason
