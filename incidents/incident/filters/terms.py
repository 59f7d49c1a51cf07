"""What each term of the grammar means for incidents.

`FIELDS` are the names; a term becomes a condition that is added to what the reader may see, so that no term and no
combination of terms ever shows more. People, queues, services and categories are looked up among what the reader sees:
what is hidden answers like what does not exist.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.services.queries import visible_services
from incidents.incident.filters.reading import Reading
from incidents.incident.filters.typed import TYPED, retired, typed
from incidents.incident.filters.words import in_title
from incidents.incident.models import LABELLED, NEVER, Category, Incident
from incidents.incident.vocabulary import Channel, HoldReason, Priority
from incidents.incident.workflow import OPEN, Status
from itsm.accounts.models import Team, User
from itsm.accounts.queues import rights_in_queues
from itsm.kernel.actors import Actor
from itsm.kernel.references import number_in
from itsm.work import labels
from itsm.work.grammar import Range, Term, day_named, instants, numbers, pairs_of, parse, refused
from itsm.work.models import Watcher

_LONGEST_TEXT = 100

# Each ends with a unique column and has one direction: a page is one row comparison.
SORTS = {
    "due": ("next_due", "priority", "id"),
    "newest": ("-id",),
    "updated": ("-updated_at", "-id"),
    "priority": ("priority", "id"),
}
GROUPS = {
    "state": gettext_lazy("State"), "assigned": gettext_lazy("Person"), "priority": gettext_lazy("Priority"),
    "team": gettext_lazy("Queue"),
}  # fmt: skip


def terms_of(pairs: Iterable[tuple[str, str]]) -> tuple[Term, ...]:
    """The terms of these names and values. Raises InvalidInput naming the first that is not understood."""
    return parse(pairs, is_field)


def check(query: str, actor: Actor) -> None:
    """Raise InvalidInput for a query's text that says nothing usable to this actor."""
    narrowed(Incident.objects.none(), terms_of(pairs_of(query)), Reading.by(actor))


def why_none(terms: Iterable[Term], reading: Reading) -> str:
    """Why these terms find nothing at all, in words: one asks for a field that is retired; "" where none does."""
    return next((why for term in terms if (why := retired(term, reading))), "")


def is_field(name: str) -> bool:
    """A name of the table, or one of a typed field: whether there is that one is looked up when it is asked."""
    return name in FIELDS or name.startswith(TYPED)


def narrowed(rows: QuerySet[Incident], terms: Iterable[Term], reading: Reading) -> QuerySet[Incident]:
    """The rows for which all terms hold. Raises InvalidInput naming the first term that says nothing usable."""
    for term in terms:
        if retired(term, reading):
            return rows.none()
        meaning = typed if term.field.startswith(TYPED) else _MEANINGS[term.field]
        holds = Q(pk__in=())
        for value in term.values:
            holds |= meaning(term, value, reading)
        rows = rows.filter(~holds if term.negated else holds)
    return rows


Meaning = Callable[[Term, Any, Reading], Q]


def _misread(term: Term, value: object) -> Exception:
    return refused(term.name, _("“%(value)s” is none of its values.") % {"value": str(value)[:60]})


def _word(term: Term, value: Any) -> str:
    if isinstance(value, Range):
        raise refused(term.name, _("It takes no range."))
    return str(value)


def _state(term: Term, value: Any, reading: Reading) -> Q:
    word = _word(term, value)
    if word == "open":
        return Q(status__in=OPEN)
    if word not in Status.values:
        raise _misread(term, word)
    return Q(status=word)


def _priority(term: Term, value: Any, reading: Reading) -> Q:
    if isinstance(value, Range):
        low, high = numbers(term, value)
        return Q(priority__in=[one for one in Priority.values if (low or 0) <= one < (9 if high is None else high)])
    if value not in {str(one) for one in Priority.values}:
        raise _misread(term, value)
    return Q(priority=int(value))


def _channel(term: Term, value: Any, reading: Reading) -> Q:
    if _word(term, value) not in Channel.values:
        raise _misread(term, value)
    return Q(channel=value)


def _major(term: Term, value: Any, reading: Reading) -> Q:
    if _word(term, value) not in {"yes", "no", "true", "false"}:
        raise _misread(term, value)
    return Q(major=value in {"yes", "true"})


def _team(term: Term, value: Any, reading: Reading) -> Q:
    word = _word(term, value)
    if word == "my-teams":
        return Q(team__in=sorted(rights_in_queues(reading.actor).change))
    if word == "any":
        return Q(team__isnull=False)
    seen = Team.objects.exclude(pk__in=rights_in_queues(reading.actor).hidden)
    return Q(team__in=_known(term, word, seen.filter(slug=word), reading))


def _known(term: Term, word: str, rows: QuerySet[Any], reading: Reading) -> Any:
    """The ids of what a word names. Staff is told what does not exist; to others it is as good as empty.

    Of a reading that only counts they are asked for within its one statement.
    """
    if reading.counts:
        return rows.order_by().values("pk")
    found = list(rows.values_list("pk", flat=True)[:200])
    if not found and reading.staff:
        raise refused(term.name, _("There is no “%(word)s”, or you may not see it.") % {"word": word[:80]})
    return found


def _me(reading: Reading) -> list[int]:
    return [reading.actor.whose_work] if reading.actor.whose_work is not None else []


def _person_ids(term: Term, word: str, reading: Reading) -> Any:
    if word == "me":
        return _me(reading)
    people = User.objects.filter(username=word)
    return _known(term, word, people if reading.staff else people.filter(pk__in=_me(reading)), reading)


def _person(column: str) -> Meaning:
    def meaning(term: Term, value: Any, reading: Reading) -> Q:
        word = _word(term, value)
        if word in {"none", "any"}:
            return Q(**{f"{column}__isnull": word == "none"})
        return Q(**{f"{column}__in": _person_ids(term, word, reading)})

    return meaning


def _watcher(term: Term, value: Any, reading: Reading) -> Q:
    word = _word(term, value)
    watching = Watcher.objects.filter(record_kind=Incident.kind)
    if word not in {"none", "any"}:
        watching = watching.filter(user__in=_person_ids(term, word, reading))
    elif not reading.staff:
        raise _misread(term, word)
    watched = Q(pk__in=watching.values("record_id"))
    return ~watched if word == "none" else watched


def _service(term: Term, value: Any, reading: Reading) -> Q:
    word = _word(term, value)
    if word in {"none", "any"}:
        return Q(service__isnull=word == "none")
    return Q(service__in=_known(term, word, visible_services(reading.actor).filter(slug=word), reading))


def _category(term: Term, value: Any, reading: Reading) -> Q:
    """A category with all that lies under it."""
    word = _word(term, value)
    if word in {"none", "any"}:
        return Q(category__isnull=word == "none")
    under = Category.objects.filter(Q(path=word) | Q(path__startswith=f"{word} / "))
    return Q(category__in=_known(term, word, under, reading))


def _label(term: Term, value: Any, reading: Reading) -> Q:
    """Whatever is on no record that the reader sees finds nothing: nobody learns which labels there are elsewhere."""
    word = _word(term, value)
    if word in {"none", "any"}:
        return Q(labels=[]) if word == "none" else LABELLED
    label = labels.normal(word)
    if len(label) > labels.LONGEST:
        raise refused(term.name, _("At most %(n)s characters.") % {"n": labels.LONGEST})
    return LABELLED & Q(labels__contains=[label])


def _parent(term: Term, value: Any, reading: Reading) -> Q:
    """The parent must be seen too: a hidden one is no parent to the reader."""
    word = _word(term, value)
    seen = Incident.objects.visible_to(reading.actor)
    if word in {"none", "any"}:
        has_one = Q(parent__isnull=False, parent__in=seen.filter(children__isnull=False).values("pk"))
        return ~Q(pk__in=seen.filter(has_one).values("pk")) if word == "none" else has_one
    number = number_in(word, "INC")
    if number is None:
        raise _misread(term, word)
    return Q(parent__in=_known(term, word, seen.filter(pk=number), reading))


def _hold(term: Term, value: Any, reading: Reading) -> Q:
    """What it waits for, by word; until when, by range."""
    if isinstance(value, Range) or day_named(str(value)):
        return _instant("hold_until")(term, value, reading)
    if value in {"none", "any"}:
        return Q(hold_reason="") if value == "none" else ~Q(hold_reason="")
    if value not in HoldReason.values:
        raise _misread(term, value)
    return Q(hold_reason=value)


def _instant(column: str) -> Meaning:
    def meaning(term: Term, value: Any, reading: Reading) -> Q:
        span = value if isinstance(value, Range) else day_named(str(value))
        if span is None and value in {"none", "any"}:
            return Q(**{f"{column}__isnull": value == "none"})
        if span is None:
            raise _misread(term, value)
        low, high = instants(term, span, now=reading.now, zone=reading.zone)
        since = Q(**{f"{column}__gte": low}) if low else Q(**{f"{column}__isnull": False})
        return since & Q(**{f"{column}__lt": high}) if high else since

    return meaning


def _due(term: Term, value: Any, reading: Reading) -> Q:
    """Nothing is due at NEVER, whatever range is asked for."""
    if value in {"none", "any"}:
        return Q(next_due=NEVER) if value == "none" else Q(next_due__lt=NEVER)
    return Q(next_due__lt=NEVER) & _instant("next_due")(term, value, reading)


def _text(term: Term, value: Any, reading: Reading) -> Q:
    """A reference, or words of the title; descriptions are found by the search."""
    if len(value) > _LONGEST_TEXT:
        raise refused(term.name, _("At most %(n)s characters.") % {"n": _LONGEST_TEXT})
    number = number_in(value, "INC")
    if number is not None:
        return Q(pk=number)
    return Q(title__icontains=value) if reading.counts or term.negated else in_title(value)


FIELDS: dict[str, Any] = {
    "text": gettext_lazy("Text"),
    "state": gettext_lazy("State"),
    "priority": gettext_lazy("Priority"),
    "team": gettext_lazy("Queue"),
    "assigned": gettext_lazy("Assigned to"),
    "caller": gettext_lazy("Caller"),
    "watcher": gettext_lazy("Watcher"),
    "service": gettext_lazy("Service"),
    "category": gettext_lazy("Category"),
    "channel": gettext_lazy("Channel"),
    "label": gettext_lazy("Label"),
    "major": gettext_lazy("Major incident"),
    "due": gettext_lazy("Due"),
    "opened": gettext_lazy("Opened"),
    "resolved": gettext_lazy("Resolved"),
    "updated": gettext_lazy("Updated"),
    "hold": gettext_lazy("On hold"),
    "parent": gettext_lazy("Parent"),
}

_MEANINGS: dict[str, Meaning] = {
    "text": _text,
    "state": _state,
    "priority": _priority,
    "team": _team,
    "assigned": _person("assigned_to"),
    "caller": _person("caller"),
    "watcher": _watcher,
    "service": _service,
    "category": _category,
    "channel": _channel,
    "label": _label,
    "major": _major,
    "due": _due,
    "opened": _instant("opened_at"),
    "resolved": _instant("resolved_at"),
    "updated": _instant("updated_at"),
    "hold": _hold,
    "parent": _parent,
}


def add_term(name: str, label: Any, meaning: Meaning) -> None:
    """One more field, of a sub-domain above. See `incident_filter.register_term`."""
    FIELDS[name], _MEANINGS[name] = label, meaning
