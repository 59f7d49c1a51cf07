"""A batch of documents is taken in: records, the items that they speak of, what is true of these, their relations."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.utils.translation import gettext

from catalog.cmdb.models import CI
from catalog.cmdb.operations.histories import Origin, coming_from
from catalog.cmdb.operations.locking import hold_items
from catalog.engine.identify import Record
from catalog.reconciliation.models import Run, RunDocument, Source, SourceRecord
from catalog.reconciliation.operations import people as people_brought
from catalog.reconciliation.operations.by_hand import keep_what_people_made
from catalog.reconciliation.operations.differing import follow_records, keep_questions
from catalog.reconciliation.operations.linking import Linker
from catalog.reconciliation.operations.measured import pass_on
from catalog.reconciliation.operations.merging import merge_into, related_to
from catalog.reconciliation.operations.placing import Placed, as_record, place
from catalog.reconciliation.operations.rows import point
from catalog.reconciliation.operations.services import make_service
from catalog.reconciliation.operations.sources import people
from catalog.reconciliation.operations.staging import Staged, is_service
from catalog.reconciliation.operations.writing import Writer
from catalog.reconciliation.queries.known import Known
from catalog.reconciliation.queries.targets import ends_ahead
from catalog.reconciliation.vocabulary import Outcome
from itsm.kernel.actors import Actor

_RENEWED = (
    "class_slug", "values", "tokens", "claims", "said_at", "hash", "observed_at", "dated", "last_seen_at", "gone_at",
)  # fmt: skip


class Batch:
    """Writes in the caller's transaction, which holds the lock of all imports."""

    def __init__(self, source: Source, known: Known, actor: Actor, at: datetime, origin: Origin) -> None:
        self.source, self.known, self.actor, self.at = source, known, actor, at
        self.writer = Writer(known, origin, actor, at)
        self.linker = Linker(source, known, actor, at, origin)
        self.before: list[Record] = []
        self.lost: set[tuple[str, str]] = set()  # (scheme, value) that some record had and has no more
        self.moved: list[SourceRecord] = []  # what may be another item's now
        self.seen: set[int] = set()  # items that are as they were
        self.rehoused: list[SourceRecord] = []  # what spoke of another item before

    @classmethod
    def of_run(cls, run: Run, known: Known, actor: Actor, at: datetime) -> "Batch":
        """What a run does, under its name. Raises nothing."""
        people()  # who writes by hand meanwhile, for the first time, is a source that is known
        return cls(run.source, known, actor, at, Origin(run.source.slug, run.pk, run.change_reference))

    @classmethod
    def by_hand(cls, source: Source, known: Known, actor: Actor, at: datetime) -> "Batch":
        """What follows from a word of people. Raises nothing."""
        return cls(source, known, actor, at, Origin())

    def take(self, documents: Sequence[RunDocument]) -> None:
        """Take these in and say of each what became of it. What was refused stays so."""
        self._take_people(documents)
        waiting = [one for one in documents if one.outcome == Outcome.WAITING and one.document is not None]
        staged = {one.pk: Staged(**(one.document or {})) for one in waiting}
        there = self._there([staged[one.pk].key for one in waiting])
        changed: dict[int, SourceRecord] = {}
        unchanged: list[SourceRecord] = []
        fresh: set[int] = set()
        for one in waiting:
            says = staged[one.pk]
            record = there.get(says.key)
            if record is None:
                changed[one.pk] = self._begun(says)
                fresh.add(one.pk)
            elif record.gone_at is None and record.hash == says.hash:
                unchanged.append(record)
                self._say(one, Outcome.UNCHANGED, record)
            elif says.observed is not None and says.observed < record.observed_at and record.gone_at is None:
                unchanged.append(record)
                self._say(one, Outcome.UNCHANGED, record, gettext("What was observed later stays."))
            else:
                self._renew(record, says)
                changed[one.pk] = record
        SourceRecord.objects.bulk_create([changed[pk] for pk in fresh])
        SourceRecord.objects.bulk_update([one for pk, one in changed.items() if pk not in fresh], _RENEWED)
        self.moved += [changed[pk] for pk in fresh]
        self.seen |= {one.ci_id for one in unchanged if one.ci_id is not None}
        claimed = [relation for pk in changed for relation in staged[pk].relations]
        ahead = ends_ahead(self.source, claimed, changed.values())
        slugs = {changed[pk].pk: staged[pk].slug for pk in changed}
        made = self.renew_items(changed.values(), slugs=slugs, ahead=ahead)
        self._seen(unchanged)
        stored = SourceRecord.objects.filter(pk__in=[one.pk for one in changed.values()])
        items = dict(stored.values_list("pk", "ci_id"))
        for record in changed.values():
            record.ci_id = items[record.pk]  # the neighbourhood may have moved it
        claims = {changed[pk].pk: staged[pk] for pk in changed}
        self.linker.link(list(changed.values()), {pk: says.relations for pk, says in claims.items()})
        self.linker.follow(self.rehoused)
        self.linker.share({changed[pk].ci_id or 0: staged[pk].shares for pk in changed})
        CI.objects.filter(pk__in=set(items.values()), merged_into=None).update(last_seen_at=self.at)
        spoken = {one.key: one for one in (*there.values(), *changed.values())}
        pass_on([(says, spoken[says.key]) for says in staged.values()], actor=self.actor, at=self.at)
        for one in waiting:
            if one.pk in changed:
                record = changed[one.pk]
                new = one.pk in fresh and record.ci_id in made
                made.discard(record.ci_id or 0)
                self._say(one, Outcome.CREATED if new else Outcome.UPDATED, record)

    def renew_items(
        self, changed: Iterable[SourceRecord], slugs: dict[int, str] | None = None, ahead: Collection[int] = ()
    ) -> set[int]:
        """Let the items be what the records say, wherever one of these may have moved to. Returns the new items.

        `ahead`: whatever else is going to be written, so that all is locked at once: who relates two of them by hand
        meanwhile waits, and is not waited for.
        """
        touched = {one.ci_id for one in changed if one.ci_id is not None}
        placed = place(self.before, self.moved, self.known)
        hold_items({*touched, *self.seen, *placed.items, *ahead, *related_to(placed.left)})
        made = self._house(placed, touched, slugs or {})
        touched |= {one.ci_id for one in (*changed, *placed.records) if one.ci_id is not None}
        by_item = self.records_of(touched)
        rows = CI.objects.filter(pk__in=touched - made, merged_into=None).select_related("ci_class", "team")
        self.writer.renew(list(rows), by_item)
        if made:
            # Their values came with them; only what does not hold is still to be said.
            self.writer.hold({item: by_item[item] for item in made})
        keep_questions(placed.asked, placed.records, self.known, self.at)
        self.writer.identify({one: by_item.get(one, []) for one in touched}, placed.contested, self.lost)
        return made

    def gone(self, records: Collection[SourceRecord]) -> None:
        """What a complete run had not: its claims hold only where nobody else says anything."""
        for one in records:
            one.gone_at = self.at
        SourceRecord.objects.bulk_update(records, ["gone_at"], batch_size=500)
        self.renew_items(records, ahead=ends_ahead(self.source, (), records))
        self.linker.link(list(records), {one.pk: [] for one in records})
        self.linker.follow(self.rehoused)

    def records_of(self, items: Collection[int]) -> dict[int, list[SourceRecord]]:
        """All records by the item that they speak of."""
        found: dict[int, list[SourceRecord]] = defaultdict(list)
        for one in SourceRecord.objects.filter(ci__in=items).order_by("pk"):
            found[one.ci_id or 0].append(one)
        return found

    def _house(self, placed: Placed, touched: set[int], slugs: dict[int, str]) -> set[int]:
        """Move records to where they belong, merge what is one; new items for what has none."""
        moved: list[SourceRecord] = []
        new: list[list[SourceRecord]] = []
        adopted: set[int] = set()
        for records, item in placed.homes:
            if item is None:
                new.append(records)
                continue
            if all(one.ci_id is None for one in records):
                adopted.add(item)
            for one in records:
                if one.ci_id != item:
                    if one.ci_id is not None:
                        touched.add(one.ci_id)
                        self.rehoused.append(one)
                    one.ci_id = item
                    moved.append(one)
        keep_what_people_made(adopted, self.known, self.at)
        services = [records for records in new if is_service(records[0].class_slug, self.known)]
        plain = [records for records in new if not is_service(records[0].class_slug, self.known)]
        made = [(item.pk, records) for item, records in zip(self.writer.make(plain), plain, strict=True)]
        for ones in services:
            found = self.writer.reconciled(ones)
            with coming_from(self.writer.origin):
                made.append((make_service(found, slugs.get(ones[0].pk, ""), self.known, self.actor), ones))
        for pk, records in made:
            for one in records:
                one.ci_id = pk
                moved.append(one)
        point(SourceRecord, "ci_id", {one.pk: one.ci_id for one in moved})
        follow_records(moved)
        for item, into in placed.merged.items():
            merge_into(item, into, actor=self.actor, at=self.at, origin=self.writer.origin)
        return {pk for pk, _ in made}

    def _take_people(self, documents: Sequence[RunDocument]) -> None:
        """Teams and people come before the items that are theirs."""
        for one in documents:
            if one.outcome == Outcome.WAITING and people_brought.is_one(one.document):
                taken = people_brought.take(one.document or {}, self.actor)
                one.outcome, one.reason, one.document = taken.outcome, taken.reason[:1000], None
                self.known.__dict__.pop("teams", None)

    def _there(self, keys: Collection[str]) -> dict[str, SourceRecord]:
        found = SourceRecord.objects.filter(source=self.source, key__in=keys)
        return {one.key: one for one in found}

    def _begun(self, says: Staged) -> SourceRecord:
        record = SourceRecord(source=self.source, key=says.key)
        self._fill(record, says)
        return record

    def _renew(self, record: SourceRecord, says: Staged) -> None:
        was = as_record(record, self.known)
        self._fill(record, says)
        if was.values != record.values:
            self.before.append(was)
            self.lost |= was.values.items() - record.values.items()
            self.moved.append(record)

    def _fill(self, record: SourceRecord, says: Staged) -> None:
        record.class_slug, record.values, record.claims = says.class_slug, says.values, says.claims
        record.tokens = [f"{scheme}={value}" for scheme, value in says.values.items()]
        record.hash, record.said_at, record.gone_at = says.hash, {}, None
        record.observed_at, record.last_seen_at = says.observed or self.at, self.at
        record.dated = says.observed is not None

    def _seen(self, records: Collection[SourceRecord]) -> None:
        ids = [one.pk for one in records]
        if ids:
            SourceRecord.objects.filter(pk__in=ids).update(last_seen_at=self.at)
            CI.objects.filter(pk__in=[one.ci_id for one in records]).update(last_seen_at=self.at)

    def _say(self, one: RunDocument, outcome: Outcome, record: SourceRecord, reason: str = "") -> None:
        one.outcome, one.reason, one.ci_id, one.document = outcome, reason, record.ci_id, None
        one.held = record.pk in self.writer.held
        if one.held and not reason:
            one.reason = gettext("Something of it is not believed: a stronger source says otherwise.")
