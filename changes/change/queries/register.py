"""The calendar and the change models, shaped for their pages."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from changes.calendar.models import CalendarWindow
from changes.change.models import Attestation, Attestor
from changes.change_models.models import ChangeModel, History

CERTIFIED_FOR = timedelta(days=180)
_MOST = 200
_PAST = 20
_WORDS = 50


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
    runs: dict[int, list[bool]] = defaultdict(list)
    for one in History.objects.filter(model__in=rows):
        runs[one.model_id or 0] += one.recent
    return [
        {
            "model": row,
            "runs": len(runs[row.pk]),
            "failures": sum(runs[row.pk]),
            "certified_until": row.certified_at + CERTIFIED_FOR,
            "lapsed": row.certified_at + CERTIFIED_FOR <= at,
        }
        for row in rows
    ]


def attesting() -> dict[str, Any]:
    """Who is named as attestor, and the newest words with what became of them; two queries."""
    named = Attestor.objects.filter(dismissed_at=None).select_related("service", "account", "named_by")
    words = Attestation.objects.select_related("service", "by", "withdrawal", "withdraws")
    return {"attestors": list(named[:_MOST]), "words": list(words.order_by("-id")[:_WORDS])}
