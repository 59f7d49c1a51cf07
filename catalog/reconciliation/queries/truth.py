"""What the records of one item come to."""

from collections.abc import Iterable
from datetime import datetime

from catalog.engine.identify import RecordKey
from catalog.engine.reconcile import Claim, Reconciled, Speaker, reconcile
from catalog.reconciliation.models import SourceRecord
from catalog.reconciliation.queries.known import Known


def key_of(one: SourceRecord, known: Known) -> RecordKey:
    """A record as the engine names it."""
    return RecordKey(known.sources[one.source_id].slug, one.key)


def reconciled(records: Iterable[SourceRecord], known: Known, at: datetime) -> Reconciled:
    """What is true at an instant, given all records of one item."""
    speakers, claims = [], []
    for one in records:
        key = key_of(one, known)
        speakers.append(
            Speaker(key, one.class_slug or None, one.observed_at, one.last_seen_at, one.gone_at is not None, one.dated)
        )
        for name, value in one.claims.items():
            said = one.said_at.get(name)
            observed_at = datetime.fromisoformat(said) if said else one.observed_at
            claims.append(Claim(key, name, value, observed_at, dated=one.dated or said is not None))
    return reconcile(speakers, claims, known.precedence, known.lineages, at)
