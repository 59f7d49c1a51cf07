"""Who may take a file back; who reads one is said by its record (`itsm.files.readers`)."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from itsm.accounts.named_rights import named_right
from itsm.accounts.permissions import participants
from itsm.files.models import Attachment
from itsm.files.vocabulary import TAKEN_BACK_WITHIN
from itsm.kernel.actors import Actor, Role


@named_right("files.withdraw", _("take back files that others attached"), lends=Role.MANAGER)
def take_back_any(actor: Actor) -> bool:
    """Managers, of files that they see."""
    return actor.has(Role.MANAGER)


def withdrawers(actor: Actor, attachment: Attachment, now: datetime) -> bool:
    """Who sent it, for an hour; a manager who sees it, at any time."""
    is_fresh = actor.id == attachment.by_id and now < attachment.at + TAKEN_BACK_WITHIN
    return participants(actor) and (is_fresh or take_back_any(actor))
