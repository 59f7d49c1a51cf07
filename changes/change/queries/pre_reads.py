"""What a mail says of a change that waits for people: why, what would make it automatic, when, and what it does."""

from datetime import datetime

from django.utils.translation import gettext as _

from changes.change.models import Change, Decision
from changes.change.queries.explanation import explanation
from changes.change.queries.verdicts import Explained, of_decision
from itsm.approvals.queries import open_asks

_OF_PLAN = 600


def pre_read(change: Change, said: Explained, due_at: datetime | None) -> str:
    """In plain words, some lines. The link of the mail opens the page; deciding is done there."""
    lines = [explanation(said).lead]
    lines += (
        [_("By itself it would go if: %(help)s") % {"help": said.help_alone[0].sentence}] if said.help_alone else []
    )
    if change.window_start is not None:
        lines.append(_("Not before %(at)s UTC.") % {"at": f"{change.window_start:%Y-%m-%d %H:%M}"})
    if due_at is not None:
        lines.append(_("Due %(at)s UTC; a time-out approves nothing.") % {"at": f"{due_at:%Y-%m-%d %H:%M}"})
    if change.plan:
        lines.append(_("Plan: %(plan)s") % {"plan": change.plan[:_OF_PLAN]})
    return "\n".join(lines)


def pre_read_of(change_id: int) -> str:
    """The same of the newest decision about it; nothing where there is none."""
    change = Change.objects.get(pk=change_id)
    decision = Decision.objects.filter(change=change_id).order_by("-id").first()
    asked = open_asks(change).order_by("due_at").first()
    return pre_read(change, of_decision(decision), asked.due_at if asked else None) if decision else ""
