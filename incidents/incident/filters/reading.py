"""Who reads a filter, when and where."""

from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from django.utils import timezone

from incidents.incident import permissions
from itsm.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class Reading:
    """Who asks, and when and where that is: what `me`, `my-teams`, `now` and a date mean.

    `counts`: only how many is asked; what a word names is then looked up within that statement.
    """

    actor: Actor
    now: datetime
    zone: tzinfo
    staff: bool = field(default=False)
    counts: bool = field(default=False)

    @classmethod
    def by(cls, actor: Actor) -> "Reading":
        return cls(actor, timezone.now(), timezone.get_current_timezone(), permissions.staff(actor))
