"""Who may take a file back; who reads one is said by its record (`itsm.files.readers`)."""

from datetime import datetime

from itsm.accounts.permissions import participants
from itsm.files.models import Attachment
from itsm.files.vocabulary import TAKEN_BACK_WITHIN
from itsm.kernel.actors import Actor, Role


def withdrawers(actor: Actor, attachment: Attachment, now: datetime) -> bool:
    """Who sent it, for an hour; a manager who sees it, at any time."""
    is_fresh = actor.id == attachment.by_id and now < attachment.at + TAKEN_BACK_WITHIN
    return participants(actor) and (is_fresh or actor.has(Role.MANAGER))
