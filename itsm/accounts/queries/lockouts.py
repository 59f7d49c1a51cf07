"""Sign-ins that guessing has locked, as django-axes keeps them: an account and an address each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import F, Max, QuerySet, Sum, Window
from django.utils import timezone


@dataclass(frozen=True, slots=True)
class Lockout:
    """One lock: that account cannot sign in from that address until then; from elsewhere it can.

    `login` is what was typed, folded: there may be no such account.
    """

    pk: int
    login: str
    address: str
    failures: int
    last_try_at: datetime
    until: datetime

    kind = "lockout"

    @property
    def reference(self) -> str:
        """How history names it: by the login that was tried."""
        return self.login

    @classmethod
    def of(cls, row: Any) -> "Lockout":
        """A row of `lockouts`."""
        until = row.attempt_time + settings.AXES_COOLOFF_TIME
        return cls(row.pk, row.username or "", row.ip_address or "", row.failures, row.attempt_time, until)


def lockouts() -> QuerySet[Any]:
    """The newest try of every lock that stands now; `failures` counts all of them."""
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    pair = [F("username"), F("ip_address")]
    tries: QuerySet[Any] = AccessAttempt.objects.filter(attempt_time__gt=since)
    locked: QuerySet[Any] = (
        tries.annotate(
            failures=Window(Sum("failures_since_start"), partition_by=pair),
            newest=Window(Max("pk"), partition_by=pair),
        )
        .filter(failures__gte=settings.AXES_FAILURE_LIMIT, newest=F("pk"))
        .order_by("-pk")
    )
    return locked
