"""What lists may ask of typed fields: the terms `cf.<key>` of a filter, each as a condition on a record's rows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _

from itsm.fields import kinds, queries
from itsm.fields.models import Field, FieldValue
from itsm.fields.references import reference_of
from itsm.fields.vocabulary import NUMBERS, RANGES, REFERENCES, TIMES, Type
from itsm.kernel.actors import Actor

_RELATIVE = re.compile(r"([+-])([0-9]{1,4})([dh])", re.ASCII)
_NOTHING = Q(pk__in=())


@dataclass(frozen=True, slots=True)
class Term:
    """One field in a filter. `why`: says why it finds nothing, where its field is retired."""

    field: Field

    @property
    def name(self) -> str:
        return f"cf.{self.field.key}"

    @property
    def why(self) -> str:
        if self.field.retired_at is None:
            return ""
        return _("The field %(label)s is retired; this finds nothing.") % {"label": self.field.label}

    @property
    def takes(self) -> frozenset[str]:
        """Of `is`, `any` (one of several), `range` and `me`, what may be asked."""
        if self.field.type in TIMES:
            return frozenset({"range"})
        asked = {"is", "any"} | ({"range"} if self.field.type in NUMBERS else set())
        return frozenset(asked | ({"me"} if self.field.type == Type.PERSON else set()))

    @property
    def options(self) -> list[tuple[str, str]]:
        """What there is to choose from: key and label; empty for what is typed."""
        if self.field.type == Type.YES_NO:
            return [("yes", _("yes")), ("no", _("no"))]
        return [(one.key, one.label) for one in self.field.options.all()]

    def any_of(self, words: Sequence[str], actor: Actor) -> Q:
        """Records whose value is one of these; `me` is the actor. ValueError with a sentence for what is no value."""
        if "is" not in self.takes:
            raise ValueError(_("%(label)s is asked for from and until.") % {"label": self.field.label})
        found = _NOTHING
        for word in words:
            for kept in self._kept(word, actor):
                found |= Q(attributes__contains={self.field.key: kept})
        return _NOTHING if self.why else found

    def between(self, low: str, high: str) -> Q:
        """Records whose number or time lies in [low, high]; "" leaves an end open. A day means all of it; `today`,
        `now`, `-7d` and `+12h` are told from now. ValueError with a sentence for what is none."""
        if self.field.type not in RANGES:
            raise ValueError(_("%(label)s has no order.") % {"label": self.field.label})
        column = "number" if self.field.type in NUMBERS else "instant"
        asked: dict[str, Any] = {}
        if low:
            asked[f"{column}__gte"] = self._end(low, first=True)
        if high:
            asked[f"{column}__lte"] = self._end(high, first=False)
        if self.why:
            return _NOTHING
        return Q(pk__in=FieldValue.objects.filter(field=self.field, **asked).values("record_id"))

    def empty(self) -> Q:
        """Records without a value."""
        return _NOTHING if self.why else ~Q(attributes__has_key=self.field.key)

    def _kept(self, word: str, actor: Actor) -> list[Any]:
        """How a word is kept: in more than one form, where the type has widened since."""
        field = self.field
        if field.type in REFERENCES:
            return self._pointed(word, actor)
        raw = kinds.from_text(field.type, word)
        if field.type == Type.CHOICES:
            return [[one] for one in self._chosen(raw)]
        if field.type == Type.CHOICE:
            return list(self._chosen([raw]))
        loose = kinds.Definition(field.key, field.type)  # rules of today judge nothing that was kept
        kept = kinds.parse(loose, raw, at=kinds.Moment(timezone.now(), date.min), look_up=lambda *_: None)
        if field.type == Type.DECIMAL and kept is not None and "." not in kept:
            return [kept, int(kept)]
        return [] if kept is None else [kept]

    def _chosen(self, keys: Sequence[str]) -> Sequence[str]:
        known = [one.key for one in self.field.options.all()]
        if odd := [one for one in keys if one not in known]:
            words = {"name": odd[0][:40], "known": ", ".join(known[:50])}
            raise ValueError(_("There is no %(name)s to choose; known are %(known)s.") % words)
        return keys

    def _pointed(self, word: str, actor: Actor) -> list[int]:
        """The ids of what the actor may see of this name. Who is not there answers as who may not be seen."""
        if word == "me" and self.field.type == Type.PERSON:
            return [actor.person_id] if actor.person_id is not None else []
        reference = reference_of(self.field.type)
        rows = reference.of_name(reference.seen(actor), word[:150]) if reference else ()
        found = [row.pk for row in rows]
        if not found:
            raise ValueError(_("There is none called %(name)s.") % {"name": word[:80]})
        return found

    def _end(self, word: str, *, first: bool) -> Any:
        if self.field.type in NUMBERS:
            loose = kinds.Definition(self.field.key, Type.DECIMAL)
            kept = kinds.parse(loose, word, at=kinds.Moment(timezone.now(), date.min), look_up=lambda *_: None)
            return Decimal(str(kept))
        return _instant(word, first=first, days=self.field.type == Type.DATE)


def _instant(word: str, *, first: bool, days: bool) -> datetime:
    """The first or last instant that a word means. Fields of days are kept at midnight UTC, whatever the zone."""
    day, moment = _told(word)
    if days:
        day = day or timezone.localdate(moment)
        return datetime.combine(day, time(), UTC)
    if moment is not None:
        return moment
    zone = get_current_timezone()
    begin = datetime.combine(day or timezone.localdate(), time(), zone)
    return begin if first else datetime.combine(begin.date(), time.max, zone)


def _told(word: str) -> tuple[date | None, datetime | None]:
    if word == "today":
        return timezone.localdate(), None
    if word == "now":
        return None, timezone.now()
    if relative := _RELATIVE.fullmatch(word):
        amount = int(relative[2]) * (1 if relative[1] == "+" else -1)
        if relative[3] == "h":
            return None, timezone.now() + timedelta(hours=amount)
        return timezone.localdate() + timedelta(days=amount), None
    moment = kinds.instant_in(word)
    try:
        day = None if moment else date.fromisoformat(word)
    except ValueError:
        raise ValueError(_("Send a date, a time with its zone, today, now, or -7d.")) from None
    return day, moment


def terms_for(owner: str, actor: Actor | None = None) -> dict[str, Term]:
    """The terms of an owner's filterable fields by name (`cf.<key>`); retired ones find nothing, and say why."""
    found = [Term(one) for one in queries.fields_of(owner, actor) if one.filterable]
    return {one.name: one for one in found}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a CSV file: `name` is its head, `cf.<key>`."""

    field: Field

    @property
    def name(self) -> str:
        return f"cf.{self.field.key}"

    def cell(self, attributes: Any, names: queries.Names) -> str:
        """The value as `kinds.from_text` reads it back; who writes the file neutralises formulas."""
        return kinds.to_text(self.field.defined(), attributes.get(self.field.key), names.slug)


def csv_columns(owner: str, actor: Actor, *, works_here: bool) -> list[Column]:
    """The columns of the live fields that the actor may see and that are not personal, in the order of the form.

    `queries.Names(actor, [column.field ...], [attributes ...])` reads the names for many rows in one query a type.
    """
    return [Column(one) for one in queries.seen(owner, actor, works_here=works_here) if not one.personal]
