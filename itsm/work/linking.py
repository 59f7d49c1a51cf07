"""Arrows between records: drawn in words from either end, shown to who may see both, moved and taken away."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from itsm import lifecycle
from itsm.accounts.permissions import participants
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted
from itsm.work import linkable
from itsm.work.models import Link

MAX_LINKS = 100


class Relation(models.TextChoices):
    """An arrow as one of its ends says it. What ends in `_by` comes from the other end."""

    RELATES = "relates", _("relates to")
    CAUSED_BY = "caused_by", _("was caused by")
    CAUSED = "caused", _("caused")
    FIXED_BY = "fixed_by", _("is fixed by")
    FIXES = "fixes", _("fixes")
    DUPLICATES = "duplicates", _("is a duplicate of")
    DUPLICATED_BY = "duplicated_by", _("has the duplicate")
    FOLLOWS = "follows", _("follows")
    FOLLOWED_BY = "followed_by", _("is followed by")
    AFFECTS = "affects", _("affects")
    AFFECTED_BY = "affected_by", _("is affected by")


_INWARD = {
    Relation.CAUSED_BY: Link.Meaning.CAUSED,
    Relation.FIXED_BY: Link.Meaning.FIXES,
    Relation.DUPLICATED_BY: Link.Meaning.DUPLICATES,
    Relation.FOLLOWED_BY: Link.Meaning.FOLLOWS,
    Relation.AFFECTED_BY: Link.Meaning.AFFECTS,
}
_OUTWARD = {meaning: relation for relation, meaning in _INWARD.items()}


Guard = Callable[[Link, Actor], Callable[[], None] | None]
_guards: list[Guard] = []


def guarded_by(guard: Guard) -> None:
    """`guard(arrow, actor)` is asked before an arrow is taken away: it raises NotPermitted, or returns what follows
    once it is gone, or None. Called once, at start."""
    if guard not in _guards:
        _guards.append(guard)


@dataclass(frozen=True, slots=True)
class Linked:
    """One arrow as a record says it, and the record at its other end."""

    id: int
    relation: Relation
    record: Any

    @property
    def title(self) -> str:
        """What the other record is about, in its own words."""
        return title_of(self.record)


def title_of(record: Any) -> str:
    """What a record is about, in its own words; empty where it has none."""
    said = (getattr(record, name, "") for name in ("title", "summary", "name"))
    return str(next(filter(None, said), ""))


def linked_to(record: Any, actor: Actor) -> list[Linked]:
    """What a record is linked to, as far as the actor may see it; one query for each kind."""
    arrows = list(links_of(record)[:MAX_LINKS])
    ends = [_other_end(record, arrow) for arrow in arrows]
    ids: dict[str, set[int]] = defaultdict(set)
    for kind, pk, _relation in ends:
        ids[kind].add(pk)
    seen = {kind: linkable.among(actor, kind, wanted) for kind, wanted in ids.items()}
    return [
        Linked(arrow.pk, relation, seen[kind][pk])
        for arrow, (kind, pk, relation) in zip(arrows, ends, strict=True)
        if pk in seen[kind]
    ]


def link_named(record: Any, actor: Actor, link_id: int) -> Linked:
    """One of these. Raises NotFound."""
    found = next((one for one in linked_to(record, actor) if one.id == link_id), None)
    if found is None:
        raise NotFound(gettext("There is no such link, or you may not see it."))
    return found


def _other_end(record: Any, arrow: Link) -> tuple[str, int, Relation]:
    meaning = Link.Meaning(arrow.meaning)
    if (arrow.from_kind, arrow.from_id) == (record.kind, record.pk):
        return arrow.to_kind, arrow.to_id, Relation(meaning.value)
    return arrow.from_kind, arrow.from_id, _OUTWARD.get(meaning, Relation.RELATES)


@transaction.atomic
def connect(record: Any, *, actor: Actor, to: str, relation: str) -> Linked:
    """Link a record to another (a reference), in the record's words; the same arrow exists once.

    The caller judged who may link here. Its history names the other, unless that one is discreet; the other's history
    says nothing. Raises NotPermitted, InvalidInput (`to` unseen; `affects` what is no thing that can fail), Conflict
    (itself, too many).
    """
    if not participants(actor):
        raise NotPermitted(gettext("%(actor_name)s reads everything and changes nothing.") % {"actor_name": actor.name})
    other, said = linkable.named(actor, to, "to"), Relation(relation)
    if (other.kind, other.pk) == (record.kind, record.pk):
        raise Conflict(gettext("%(reference)s is not linked to itself.") % {"reference": record.reference})
    if links_of(record).count() >= MAX_LINKS:
        raise Conflict(gettext("A record has at most %(most)s links.") % {"most": MAX_LINKS})
    tail, head = (other, record) if said in _INWARD else (record, other)
    if _INWARD.get(said, said.value) == Link.Meaning.AFFECTS and not linkable.is_thing(head):
        words = gettext("%(reference)s is nothing that can fail: name a configuration item.") % {
            "reference": head.reference
        }
        raise InvalidInput.about("relation", words)
    made, is_new = Link.objects.get_or_create(
        from_kind=tail.kind,
        from_id=tail.pk,
        to_kind=head.kind,
        to_id=head.pk,
        meaning=_INWARD.get(said, said.value),
        defaults={"by_id": actor.id, "at": timezone.now()},
    )
    if is_new:
        _announce(record, "linked", actor, said, other, added=True)
    return Linked(made.pk, said, other)


@transaction.atomic
def disconnect(record: Any, linked: Linked, *, actor: Actor) -> None:
    """Take an arrow of a record away; nothing where it is gone. Raises NotPermitted, also by what guards arrows."""
    if not participants(actor):
        raise NotPermitted(gettext("%(actor_name)s reads everything and changes nothing.") % {"actor_name": actor.name})
    arrow = links_of(record).filter(pk=linked.id).first()
    if arrow is None:
        return
    follows = [guard(arrow, actor) for guard in _guards]
    if links_of(record).filter(pk=linked.id).delete()[0]:
        _announce(record, "unlinked", actor, linked.relation, linked.record, added=False)
        for follow in follows:
            if follow is not None:
                follow()


def _announce(record: Any, event: str, actor: Actor, relation: Relation, other: Any, *, added: bool) -> None:
    pair = [None, other.reference] if added else [other.reference, None]
    changes = {} if linkable.is_discreet(other) else {relation.value: pair}
    lifecycle.announce(record, event, actor=actor, changes=changes)


def links_of(record: Any) -> "QuerySet[Link]":
    """The arrows from a record and to it, in the order in which they were made."""
    here = Q(from_kind=record.kind, from_id=record.pk) | Q(to_kind=record.kind, to_id=record.pk)
    return Link.objects.filter(here).order_by("id")


def move_links(record: Any, to: Any) -> None:
    """The arrows of a record are another's from now on, in the caller's transaction; none twice, none to itself.

    Raises nothing.
    """
    for arrow in links_of(record):
        ends = {
            side: (to.kind, to.pk) if here == (record.kind, record.pk) else here
            for side, here in (("from", (arrow.from_kind, arrow.from_id)), ("to", (arrow.to_kind, arrow.to_id)))
        }
        moved = {f"{side}_kind": kind for side, (kind, _pk) in ends.items()}
        moved |= {f"{side}_id": pk for side, (_kind, pk) in ends.items()}
        if ends["from"] == ends["to"] or Link.objects.filter(meaning=arrow.meaning, **moved).exists():
            arrow.delete()
        else:
            Link.objects.filter(pk=arrow.pk).update(**moved)
