"""An answer by mail on a request: a public word, as on the page, and nothing else. A mail opens no request."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from catalog.requests import permissions
from catalog.requests.models import Request
from catalog.requests.operations.talking import note, say
from itsm import lifecycle
from itsm.accounts.models import User
from itsm.mail.handing import Heard, Outcome, cut
from itsm.mail.hearing import announce_bounce, said_with_files, words_of
from itsm.mail.parsing.parsed import Parsed
from itsm.mail.reasons import Did
from itsm.mail.senders import SYSTEM
from itsm.mail.undeliverable import Bounced


def find_for_mail(request_id: int) -> Request | None:
    """The request; None where there is none. Raises nothing."""
    return Request.objects.filter(pk=request_id).first()


@transaction.atomic
def hear(request: Request, heard: Heard) -> Outcome:
    """A public word; of the desk only where it is proven that it is theirs, else a private note.

    Raises NotPermitted and whatever replying refuses.
    """
    words = words_of(heard)
    works, theirs = permissions.works_on_some(heard.actor, request), permissions.theirs(heard.actor, request)
    if works and not theirs and not heard.is_proven:
        unproven = gettext("By mail that does not answer one of ours to this address, so it is kept from whose it is:")
        return Outcome(request, Did.NOTED, note(request, actor=heard.actor, text=cut(f"{unproven}\n\n{words}")).pk)
    said, shown = said_with_files(
        heard, words, lambda text, sent: say(request, actor=heard.actor, text=text, private=False, received=sent)
    )
    return Outcome(request, Did.COMMENTED, said.pk, shown)


@transaction.atomic
def note_automatic(request: Request, parsed: Parsed, person: User | None, at: datetime) -> Outcome:
    """What a program sent, in the history: nothing moves. Raises nothing."""
    said = {"from": [None, parsed.sender], "why": [None, parsed.automatic]}
    lifecycle.announce(request, "automatic_mail", actor=SYSTEM, changes=said)
    return Outcome(request, Did.NOTED)


@transaction.atomic
def note_bounce(request: Request, bounced: Bounced, at: datetime) -> Outcome:
    """A mail about it did not arrive, or not yet: in the history. Raises nothing."""
    announce_bounce(request, bounced)
    return Outcome(request, Did.NOTED)
