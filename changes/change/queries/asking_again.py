"""Of a change that lies as a draft again, or has lapsed: who may ask the gate once more, said to who reads its page."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from changes.change import permissions
from changes.change.models import Change
from changes.change.models.standing import has_lapsed
from changes.change.workflow import Status
from itsm.accounts.models import User
from itsm.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class AskingAgain:
    """A sentence; `may` where it is the reader who may, `offers_own` where they may ask with a change of their own."""

    sentence: str
    may: bool = False
    offers_own: bool = False


def asking_again(change: Change, actor: Actor, at: datetime) -> AskingAgain | None:
    """None where nothing is to be asked again: it is no draft, and has not lapsed."""
    if change.status != Status.DRAFT and not has_lapsed(change, at):
        return None
    if permissions.requesters(actor, change) and not actor.looks_only:
        if change.window_end is not None and change.window_end <= at:
            return AskingAgain(
                _("It is yours to ask again. Its window is over: give it one that is to come first."), True
            )
        return AskingAgain(_("It is yours to ask again: the gate then judges it as it is now."), True)
    return AskingAgain(_who(change.requested_by), offers_own=permissions.askers(actor) and not actor.looks_only)


def _who(asked: User | None) -> str:
    if asked is None or not asked.is_active:
        return _("Whoever asked for it has no account that works any more, so nobody may ask again.")
    words = {"who": str(asked), "owner": str(asked.owner)}
    if asked.is_human:
        return _("Only %(who)s, who asked for it, may ask again.") % words
    if asked.owner is None:
        return _("Only %(who)s, a program, asked for it and may ask again.") % words
    return _("Only %(who)s, a program, asked for it and may ask again; %(owner)s answers for it.") % words
