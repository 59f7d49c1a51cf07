"""Values of an incident's fields by the names and in the shapes that REST has for them: for templates."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from catalog.services.queries import visible_services
from incidents.incident import queries
from incidents.incident.models import Category, Incident
from incidents.incident.vocabulary import Channel, Level, Priority
from itsm.fields import values as typed_values
from itsm.kernel.actors import Actor
from itsm.kernel.errors import DomainError, InvalidInput
from itsm.kernel.texts import is_blank
from itsm.work import labels

_LONGEST = {"title": 160, "description": 20_000, "priority_why": 500}
Read = Callable[[Any, Actor], Any]


def value_of(name: str, value: Any, actor: Actor) -> Any:
    """The value as the operations take it, looked up among what the actor may choose. Raises InvalidInput."""
    reads = _READS.get(name)
    if reads is None:
        raise InvalidInput(_("Unknown field. Known are %(known)s.") % {"known": ", ".join(_READS)})
    try:
        return reads(value, actor)
    except ValueError as refusal:
        raise InvalidInput(str(refusal)) from refusal


def _text(longest: int) -> Read:
    def read(value: Any, actor: Actor) -> str:
        if not isinstance(value, str) or is_blank(value) or len(value) > longest or "\0" in value:
            raise ValueError(_("Send a text of at most %(most)s characters.") % {"most": longest})
        return value

    return read


def _one_of(values: Any) -> Read:
    def read(value: Any, actor: Actor) -> Any:
        if type(value) not in {type(one) for one in values} or value not in values:
            raise ValueError(_("Not one of %(known)s.") % {"known": ", ".join(map(str, values))})
        return value

    return read


def _named(rows: Callable[[Actor], Any], column: str) -> Read:
    def read(value: Any, actor: Actor) -> Any:
        found = rows(actor).filter(**{column: value}).first() if isinstance(value, str) and "\0" not in value else None
        if found is None:
            raise ValueError(_("There is none called %(name)s.") % {"name": str(value)[:80]})
        return found

    return read


def _attributes(value: Any, actor: Actor) -> dict[str, Any]:
    """Values of typed fields by key; where one does not fit, none is taken."""
    if not isinstance(value, dict):
        raise ValueError(_("Send an object of fields."))
    try:
        typed_values.changed(Incident.kind, {}, value, actor=actor, works_here=True)
    except DomainError as refusal:
        raise ValueError(refusal.detail) from refusal
    return value


def _labels(value: Any, actor: Actor) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError(_("Send a list of labels."))
    try:
        return labels.labels_in(value)
    except InvalidInput as refusal:
        raise ValueError(refusal.detail) from refusal


_READS: dict[str, Read] = {
    **{name: _text(longest) for name, longest in _LONGEST.items()},
    "service": _named(visible_services, "slug"),
    "team": _named(queries.queues_for, "slug"),
    "category": _named(lambda actor: Category.objects.filter(retired_at=None), "path"),
    "channel": _one_of(Channel.values),
    "impact": _one_of(Level.values),
    "urgency": _one_of(Level.values),
    "priority": _one_of(Priority.values),
    "major": _one_of([True, False]),
    "attributes": _attributes,
    "labels": _labels,
}
