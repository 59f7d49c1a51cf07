"""Imports as pages, REST and the command read them."""

from typing import Any

from django.db.models import QuerySet

from catalog.reconciliation import permissions
from catalog.reconciliation.models import Run
from catalog.reconciliation.vocabulary import Outcome
from itsm.kernel.actors import Actor


def visible_runs(actor: Actor) -> QuerySet[Run]:
    """The imports that this actor may see, the newest first: who works here sees all."""
    rows = Run.objects.select_related("source", "started_by")
    return rows if permissions.run_readers(actor) else rows.none()


def report(run: Run) -> dict[str, Any]:
    """What became of the documents: read, created, updated, unchanged, refused with reasons, relations claimed."""
    refused = run.documents.filter(outcome=Outcome.REFUSED).order_by("n").values_list("name", "reason")
    counts = run.counts
    return {
        "read": counts.get("read", 0),
        "created": counts.get(Outcome.CREATED, 0),
        "updated": counts.get(Outcome.UPDATED, 0),
        "unchanged": counts.get(Outcome.UNCHANGED, 0),
        "refused": [{"document": name, "reason": reason} for name, reason in refused],
        "relations": counts.get("claimed", 0),
    }
