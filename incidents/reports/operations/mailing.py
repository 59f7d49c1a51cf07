"""Reports by mail: each reader gets what they themselves may see at the moment of sending, once a period.

What is owed is a due row; mail and the next due row are written in the transaction that counts, so a worker that is
killed in between has sent nothing, and one that comes again sends it once.
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from incidents.reports import permissions
from incidents.reports.models import ReportMail, SavedReport
from incidents.reports.queries.saved import as_seen, said_by
from incidents.reports.queries.texts import as_text
from incidents.reports.vocabulary import Every
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.audit.recording import record_event
from itsm.clocks import due
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _
from itsm.notifications.wishes import Way

SENDING = "report_is_sent"
MOST_READERS = 50
_MORNING = time(7)


@transaction.atomic
def mail_to(report: SavedReport, *, actor: Actor, every: str, reader: User | None = None) -> ReportMail:
    """Send it to oneself, or as its owner to another who works here. Said again, how often changes.

    Raises NotPermitted, InvalidInput (who does not work here), Conflict (too many readers), NotFound.
    """
    current = SavedReport.objects.select_for_update(no_key=True).filter(pk=report.pk).first()
    if current is None:
        raise NotFound(gettext("There is no such report any more."))
    wanted = reader.pk if reader is not None else actor.id
    if not (permissions.owners(actor, current) or (permissions.makers(actor) and wanted == actor.id)):
        raise NotPermitted(gettext("%(actor_name)s may not send this report.") % {"actor_name": actor.name})
    if every not in Every.values:
        raise InvalidInput.about("every", gettext("Known are %(known)s.") % {"known": ", ".join(Every.values)})
    person = User.objects.get(pk=wanted or 0)
    if not _may_read(person):
        raise InvalidInput.about("reader", gettext("Reports go to active people who work here."))
    others = current.mails.exclude(reader=person)
    if others.count() >= MOST_READERS:
        raise Conflict(gettext("At most %(most)s people get one report.") % {"most": MOST_READERS})
    kept, is_new = ReportMail.objects.update_or_create(report=current, reader=person, defaults={"every": every})
    _promise(kept, person, timezone.now())
    said = {"reader": [None if is_new else person.username, person.username], "every": [None, every]}
    record_event("saved_report.mailed_to", current, actor=actor, changes=said)
    return kept


@transaction.atomic
def no_more_mail(report: SavedReport, *, actor: Actor, reader: User | None = None) -> None:
    """Stop it for oneself, or as its owner for another; nothing where it was not sent. Raises NotPermitted."""
    wanted = reader.pk if reader is not None else actor.id
    if wanted != actor.id and not permissions.owners(actor, report):
        raise NotPermitted(gettext("%(actor_name)s may not stop this report.") % {"actor_name": actor.name})
    kept = ReportMail.objects.select_for_update(no_key=True).filter(report=report.pk, reader=wanted).first()
    if kept is not None:
        record_event("saved_report.mail_stopped", report, actor=actor, changes={"every": [kept.every, None]})
        _forget(kept)


def send_when_due(mail_id: int, at: datetime) -> None:
    """Send it as its reader may see it now, and promise the next one; nobody who may no longer read it gets it.

    Raises nothing.
    """
    mail = ReportMail.objects.select_for_update(no_key=True, of=("self",)).filter(pk=mail_id).first()
    if mail is None:
        return
    reader = User.objects.get(pk=mail.reader_id)
    if not _may_read(reader):
        stopped = {"every": [mail.every, None]}
        record_event("saved_report.mail_stopped", mail.report, actor=Actor.system("reports by mail"), changes=stopped)
        _forget(mail)
        return
    zone = ZoneInfo(reader.time_zone)
    actor = actor_for(reader, Door.COMMAND)
    report, body = mail.report, _words(mail, actor, at, zone)
    subject = _("Report: %(name)s") % {"name": report.name}
    how = {reader.pk: Way("saved_report.mailed", as_seen(actor))}
    notify([reader], subject, body=body, path=report.get_absolute_url(), record=report, how=how)
    mail.sent_at = at
    mail.save(update_fields=["sent_at"])
    _promise(mail, reader, at)


def _words(mail: ReportMail, actor: Actor, at: datetime, zone: ZoneInfo) -> str:
    try:
        period, total, lines = said_by(mail.report, actor, at, zone)
    except InvalidInput as refusal:  # a queue or a field that it names is no longer there for this reader
        return gettext("It could not be counted: %(why)s") % {"why": refusal.detail}
    return as_text(mail.report, period, total, lines, zone)


def _may_read(person: User) -> bool:
    """Active people who work here."""
    return person.is_active and person.is_human and permissions.makers(actor_for(person, Door.COMMAND))


def _promise(mail: ReportMail, reader: User, now: datetime) -> None:
    due.schedule(SENDING, mail.kind, mail.pk, next_morning(Every(mail.every), now, ZoneInfo(reader.time_zone)))


def _forget(mail: ReportMail) -> None:
    due.cancel(mail.kind, mail.pk, SENDING)
    mail.delete()


def next_morning(every: Every, now: datetime, zone: ZoneInfo) -> datetime:
    """Seven in the morning of the next day, Monday or first of a month of the zone. Raises nothing."""
    today = now.astimezone(zone).date()
    if every == Every.DAY:
        day = today + timedelta(days=1)
    elif every == Every.WEEK:
        day = today + timedelta(days=7 - today.weekday())
    else:
        day = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    return datetime.combine(day, _MORNING, zone)
