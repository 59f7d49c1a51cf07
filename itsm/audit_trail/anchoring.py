"""The heads of the history's chain are signed and laid outside every five minutes.

Promised as a due row of a lane that no Celery keeps, and watched by `./manage.py watch_response`: an anchor that is not
made is made there and counted as late, so silence shows.
"""

from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils.translation import gettext as _

from itsm.audit import anchors
from itsm.audit.models import Anchor, Copied, Head
from itsm.audit_trail import checking
from itsm.clocks import due
from itsm.notifications import outbox, outgoing
from itsm.notifications.models import Delivery
from itsm.notifications.web_addresses import our_address

EVERY = timedelta(minutes=5)
DUE, KIND = "audit.anchor", "audit_anchor"
FOLDER, POST, MAIL = "folder", "anchor_post", "anchor_mail"


def anchor_when_due(_record: int, at: datetime) -> None:
    """Make the next anchor, promise the one after it, and lay this one outside once it is committed; then look at what
    was written since the last look."""
    anchor(at)
    transaction.on_commit(partial(checking.check, at, whole=False), robust=True)


@transaction.atomic
def anchor(at: datetime) -> Anchor:
    """Note the heads now; the line is outside when the transaction is over, and sent by the outbox. Raises nothing."""
    made = anchors.make(at)
    due.schedule(DUE, KIND, 0, at + EVERY)
    key = f"anchor-{made.number}"
    if settings.ANCHORS_URL:
        outbox.enqueue(POST, {"anchor": made.pk}, aggregate="anchors:web", key=f"{key}-post")
    if settings.ANCHORS_MAIL and not _mailed_on(made):
        outbox.enqueue(MAIL, {"anchor": made.pk}, aggregate="anchors:mail", key=f"{key}-mail")
    transaction.on_commit(copy_outside, robust=True)
    return made


def _mailed_on(made: Anchor) -> bool:
    """One a day is mailed: the first of the day."""
    return Anchor.objects.filter(at__date=made.at.date(), number__lt=made.number).exists()


def copy_outside() -> int:
    """Append to the folder whatever is not there yet; how many. Killed in between it does so again: a line that is
    there twice counts once. A disk that refuses is noted, and tried again with the next anchor."""
    place, _new = Copied.objects.get_or_create(place=FOLDER)
    rows = list(Anchor.objects.filter(number__gt=place.number).order_by("number")[:1000])
    if not rows:
        return 0
    try:
        anchors.write(Path(settings.ANCHORS_DIR), rows)
    except OSError as error:
        Copied.objects.filter(place=FOLDER).update(error=f"{type(error).__name__}: {error.strerror}"[:500])
        return 0
    Copied.objects.filter(place=FOLDER, number__lt=rows[-1].number).update(
        number=rows[-1].number, at=rows[-1].at, error=""
    )
    return len(rows)


def overdue(before: datetime) -> int:
    """1 where the heads that there are were not laid outside in time."""
    place = Copied.objects.filter(place=FOLDER).first()
    if place is not None and place.at is not None and place.at >= before - EVERY:
        return 0
    return int(Head.objects.exists())


def anchor_late(at: datetime) -> None:
    """What nobody did in time is done now, whoever promised it."""
    if not copy_outside():
        anchor(at)


def deliver_post(owed: Delivery) -> str:
    """POST one line to the address of the settings."""
    line = Anchor.objects.values_list("line", flat=True).get(pk=owed.payload["anchor"])
    headers = {"Content-Type": "application/json"}
    status, body = outgoing.request("POST", settings.ANCHORS_URL, body=line.encode(), headers=headers)
    if not 200 <= status < 300:
        raise outgoing.OutgoingFailed(f"{status}: {outgoing.excerpt(body)}")
    return str(status)


def deliver_mail(owed: Delivery) -> None:
    """Mail one line to the address of the settings."""
    row = Anchor.objects.get(pk=owed.payload["anchor"])
    subject = _("Audit anchor %(number)d of %(desk)s") % {"number": row.number, "desk": our_address("/")}
    EmailMessage(subject, row.line, to=[settings.ANCHORS_MAIL]).send()
