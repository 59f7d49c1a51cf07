"""Legal holds on records: what a court, an audit or a dispute needs stays, whatever rule or erasure would take it."""

from collections.abc import Iterator

from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts.models import User
from itsm.accounts.permissions import administrators
from itsm.erasure.models import RecordHold
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.kernel.texts import is_blank
from itsm.work.models import Note
from itsm.work.retention import Kept, offered


@transaction.atomic
def hold_records(*, actor: Actor, record_kind: str, reference: str = "", reason: str) -> RecordHold:
    """Keep a record, named by its reference, or without one every record of its kind.

    Raises NotPermitted, InvalidInput (no such kind or record, no reason), Conflict (held already).
    """
    _keepers_only(actor)
    kept = offered().get(record_kind)
    if kept is None:
        raise InvalidInput.about("record_kind", gettext("Nothing of this kind is kept by rules."))
    if is_blank(reason):
        raise InvalidInput.about("reason", gettext("Say why they must be kept."))
    found = _named(kept, reference)
    made, is_new = RecordHold.objects.get_or_create(
        record_kind=record_kind, record_id=found,
        defaults={"reason": reason.strip()[:500], "by_id": actor.id, "title": reference.strip()[:150]},
    )  # fmt: skip
    if not is_new:
        raise Conflict(gettext("That is held already: %(reason)s") % {"reason": made.reason})
    lifecycle.announce(made, "created", actor=actor, changes={"reason": [None, made.reason]})
    return made


@transaction.atomic
def lift_records(hold: RecordHold, *, actor: Actor) -> None:
    """Let rules and erasures take it again. Raises NotPermitted, Conflict where it was lifted already."""
    _keepers_only(actor)
    current = RecordHold.objects.select_for_update(of=("self",), no_key=True).filter(pk=hold.pk).first()
    if current is None:
        raise Conflict(gettext("That is not held any more."))
    lifecycle.announce(current, "deleted", actor=actor, changes={"reason": [current.reason, None]})
    current.delete()


def held(record_kind: str) -> Q:
    """Which records of a kind are held, as a condition of a query over them."""
    of_kind = RecordHold.objects.filter(record_kind=record_kind)
    return Q(Exists(of_kind.filter(record_id=0))) | Q(Exists(of_kind.filter(record_id=OuterRef("pk"))))


def held_beneath() -> Q:
    """Which rows stand on a record that is held, and may quote it, as a condition of a query over them."""
    of_kind = RecordHold.objects.filter(record_kind=OuterRef("record_kind"))
    return Q(Exists(of_kind.filter(record_id=0))) | Q(Exists(of_kind.filter(record_id=OuterRef("record_id"))))


def naming(person: User) -> RecordHold | None:
    """A hold on records that name this person: whose they are, who worked on them, who wrote there."""
    for hold, rows, kept in _rows():
        theirs = Q()
        for name in kept.people:
            theirs |= Q(**{name: person.pk})
        notes = Note.objects.filter(record_kind=hold.record_kind, record_id=OuterRef("pk"), by=person)
        if rows.filter(theirs | Q(Exists(notes))).exists():
            return hold
    return None


def _rows() -> Iterator[tuple[RecordHold, QuerySet[Model], Kept]]:
    known = offered()
    for hold in RecordHold.objects.filter(record_kind__in=list(known)):
        rows: QuerySet[Model] = known[hold.record_kind].model._default_manager.all()
        yield hold, rows.filter(pk=hold.record_id) if hold.record_id else rows, known[hold.record_kind]


def _named(kept: Kept, reference: str) -> int:
    """The id behind a reference: its last number; 0 for none."""
    if is_blank(reference):
        return 0
    digits = reference.strip().rpartition("-")[2]
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else 0
    column = "number" if any(one.name == "number" for one in kept.model._meta.concrete_fields) else "pk"
    pk = kept.model._default_manager.filter(**{column: number}).values_list("pk", flat=True).first()
    if pk is None:
        raise InvalidInput.about("reference", gettext("There is no such record."))
    return int(pk)


def _keepers_only(actor: Actor) -> None:
    if not administrators(actor) or not (actor.is_human or actor.is_system):
        raise NotPermitted(gettext("%(actor_name)s may not place legal holds.") % {"actor_name": actor.name})
