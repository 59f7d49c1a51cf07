"""The run that keeps a rule: small batches, each whole in its own transaction, and one entry in the history a run.

Safe to run twice, and to kill: a batch is gone with its count or not at all, and a run without an end is gone on with.
"""

import json
from collections.abc import Collection
from datetime import datetime
from typing import IO

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.files.models import Attachment
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.locks import AdvisoryLock
from itsm.notifications.models import Notification
from itsm.notifications.notifying import forget
from itsm.proposals.models import Proposal
from itsm.retention import queries
from itsm.retention.models import Purged, RetentionRule, RetentionRun
from itsm.search.index import keep
from itsm.search.offers import offer_of
from itsm.work.models import Note, Task, TimeWorked, Watcher

BATCH = 200
ACTOR = Actor.system("retention")
GONE = "\N{EN DASH}"  # stands where a text has to be


def run(rule: RetentionRule, at: datetime, *, batch: int = BATCH, into: IO[str] | None = None) -> int:
    """Take what a rule takes at `at`; returns how many records went. 0 where it is off, or somebody else is at it.

    `into`: where each is written first, a line of JSON each; a rule that says so takes nothing without it.
    Raises InvalidInput where it is to be exported and nothing says how.
    """
    if into is not None and rule.kept.export is None:
        raise InvalidInput(gettext("%(what)s cannot be exported.") % {"what": rule.kept.words})
    gone = 0
    while (count := _batch(rule.pk, at, batch, into)) is not None:
        gone += count
        if not count:
            break
    return gone


@transaction.atomic
def _batch(rule_id: int, at: datetime, size: int, into: IO[str] | None) -> int | None:
    """One batch; 0: none is left and the run has ended; None: nothing is to be done."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [AdvisoryLock.RETENTION])
        if not cursor.fetchone()[0]:
            return None
        # Whom a legal hold keeps is not changed until this batch is whole.
        cursor.execute("LOCK TABLE erasure_legalhold, erasure_recordhold IN SHARE MODE")
    rule = RetentionRule.objects.select_for_update(no_key=True).filter(pk=rule_id, active=True).first()
    if rule is None or (rule.export_first and into is None):
        return None
    rows = list(queries.taken(rule, at).select_for_update(of=("self",), skip_locked=True, no_key=True)[:size])
    under_way = RetentionRun.objects.filter(rule=rule, ended_at=None).first()
    if not rows:
        _end(rule, under_way, at)
        return 0
    if into is not None and rule.kept.export is not None:
        for line in rule.kept.export(rows):
            into.write(json.dumps(line, cls=DjangoJSONEncoder, ensure_ascii=False) + "\n")
        into.flush()
    _take(rule, [row.pk for row in rows])
    current = under_way or RetentionRun(rule=rule, began_at=at)
    current.gone += len(rows)
    current.save()
    return len(rows)


def _end(rule: RetentionRule, under_way: RetentionRun | None, at: datetime) -> None:
    if under_way is None:
        return
    under_way.ended_at = max(at, under_way.began_at)
    under_way.save(update_fields=["ended_at"])
    said = {"record_kind": [rule.record_kind, rule.record_kind], "records": [under_way.gone, 0]}
    lifecycle.announce(rule, "purged", actor=ACTOR, changes={**said, "older_than_months": [None, rule.months]})


def _take(rule: RetentionRule, ids: Collection[int]) -> None:
    kept = rule.kept
    if kept.purge is not None:
        kept.purge(ids)
        return
    Purged.objects.bulk_create([Purged(record_kind=rule.record_kind, record_id=one) for one in ids])
    if kept.mask is not None:
        kept.mask(ids)
    _empty_what_stands_on_it(rule.record_kind, ids)
    with connection.cursor() as cursor:
        cursor.execute("SELECT retention_empty_history(%s, %s, %s)", [rule.record_kind, list(ids), list(kept.history)])
    if (offer := offer_of(kept.model)) is not None:
        keep(offer, list(kept.model._default_manager.filter(pk__in=ids)))


def _empty_what_stands_on_it(kind: str, ids: Collection[int]) -> None:
    """Words, files and news on these records go, and what was proposed for them, which quotes them; tasks, minutes and
    links stay without words."""
    on = {"record_kind": kind, "record_id__in": ids}
    Attachment.objects.filter(**on).delete()  # their bytes are swept
    for model in (Note, Watcher, Proposal):
        model._default_manager.filter(**on).delete()
    forget(Notification.objects.filter(**on))
    Task.objects.filter(**on).update(title=GONE)
    TimeWorked.objects.filter(**on).update(note="")
