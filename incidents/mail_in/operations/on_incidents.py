"""A mail becomes an incident, or a word on one. Who wrote it, `itsm.mail` found; what they may do is judged here."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils.translation import gettext

from incidents.incident import permissions, queries
from incidents.incident.models import Incident
from incidents.incident.operations import edit, note, open_incident, reopen, say
from incidents.incident.operations.following import shares
from incidents.incident.operations.telling import tell_desk
from incidents.incident.workflow import Status
from itsm import lifecycle
from itsm.accounts.models import EmailAddress, User
from itsm.files import operations as files
from itsm.files.models import Attachment
from itsm.files.naming import safe_name
from itsm.files.receiving import Received
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, DomainError, NotFound, NotPermitted
from itsm.kernel.texts import is_blank
from itsm.mail import senders
from itsm.mail.handing import Aside, Heard, Outcome, cut
from itsm.mail.hearing import announce_bounce, is_unread, said_with_files, words_of
from itsm.mail.incoming_queries import opening_mail
from itsm.mail.names import our_addresses
from itsm.mail.parsing.parsed import Parsed
from itsm.mail.reasons import Did
from itsm.mail.undeliverable import Bounced
from itsm.notifications.sayings import Words
from itsm.notifications.sayings import saying as _
from itsm.work import watching
from itsm.work.models import Note
from itsm.work.operations import add_note

MAX_TITLE = 160
MOST_COPIED = 20
MOST_REOPENED = 3  # by mail, a thread and day
MAX_REASON = 200  # of the mail in the history; its words stand below


def find(incident_id: int) -> Incident | None:
    """The incident, with its queue; None where there is none."""
    return Incident.objects.select_related("team", "merged_into").filter(pk=incident_id).first()


def takes_part(actor: Actor, incident: Incident) -> bool:
    """Who may say something on it, also by way of what it lives on in. Raises nothing."""
    survivor = incident.merged_into
    return queries.speakers(actor, incident) or (survivor is not None and queries.speakers(actor, survivor))


@transaction.atomic
def open_by_mail(heard: Heard) -> Outcome:
    """A new incident of whoever wrote the mail, in the queue of the mailbox that they wrote to.

    Raises NotPermitted, InvalidInput.
    """
    subject = heard.parsed.subject
    title = subject if len(subject) <= MAX_TITLE else f"{subject[: MAX_TITLE - 2]} …"
    whole = heard.everything if title == subject else f"{subject}\n\n{heard.everything}"
    incident = open_incident(
        actor=heard.actor,
        title=title if not is_blank(title) else gettext("(mail without a subject)"),
        description=cut(whole),
        arrives_in=heard.team,
        at=heard.mail.received_at,
    )
    _copy_in(incident, heard)
    if not heard.parsed.sent and not is_unread(heard):
        return Outcome(incident, Did.OPENED)
    said, shown = said_with_files(heard, "", partial(_attach, incident, heard))
    return Outcome(incident, Did.OPENED, said.pk, shown)


@transaction.atomic
def hear(incident: Incident, heard: Heard) -> Outcome:
    """An answer of somebody who takes part: a public word, which resumes what waited for them; one that is resolved is
    reopened by whose it is, three times a day at most.

    The desk's word needs proof that it is theirs (an answer to what was sent to this very address); else it is a
    private note. Raises NotPermitted and whatever replying refuses.
    """
    words = words_of(heard)
    if permissions.speakers_for_the_desk(heard.actor, incident) and not heard.is_proven:
        unproven = gettext("By mail that does not answer one of ours to this address, so it is kept from the caller:")
        said = note(incident, actor=heard.actor, text=cut(f"{unproven}\n\n{words}"))
        return Outcome(incident, Did.NOTED, said.pk)
    is_reopened = _reopened(incident, heard, words)
    said, shown = said_with_files(
        heard, words, lambda text, sent: say(incident, actor=heard.actor, text=text, private=False, received=sent)
    )
    lives_in = incident if said.record_id == incident.pk else Incident.objects.get(pk=said.record_id)
    if heard.is_proven:  # else anybody who writes in a caller's name would let themselves read it
        _copy_in(lives_in, heard)
    follows = lives_in.pk not in {incident.pk, incident.merged_into_id}
    did = Did.FOLLOWED if follows else Did.REOPENED if is_reopened else Did.COMMENTED
    return Outcome(lives_in, did, said.pk, shown)


@transaction.atomic
def note_automatic(incident: Incident, parsed: Parsed, person: User | None, at: datetime) -> Outcome:
    """What a program sent, such as an out-of-office note, in the history: no state changes, nobody is told. Raises
    nothing."""
    words = " ".join(parsed.own_text.split())[:500]
    current = lifecycle.locked(incident.merged_into or incident)
    lifecycle.announce(
        current, "automatic_mail", actor=senders.SYSTEM, remark=f"{parsed.sender}: {words}",
    )  # fmt: skip
    return Outcome(current, Did.NOTED)


@transaction.atomic
def note_bounce(incident: Incident, bounced: Bounced, at: datetime) -> Outcome:
    """A mail about it did not arrive, or not yet: noted, and its desk is told of what was given up. Raises nothing."""
    current = lifecycle.locked(incident.merged_into or incident)
    announce_bounce(current, bounced)
    if bounced.code.startswith("5"):
        named = {"reference": current.reference, "address": bounced.address}
        said = _("%(reference)s: mail to %(address)s does not arrive") % named
        more: Words = _("Nothing is sent there until somebody lifts it.") if bounced.is_undeliverable else ""
        tell_desk(current, senders.SYSTEM, "incident.mail_bounced", said, more)
    return Outcome(current, Did.NOTED)


@transaction.atomic
def make_sender_caller(incident: Incident, *, actor: Actor) -> Incident:
    """Whoever wrote the mail that was passed on is the caller: their account, or a guest's that is made for them.

    Raises NotPermitted, NotFound (no mail was passed on), Conflict (closed, a program's, not shown to be theirs).
    """
    mail = opening_mail(incident)
    if mail is None or not mail.forwarded_from:
        raise NotFound(gettext("No mail of somebody else was passed on here."))
    if not permissions.workers(actor, incident):
        named = {"name": actor.name, "reference": incident.reference}
        raise NotPermitted(gettext("%(name)s may not edit %(reference)s.") % named)
    senders.hold(mail.forwarded_from)
    try:
        caller = senders.known(mail.forwarded_from) or senders.guest(mail.forwarded_from, "")
    except Aside as aside:
        raise Conflict(gettext("They cannot be the caller: %(why)s.") % {"why": aside.reason.label}) from aside
    return edit(incident, actor=actor, version=incident.version, caller=caller)


def _reopened(incident: Incident, heard: Heard, words: str) -> bool:
    if incident.status != Status.RESOLVED or not permissions.concerned(heard.actor, incident):
        return False
    if senders.reopened_today(incident.kind, incident.pk, heard.at) >= MOST_REOPENED:
        return False
    reopen(incident, actor=heard.actor, reason=cut(" ".join(words.split()), MAX_REASON) or gettext("(a mail)"))
    return True


def _attach(incident: Incident, heard: Heard, words: str, sent: Sequence[Received]) -> tuple[Note, list[Attachment]]:
    """With the first mail: nobody is told once more of an answer."""
    names = ", ".join(safe_name(one.name or "") for one in sent[:MOST_COPIED])
    said = words or gettext("Attached: %(names)s") % {"names": names}
    noted = add_note(incident, actor=heard.actor, text=said, private=False, at=heard.at)
    return noted, files.keep(incident, noted, sent, actor=heard.actor)


def _copy_in(incident: Incident, heard: Heard) -> None:
    """People whom we know, and who were sent a copy, follow it: never in a confidential queue, never ourselves."""
    if not heard.parsed.cc:
        return
    ours = our_addresses()
    copied = [one for one in heard.parsed.cc if one not in ours and senders.may_follow(one)][:MOST_COPIED]
    if not copied:
        return
    known = EmailAddress.objects.filter(email__in=copied).exclude(is_primary=False, verified_at=None)
    for user in User.objects.active_people().filter(pk__in=known.values("user")).order_by("pk"):
        if user.pk in {incident.caller_id, heard.person.pk} or shares(incident, user):
            continue
        try:
            with transaction.atomic():
                watching.watch(incident, actor=senders.SYSTEM, user=user)
        except DomainError:
            return  # as many follow it as may
