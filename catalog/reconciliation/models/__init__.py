"""What sources said, and how it was taken in."""

from catalog.reconciliation.models.conflicts import Conflict, Verdict
from catalog.reconciliation.models.records import RelationClaim, SourceRecord
from catalog.reconciliation.models.renewals import Renewal
from catalog.reconciliation.models.runs import Run, RunDocument
from catalog.reconciliation.models.sources import Mapping, Precedence, Source

__all__ = [
    "Conflict",
    "Mapping",
    "Precedence",
    "RelationClaim",
    "Renewal",
    "Run",
    "RunDocument",
    "Source",
    "SourceRecord",
    "Verdict",
]
