"""Attestors and what was attested, for their page."""

from typing import Any

from changes.change.models import Attestation, Attestor

_MAX_ROWS = 200
_WORDS = 50


def attesting() -> dict[str, Any]:
    """Who is named as attestor, and the newest words with what became of them; two queries."""
    named = Attestor.objects.filter(dismissed_at=None).select_related("service", "account", "named_by")
    words = Attestation.objects.select_related("service", "by", "withdrawal", "withdraws")
    return {"attestors": list(named[:_MAX_ROWS]), "words": list(words.order_by("-id")[:_WORDS])}
