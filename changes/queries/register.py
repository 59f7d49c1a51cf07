"""The calendar and the change models, shaped for their pages."""

from datetime import datetime, timedelta
from typing import Any

from changes.models import CalendarWindow, ChangeModel, History

CERTIFIED_FOR = timedelta(days=180)
_MOST = 200
_PAST = 20


def calendar(at: datetime) -> dict[str, Any]:
    """`now`, `coming` and the last of what is `over`; two queries and their services."""
    windows = CalendarWindow.objects.prefetch_related("services").select_related("created_by")
    ahead = list(windows.filter(lifted_at=None, ends_at__gt=at).order_by("starts_at", "id")[:_MOST])
    over = windows.exclude(lifted_at=None, ends_at__gt=at).order_by("-ends_at", "-id")[:_PAST]
    return {
        "closed_now": [window for window in ahead if window.starts_at <= at],
        "coming": [window for window in ahead if window.starts_at > at],
        "over": list(over),
    }


def models(at: datetime) -> list[dict[str, Any]]:
    """Each model with how its last runs went and when it must be certified again."""
    rows = list(ChangeModel.objects.select_related("service", "approved_by")[:_MOST])
    runs = {one.model_id: one for one in History.objects.filter(model__in=rows)}
    return [
        {
            "model": row,
            "runs": len(runs[row.pk].recent) if row.pk in runs else 0,
            "failures": sum(runs[row.pk].recent) if row.pk in runs else 0,
            "certified_until": row.certified_at + CERTIFIED_FOR,
            "lapsed": row.certified_at + CERTIFIED_FOR <= at,
        }
        for row in rows
    ]
