"""Keeping with an indicator how its last measurement went: what people read when its budget says no_data."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F
from django.db.models.functions import Coalesce

from slo.measuring.models import Indicator

_MAX_CHARACTERS = 1000


def note_pull(
    indicator: Indicator,
    *,
    at: datetime,
    error: str = "",
    warnings: Sequence[str] = (),
    silent: Mapping[str, str] | None = None,
    bounded: int = 0,
) -> None:
    """An error keeps the instant since which it fails. `silent`: query -> since when it gives no series."""
    said: dict[str, Any] = {"last_pull_at": at, "last_error": error[:_MAX_CHARACTERS]}
    said["failing_since"] = Coalesce("failing_since", at) if error else None
    said["last_warning"] = "\n".join(warnings)[:_MAX_CHARACTERS]
    if silent is not None:
        said["silent_queries"] = dict(silent)
    if bounded:
        said["bounded_minutes"] = F("bounded_minutes") + bounded
    Indicator.objects.filter(pk=indicator.pk).update(**said)
