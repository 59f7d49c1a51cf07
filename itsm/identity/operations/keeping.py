"""What operations on providers and mappings share: who may, and how what widens is confirmed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from itsm.administration.operations import is_alone
from itsm.administration.seconding import ask_another
from itsm.approvals.confirming import Difference
from itsm.identity import permissions
from itsm.identity.models import Trust
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted

RecordT = TypeVar("RecordT", bound=Trust)
TRUST = "identity: trust a provider"
CHANGE = "identity: change a provider"
MAP = "identity: map a group"
LINK = "identity: let accounts be known by a provider"


def require_keeper(actor: Actor) -> None:
    """Raise NotPermitted for all but administrators, people."""
    if not permissions.keepers(actor):
        raise NotPermitted(_("Administrators, people, say by whom others come in."))


def alone(actor: Actor, *, doing: str) -> bool:
    """Whether it is done at once: by Headroom itself, and by whom nobody else could confirm (else PasswordNeeded)."""
    return actor.is_system or is_alone(actor, doing=doing)


def proposed(
    record: RecordT, action: str, subject: str, differences: Sequence[Difference], payload: Mapping[str, Any],
    *, actor: Actor, at: datetime,
) -> RecordT:  # fmt: skip
    """The record, which `awaits` a second administrator. Raises NotPermitted for an actor without an account."""
    record.awaits = ask_another(
        record, action=action, subject=subject, differences=differences, payload=payload, actor=actor, at=at
    )
    return record
