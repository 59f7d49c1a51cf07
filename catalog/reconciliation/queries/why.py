"""Why a value of an item is what it is: every claim on it, the strongest first."""

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone

from catalog.cmdb.models import CI
from catalog.engine.reconcile import Held, Reconciled
from catalog.reconciliation.models import SourceRecord
from catalog.reconciliation.queries.known import Known
from catalog.reconciliation.queries.truth import reconciled


def why(item: CI, at: datetime | None = None) -> Mapping[str, Held]:
    """Key of a claim -> what holds, and all that was said of it. Empty for an item of which no source speaks."""
    return truth(item, at).values


def truth(item: CI, at: datetime | None = None) -> Reconciled:
    """All that the records of an item come to: class, values, conflicts, other classes that were claimed."""
    records = SourceRecord.objects.filter(ci=item).order_by("pk")
    return reconciled(records, Known(), at or timezone.now())
