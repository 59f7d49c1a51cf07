"""Reads of announcements, as each reader may see them."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext

from itsm.accounts import audiences
from itsm.accounts.permissions import staff
from itsm.announcements.models import Announcement
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.kernel.references import number_in

MOST_SHOWN = 20


def visible(actor: Actor, at: datetime) -> QuerySet[Announcement]:
    """Those that the actor may read, the latest first."""
    return Announcement.objects.visible_to(actor, at).select_related("service", "written_by")


def shown(actor: Actor, at: datetime) -> list[Announcement]:
    """What the actor is shown now, the soonest end first. One query.

    By their audience for all: who works here reads the others in the list, not on the first page.
    """
    found = Announcement.objects.shown_at(at).filter(audience__overlap=_tokens(actor)).select_related("service")
    return list(found.order_by("ends_at", "pk")[:MOST_SHOWN])


def _tokens(actor: Actor) -> list[str]:
    own = audiences.tokens_of(actor)
    return [*own, audiences.STAFF] if staff(actor) else own


def by_reference(actor: Actor, text: str, at: datetime) -> Announcement:
    """The announcement with this reference, or NotFound (also where it may not be seen)."""
    number = number_in(text, "ANN")
    found = visible(actor, at).filter(pk=number).first() if number else None
    if found is None:
        raise NotFound(gettext("There is no announcement %(text)s, or you may not see it.") % {"text": text[:20]})
    return found
