"""A live test of a mailbox: step by step, as it is kept now, until one fails. Nothing is kept and nothing marked."""

import email
import email.header
import email.policy
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from itsm.mail import fetching, imap, oauth
from itsm.mail.models import Mailbox

SECONDS = 15.0  # somebody waits for it
_LONGEST_SUBJECT = 120


@dataclass(frozen=True, slots=True)
class Step:
    """What was tried, whether it went well, and what was seen."""

    name: str
    is_good: bool
    said: str


def try_out(mailbox: Mailbox, at: datetime) -> list[Step]:
    """Sign in, count, read the newest headers. Raises nothing of the server's."""
    done: list[Step] = []
    if not mailbox.host:
        return [Step(gettext("Connect"), False, gettext("No IMAP server is named: mail comes through the API alone."))]
    names = {"connect": gettext("Connect and sign in"), "count": gettext("Count"), "newest": gettext("Newest mail")}
    doing = names["connect"]
    try:
        if mailbox.auth == Mailbox.Auth.XOAUTH2:
            doing = gettext("Get an access token")
            oauth.access_token(mailbox, at, anew=True)
            done.append(Step(doing, True, gettext("The token address gave one.")))
            doing = names["connect"]
        with fetching.session(mailbox, at, SECONDS) as session:
            where = {"server": f"{mailbox.host}:{mailbox.port}", "login": mailbox.login}
            done.append(Step(doing, True, gettext("%(server)s took the sign-in of %(login)s.") % where))
            doing = names["count"]
            folder = session.open_folder(mailbox.folder)
            counted = {"count": folder.mails, "folder": mailbox.folder}
            done.append(Step(doing, True, gettext("%(count)d mails lie in %(folder)s.") % counted))
            doing = names["newest"]
            done.append(Step(doing, True, _newest(session, folder)))
    except fetching.Failed as error:
        done.append(Step(doing, False, str(error)))
    return done


def _newest(session: imap.Session, folder: imap.Folder) -> str:
    if not folder.mails:
        return gettext("There is none yet.")
    uids = session.after(max(folder.next_uid - 2, 0)) or session.after(0)[-1:]
    for lying in session.look(uids[-1:]):
        raw = session.headers(lying.uid)
        if raw is not None:
            subject = _subject_of(raw)
            arrived = lying.arrived.strftime("%Y-%m-%d %H:%M %z")
            return gettext("“%(subject)s”, arrived %(arrived)s") % {"subject": subject, "arrived": arrived}
    return gettext("It is gone already.")


def _subject_of(raw: bytes) -> str:
    """Of foreign headers, as much as can be shown: parsed as plain as may be, for it may be anything."""
    parsed = email.message_from_bytes(raw[:65_536], policy=email.policy.compat32)
    try:
        made = str(email.header.make_header(email.header.decode_header(str(parsed.get("Subject", "")))))
    except (LookupError, ValueError):
        made = str(parsed.get("Subject", ""))
    shown = "".join(one if one.isprintable() else " " for one in made)
    return " ".join(shown.split())[:_LONGEST_SUBJECT] or gettext("(without a subject)")
