"""Who hears that mail lies parked: the leads of the mailbox's team, once an hour at most."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy

from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.accounts.queues import who_lead
from itsm.kernel.actors import Door
from itsm.mail.models import IncomingMail
from itsm.mail.reasons import Reason, Status
from itsm.notifications.rules import Rule
from itsm.notifications.sayings import saying as _
from itsm.notifications.telling import tell

RULES = (
    Rule("incoming_mail.parked", gettext_lazy("Mail lies parked"), "lead", default="hourly"),
    Rule("mailbox.warned", gettext_lazy("A mailbox is read no longer, or soon"), "owner", duty=True),
)
_QUIET = timedelta(hours=1)


def tell_leads(mail: IncomingMail, at: datetime) -> None:
    """In the caller's transaction; nothing where another of this mailbox was parked within the hour."""
    if mail.mailbox is None:
        return
    lately = IncomingMail.objects.filter(mailbox=mail.mailbox, status=Status.PARKED, received_at__gt=at - _QUIET)
    if lately.exclude(pk=mail.pk).exists():
        return
    said = _("Mail to %(address)s lies parked: %(reason)s") % {
        "address": mail.mailbox.address, "reason": Reason(mail.reason).label,
    }  # fmt: skip
    concerned = {"lead": who_lead(mail.mailbox.team_id)}
    tell("incoming_mail.parked", concerned, said, by=None, path="/mail/in/", record=mail, at=at)


def still_read(user: User, told: dict[int, set[str]]) -> set[tuple[int, str]]:
    """Of what a person was told, by mail and relation, what they may read now."""
    seen = IncomingMail.objects.visible_to(actor_for(user, Door.TASK)).filter(pk__in=list(told))
    there = set(seen.values_list("pk", flat=True))
    return {(pk, relation) for pk, relations in told.items() if pk in there for relation in relations}
