"""Words with files: a note or a reply, and what comes with it, in one transaction."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from incidents.incident.models import Incident
from incidents.incident.operations.conversation import note, reply
from itsm.files import operations as files
from itsm.files.models import Attachment
from itsm.files.naming import safe_name
from itsm.files.receiving import Received
from itsm.kernel.actors import Actor
from itsm.kernel.texts import is_blank
from itsm.work.models import Note

_NAMED = 3


@transaction.atomic
def say(
    incident: Incident,
    *,
    actor: Actor,
    text: str,
    private: bool,
    received: Sequence[Received] = (),
    at: datetime | None = None,
    seen: int | None = None,
) -> tuple[Note, list[Attachment]]:
    """A private note, or a public word (said `at`), with the files that came along; without words they are named.

    `seen`: as `reply` takes it.
    Raises what `note` and `reply` raise, and FileTooLarge, InvalidInput, Conflict, Unavailable of the files.
    """
    files.require_usable(received)
    words = _naming(received) if received and is_blank(text) else text
    if private:
        said = note(incident, actor=actor, text=words)
    else:
        said = reply(incident, actor=actor, text=words, at=at, seen=seen)
    where = incident if said.record_id == incident.pk else Incident.objects.get(pk=said.record_id)
    return said, files.keep(where, said, received, actor=actor)


def _naming(received: Sequence[Received]) -> str:
    names = ", ".join(safe_name(one.name or "") for one in received[:_NAMED])
    more = len(received) - _NAMED
    return gettext("Attached: %(names)s") % {"names": f"{names}, +{more}" if more > 0 else names}


def withdraw_file(incident: Incident, attachment: Attachment, *, actor: Actor) -> None:
    """Nobody is given this file any more. Raises NotPermitted."""
    files.withdraw(incident, attachment, actor=actor)
