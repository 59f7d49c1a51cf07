"""What a batch makes of items: new ones, what is true of those that are there, what identifies them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from catalog.cmdb.models import CI, History, Identifier
from catalog.cmdb.operations.histories import Origin, record
from catalog.cmdb.queries.identifiers import named_by
from catalog.cmdb.vocabulary import Status
from catalog.cmdb.workflow import WORKFLOW
from catalog.engine.reconcile import Reconciled, differences
from catalog.reconciliation.models import SourceRecord
from catalog.reconciliation.operations.differing import keep_conflicts
from catalog.reconciliation.queries.known import Known
from catalog.reconciliation.queries.truth import reconciled
from catalog.reconciliation.vocabulary import DESCRIPTION, ENVIRONMENT, NAME, STATUS, TEAM
from catalog.services.models import Service
from itsm.audit.recording import record_event, together
from itsm.fields.models import FieldValue
from itsm.fields.values import side
from itsm.kernel.actors import Actor
from itsm.search import index
from itsm.search.offers import offer_of

ATTRIBUTES = "attributes."
Pair = tuple[str, str]  # scheme, value
_COLUMNS = ("ci_class", "name", "status", "environment", "team", "description", "attributes", "version")


@dataclass(slots=True)
class Writer:
    """Writes in the caller's transaction, whose lock keeps other imports away."""

    known: Known
    origin: Origin
    actor: Actor
    at: datetime
    changed: set[int] = field(default_factory=set)  # items that are not as they were
    held: set[int] = field(default_factory=set)  # records of which something does not hold

    def reconciled(self, records: Iterable[SourceRecord]) -> Reconciled:
        """What is true, given all records of one item."""
        return reconciled(records, self.known, self.at)

    def make(self, homes: Sequence[Sequence[SourceRecord]]) -> list[CI]:
        """A new item for each of these, with its first history. The records are not told yet."""
        made = []
        left = {one.ci_id for records in homes for one in records if one.ci_id is not None}
        discreet = set(CI.objects.filter(pk__in=left, confidential=True).values_list("pk", flat=True)) if left else ()
        for records in homes:
            confidential = any(one.ci_id in discreet for one in records)
            item = CI(status=Status.ACTIVE, last_seen_at=self.at, confidential=confidential)
            self._set(item, self.reconciled(records), new=True)
            made.append(item)
        CI.objects.bulk_create(made)
        History.objects.bulk_create(
            History(
                ci=item, key=key, before=None, after=after, at=self.at, actor_id=self.actor.id,
                actor_name=self.actor.name, source=self.origin.source, run=self.origin.run,
                change_reference=self.origin.change,
            )
            for item in made
            for key, after in ((NAME, item.name), (STATUS, str(item.status)))
        )  # fmt: skip
        self._mirror(made)
        self._told(made, "imported")
        self.changed |= {item.pk for item in made}
        return made

    def renew(self, items: Collection[CI], records: Mapping[int, Sequence[SourceRecord]]) -> None:
        """Let items be what their records make true; what does not hold is a conflict."""
        services = set(Service.objects.filter(pk__in=[item.pk for item in items]).values_list("pk", flat=True))
        edited: list[tuple[CI, Mapping[str, tuple[Any, Any]]]] = []
        edits: Mapping[str, tuple[Any, Any]]
        found_of: dict[int, Reconciled] = {}
        for item in items:
            found = self.reconciled(records.get(item.pk, ()))
            found_of[item.pk] = found
            before = picture(item)
            self._set(item, found, new=False, service=item.pk in services)
            if edits := differences(before, picture(item)):
                item.version += 1
                edited.append((item, edits))
        if edited:
            CI.objects.bulk_update([item for item, _ in edited], _COLUMNS)
            for item, edits in edited:
                record(item, edits, actor=self.actor, at=self.at, origin=self.origin)
            self._mirror([item for item, _ in edited])
            self._told([item for item, _ in edited], "imported_again", dict(edited_by_pk(edited)))
            self.changed |= {item.pk for item, _ in edited}
        states = {item.pk: str(item.status) for item in items}
        self.held |= keep_conflicts(found_of, records, states, self.known, self.at)

    def hold(self, records: Mapping[int, Sequence[SourceRecord]]) -> None:
        """Say of items that are as they should be what does not hold."""
        found = {item: self.reconciled(ones) for item, ones in records.items()}
        self.held |= keep_conflicts(found, records, {}, self.known, self.at)

    def identify(
        self, records: Mapping[int, Sequence[SourceRecord]], contested: Collection[Pair], gone: Collection[Pair]
    ) -> None:
        """Let these items have the identifiers of their records. `gone`: what some record had and has no more."""
        wanted = {
            (item, scheme, value): (scheme, value) in contested
            for item, ones in records.items()
            for one in ones
            for scheme, value in one.values.items()
        }
        holders: dict[tuple[str, str], set[int]] = {}
        for item, scheme, value in wanted:
            holders.setdefault((scheme, value), set()).add(item)
        there = {(one.ci_id, one.scheme, one.value): one for one in Identifier.objects.filter(ci__in=records)}
        stale = [one.pk for at, one in there.items() if at not in wanted and (at[1:] in gone or at[1:] in holders)]
        elsewhere = self._elsewhere(holders, records)
        flags = {at: flag or len(holders[at[1:]]) > 1 or at[1:] in elsewhere for at, flag in wanted.items()}
        Identifier.objects.filter(pk__in=stale).delete()
        turned = [one for at, one in there.items() if at in flags and one.contested != flags[at]]
        for one in sorted(turned, key=lambda one: not one.contested):
            one.contested = not one.contested
        # What becomes contested goes first: two may not name one item in between.
        Identifier.objects.bulk_update([one for one in turned if one.contested], ["contested"])
        Identifier.objects.bulk_create(
            Identifier(ci_id=item, scheme=scheme, value=value[:500], contested=flag)
            for (item, scheme, value), flag in flags.items()
            if (item, scheme, value) not in there
        )
        Identifier.objects.bulk_update([one for one in turned if not one.contested], ["contested"])

    def _elsewhere(
        self, holders: Mapping[tuple[str, str], set[int]], records: Mapping[int, Any]
    ) -> set[tuple[str, str]]:
        """Of these values those that an item has which is not looked at here: it came by them by hand."""
        return {pair for pair, item in named_by(holders).items() if item not in records}

    def _set(self, item: CI, found: Reconciled, *, new: bool, service: bool = False) -> None:
        values: dict[str, Any] = {key: held.value for key, held in found.values.items()}
        ci_class = self.known.classes.get(found.class_slug or "")
        if ci_class is not None and not service and not ci_class.abstract:
            item.ci_class = ci_class
        fields = self.known.fields(item.ci_class.slug)
        attributes = dict(item.attributes)
        for key, value in values.items():
            name = key.removeprefix(ATTRIBUTES)
            if key.startswith(ATTRIBUTES) and name in fields:
                attributes[name] = value
        # What some source had said and nobody says any more is gone; nothing else had put it there.
        claimed_keys = {key.removeprefix(ATTRIBUTES) for key in values if key.startswith(ATTRIBUTES)}
        item.attributes = {
            key: value for key, value in attributes.items() if key in claimed_keys or (not new and key not in fields)
        }
        item.environment = values.get(ENVIRONMENT, item.environment if new else "")
        if service:
            return  # name, owner and words of a service are the service's to say
        item.name = values.get(NAME, item.name)
        item.description = values.get(DESCRIPTION, "")
        item.team = self.known.teams.get(values.get(TEAM, ""))
        if (status := values.get(STATUS)) and (new or (item.status, status) in WORKFLOW.moves()):
            item.status = status

    def _mirror(self, items: Sequence[CI]) -> None:
        """Numbers and times of filterable fields, in the side table."""
        rows, touched = [], set()
        for item in items:
            for one in self.known.fields(item.ci_class.slug).values():
                if one.is_mirrored:
                    touched.add(one.pk)
                    if item.attributes.get(one.key) is not None:
                        rows.append(
                            FieldValue(field=one, record_id=item.pk, **side(one.type, item.attributes[one.key]))
                        )
        if touched:
            FieldValue.objects.filter(record_id__in=[item.pk for item in items], field__in=touched).delete()
            FieldValue.objects.bulk_create(rows)

    def _told(self, items: Sequence[CI], event: str, changes: Mapping[int, Mapping[str, Any]] | None = None) -> None:
        """Audit and search of many items, by one statement each."""
        with together():
            for item in items:
                record_event(f"{CI.kind}.{event}", item, actor=self.actor, changes=(changes or {}).get(item.pk, {}))
        if items and (offer := offer_of(CI)) is not None:
            index.keep(offer, items)


def edited_by_pk(
    edited: Iterable[tuple[CI, Mapping[str, tuple[Any, Any]]]],
) -> Iterable[tuple[int, dict[str, list[Any]]]]:
    """Item -> its edits as the audit keeps them: key -> [before, after]."""
    for item, edits in edited:
        yield item.pk, {key: list(pair) for key, pair in edits.items()}


def picture(item: CI) -> dict[str, Any]:
    """What history tells of an item, as plain values."""
    return {
        "name": item.name,
        "status": str(item.status),
        "environment": item.environment,
        "ci_class": item.ci_class.slug,
        "team": item.team.slug if item.team else None,
        "description": item.description,
        **{f"{ATTRIBUTES}{key}": value for key, value in item.attributes.items()},
    }
