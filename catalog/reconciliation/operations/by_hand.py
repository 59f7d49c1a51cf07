"""What people write of an item is a record of the source `people`: believed first, until they take it back."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from catalog.cmdb.models import CI, Identifier
from catalog.reconciliation.models import SourceRecord
from catalog.reconciliation.operations.sources import people
from catalog.reconciliation.operations.writing import ATTRIBUTES, picture
from catalog.reconciliation.queries.known import Known
from catalog.services.models import Service

# Whether it serves is moved step by step, and not claimed.
_CLAIMED = ("name", "environment", "team", "description")


def keep_what_people_made(items: Collection[int], known: Known, at: datetime) -> list[SourceRecord]:
    """Items that a source is about to speak of, and that people made before: what they hold is people's word.

    Services are left out: they say themselves what they are called and whose they are.
    """
    services = Service.objects.filter(pk__in=items).values("pk")
    rows = CI.objects.filter(pk__in=items, records=None).exclude(pk__in=services).select_related("ci_class", "team")
    made = [_record(item, known, at) for item in rows]
    return SourceRecord.objects.bulk_create(made)


def _record(item: CI, known: Known, at: datetime) -> SourceRecord:
    holds = {key: value for key, value in picture(item).items() if value not in (None, "", [])}
    values = dict(Identifier.objects.filter(ci=item, contested=False).values_list("scheme", "value"))
    order = set(known.identifiers.order)
    values = {scheme: value for scheme, value in values.items() if scheme in order}
    source = people()
    known.sources[source.pk] = source
    return SourceRecord(
        source=source, key=item.reference, ci=item, class_slug=item.ci_class.slug, values=values,
        tokens=[f"{scheme}={value}" for scheme, value in values.items()],
        claims={key: value for key, value in holds.items() if key in _CLAIMED or key.startswith(ATTRIBUTES)},
        observed_at=at, last_seen_at=at, dated=True,
    )  # fmt: skip


def pin(item: CI, said: Mapping[str, Any], at: datetime) -> SourceRecord:
    """People say these: key -> value; None takes back what they said, so that sources are believed again."""
    record, _ = SourceRecord.objects.get_or_create(
        source=people(), key=item.reference, defaults={"ci": item, "observed_at": at, "dated": True, "last_seen_at": at}
    )
    for key, value in said.items():
        record.claims.pop(key, None)
        record.said_at.pop(key, None)
        if value is not None:
            record.claims[key], record.said_at[key] = value, at.isoformat()
    record.last_seen_at = at
    record.save(update_fields=["claims", "said_at", "last_seen_at"])
    return record
