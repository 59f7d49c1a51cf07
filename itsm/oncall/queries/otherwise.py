"""Overrides, swaps and time off, as those who work here see them."""

from django.db.models import QuerySet
from django.utils.translation import gettext

from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.oncall.models import Override, Swap, TimeOff
from itsm.oncall.permissions import readers


def overrides(actor: Actor) -> QuerySet[Override]:
    """All of them, with who has it."""
    rows = Override.objects.select_related("schedule", "created_by").prefetch_related("people__person")
    return rows if readers(actor) else rows.none()


def swaps(actor: Actor) -> QuerySet[Swap]:
    """All of them, with both people."""
    rows = Swap.objects.select_related("schedule", "schedule__team", "layer", "out_person", "in_person")
    return rows if readers(actor) else rows.none()


def swap_called(actor: Actor, reference: str) -> Swap:
    """By SWP-00007, however it is written. Raises NotFound."""
    prefix, _dash, number = reference.partition("-")
    known = prefix.upper() == "SWP" and number.isascii() and number.isdecimal() and len(number) <= 12
    found = swaps(actor).filter(pk=int(number)).first() if known else None
    if found is None:
        raise NotFound(gettext("There is no swap %(reference)s.") % {"reference": reference[:20]})
    return found


def time_off(actor: Actor) -> QuerySet[TimeOff]:
    """Of everybody: who is away is no secret, why is."""
    rows = TimeOff.objects.select_related("person")
    return rows if readers(actor) else rows.none()
