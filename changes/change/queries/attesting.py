"""Attestors and what was attested, for their page."""

from typing import Any

from changes.change.models import Attestation, Attestor, Change

_MAX_ROWS = 200
_WORDS = 50


def attesting() -> dict[str, Any]:
    """Who is named as attestor, and the newest words with what became of them; two queries."""
    named = Attestor.objects.filter(dismissed_at=None).select_related("service", "account", "named_by")
    words = Attestation.objects.select_related("service", "by", "withdrawal", "withdraws")
    return {"attestors": list(named[:_MAX_ROWS]), "words": list(words.order_by("-id")[:_WORDS])}


def said_of(change: Change) -> list[Attestation]:
    """What was said of its artifact, the newest first, without what was taken back. One query."""
    words = Attestation.objects.filter(artifact_digest=change.artifact_digest, service=change.service_id)
    standing = words.filter(withdraws=None, withdrawal=None).select_related("by")
    return list(standing.order_by("-id")[:_WORDS])
