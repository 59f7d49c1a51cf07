"""Keeping with an indicator how its last measurement went: what people read when its budget says no_data."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models.functions import Coalesce

from slo.models import Indicator

_MOST_CHARACTERS = 1000


def note_pull(
    indicator: Indicator, *, at: datetime, until: int | None, error: str = "", warnings: Sequence[str] = ()
) -> None:
    """`until` moves on where the next pull begins; an error keeps the instant since which it fails."""
    said: dict[str, Any] = {"last_pull_at": at, "last_error": error[:_MOST_CHARACTERS]}
    said["failing_since"] = Coalesce("failing_since", at) if error else None
    said["last_warning"] = "\n".join(warnings)[:_MOST_CHARACTERS]
    if until is not None:
        said["pulled_until"] = until
    Indicator.objects.filter(pk=indicator.pk).update(**said)
