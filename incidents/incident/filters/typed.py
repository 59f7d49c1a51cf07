"""What a term asks of a typed field: `cf.<key>`."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from incidents.incident.filters.reading import Reading
from incidents.incident.models import Incident
from itsm.fields import filtering
from itsm.fields.models import FieldValue
from itsm.fields.vocabulary import NUMBERS, TIMES
from itsm.work.grammar import Range, Term, instants, numbers, refused

TYPED = "cf."


def retired(term: Term, reading: Reading) -> str:
    """Why a term finds nothing, turned round or not: its field is retired. "" for every other term."""
    if not term.field.startswith(TYPED):
        return ""
    asked = filtering.terms_for(Incident.kind, reading.actor).get(term.field)
    return asked.why if asked is not None and (reading.staff or asked.field.requester_sees) else ""


def typed(term: Term, value: Any, reading: Reading) -> Q:
    """The incidents whose field is this, or lies in this range. InvalidInput for a field that is not there for the
    reader, and for what its type cannot be."""
    asked = filtering.terms_for(Incident.kind, reading.actor).get(term.field)
    if asked is None or not (reading.staff or asked.field.requester_sees):
        raise refused(term.name, _("There is no such field, or lists are not narrowed by it."))
    if isinstance(value, Range):
        return _between(asked, term, value, reading)
    if value == "none":
        return asked.empty()
    if value == "any":
        return ~asked.empty()
    try:
        return asked.any_of([value], reading.actor)
    except ValueError as error:
        raise refused(term.name, str(error)) from error


def _between(asked: filtering.Term, term: Term, span: Range, reading: Reading) -> Q:
    ends: tuple[Any, Any]
    if asked.field.type in TIMES:
        column, ends = "instant", instants(term, span, now=reading.now, zone=reading.zone)
    elif asked.field.type in NUMBERS:
        column, ends = "number", numbers(term, span)
    else:
        raise refused(term.name, _("It has no order."))
    if asked.why:
        return Q(pk__in=())
    wanted = {f"{column}__gte": ends[0], f"{column}__lt": ends[1]}
    kept = {name: end for name, end in wanted.items() if end is not None}
    return Q(pk__in=FieldValue.objects.filter(field=asked.field, **kept).values("record_id"))
