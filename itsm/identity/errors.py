"""How somebody whom a provider vouches for is refused."""

from collections.abc import Mapping
from typing import Any, ClassVar

from itsm.identity.vocabulary import Refusal
from itsm.kernel.errors import DomainError


class SignUpRefused(DomainError):
    """This person is not let in. `reason` says why, in a stable word; the sentence says what helps."""

    code, title, status = "sign-in-refused", "You are not let in here", 403
    members: ClassVar[Mapping[str, Any]] = {
        "reason": {"type": "string", "enum": Refusal.values, "description": "why, in a stable word"}
    }

    def __init__(self, reason: Refusal, detail: str) -> None:
        super().__init__(detail, reason=reason.value)
        self.reason = reason
