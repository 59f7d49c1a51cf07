"""What is asked about who came in by a platform's token."""

from typing import Any

from itsm.accounts.models import Token
from itsm.workload_identity.models import UsedAssertion


def was_exchanged(token: Any) -> bool:
    """Whether this token of ours (None: a session) was given for a platform's. One query."""
    return isinstance(token, Token) and UsedAssertion.objects.filter(token=token).exists()
