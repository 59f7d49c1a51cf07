"""Arrows between records, moved and taken away."""

from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts.permissions import participants
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.work.models import Link


def links_of(record: Any) -> "QuerySet[Link]":
    """The arrows from a record and to it, in the order in which they were made."""
    here = Q(from_kind=record.kind, from_id=record.pk) | Q(to_kind=record.kind, to_id=record.pk)
    return Link.objects.filter(here).order_by("id")


@transaction.atomic
def unlink(record: Any, arrow: Link, *, actor: Actor) -> None:
    """Take an arrow of a record away. The caller found both among what the actor may see. Raises NotPermitted."""
    if not participants(actor):
        raise NotPermitted(gettext("%(actor_name)s reads everything and changes nothing.") % {"actor_name": actor.name})
    if Link.objects.filter(pk=arrow.pk).delete()[0]:
        lifecycle.announce(record, "unlinked", actor=actor, changes={arrow.meaning: [str(arrow), None]})


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
