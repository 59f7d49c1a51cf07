"""What people say on a request: private notes of those who work on it, public words between them and whose it is."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from catalog.requests import permissions
from catalog.requests.models import Request, RequestItem
from catalog.requests.operations.steps import go_on
from catalog.requests.operations.telling import tell_askers, tell_desk
from catalog.requests.workflow import ITEM_OPEN, ItemStatus
from itsm import lifecycle
from itsm.files import operations as files
from itsm.files.models import Attachment
from itsm.files.receiving import Received
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.notifications.sayings import Words
from itsm.notifications.sayings import saying as _
from itsm.work.models import Note
from itsm.work.operations import add_note
from itsm.work.watching import watches


@transaction.atomic
def note(request: Request, *, actor: Actor, text: str) -> Note:
    """A private note, for those who work on some of it. Raises NotPermitted and MissingInformation (empty)."""
    current = lifecycle.locked(request)
    if not permissions.works_on_some(actor, current):
        raise NotPermitted(
            gettext("%(name)s writes no notes on %(reference)s.") % {"name": actor.name, "reference": current.reference}
        )
    return add_note(current, actor=actor, text=text, private=True)


@transaction.atomic
def reply(request: Request, *, actor: Actor, text: str, at: datetime | None = None) -> Note:
    """A public word: of who works on it, or of whose it is or who follows it; theirs takes up what waits for them.

    Raises NotPermitted and MissingInformation (empty).
    """
    now = at or timezone.now()
    current = lifecycle.locked(request)
    if permissions.works_on_some(actor, current) and not permissions.theirs(actor, current):
        return _desk_says(current, actor, text, now)
    if not (permissions.askers(actor, current) or watches(actor, current)):
        raise NotPermitted(
            gettext("%(name)s may not reply on %(reference)s.") % {"name": actor.name, "reference": current.reference}
        )
    return _asker_says(current, actor, text, now)


def _desk_says(request: Request, actor: Actor, text: str, now: datetime) -> Note:
    said = add_note(request, actor=actor, text=text, private=False, at=now)
    request.desk_spoke_at = now
    request.save(update_fields=["desk_spoke_at"])  # nobody's edit goes stale by a word
    tell_askers(request, actor, "request.answered", _answered(request), text, note=said)
    return said


def _asker_says(request: Request, actor: Actor, text: str, now: datetime) -> Note:
    said = add_note(request, actor=actor, text=text, private=False, at=now)
    request.asker_spoke_at = now
    request.save(update_fields=["asker_spoke_at"])
    items = list(RequestItem.objects.filter(request=request).select_related("team"))
    answer = Actor.system(gettext("the answer of %(name)s") % {"name": actor.name}, actor.via)
    for item in items:
        if item.status == ItemStatus.WAITING:
            item.request = request
            go_on(item, actor=answer, at=now)
    concerned = [one for one in items if one.status in ITEM_OPEN] or items
    tell_desk(request, concerned, actor, "request.asker_answered", _answered(request), text)
    return said


def _answered(request: Request) -> Words:
    return _("Answer on %(request)s: %(title)s") % {"request": request.reference, "title": request.title}


@transaction.atomic
def say(
    request: Request, *, actor: Actor, text: str, private: bool, received: Sequence[Received] = (),
) -> tuple[Note, list[Attachment]]:  # fmt: skip
    """A note or a reply, with files.

    Raises NotPermitted, MissingInformation, InvalidInput (a file), Conflict (too many), Unavailable.
    """
    written = text if text.strip() or not received else ", ".join(str(one.name) for one in received)
    said = (note if private else reply)(request, actor=actor, text=written)
    return said, files.keep(request, said, received, actor=actor)
