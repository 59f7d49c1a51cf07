"""What is said in a chat, done as the person who linked the account: show, note, acknowledge. Nothing is decided there.

Answers are for the caller's eyes. Text that people wrote is escaped for the platform.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from itsm.accounts.actors import actor_for
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import DomainError
from itsm.kernel.texts import is_blank
from itsm.notifications.sayings import speaking_to
from itsm.notifications.web_addresses import our_address
from itsm.webhooks import chat
from itsm.webhooks.models import WebhookEndpoint
from itsm.webhooks.slash import accounts
from itsm.webhooks.slash.records import Heard, called
from itsm.webhooks.vocabulary import Form

# What weighs is done signed in, whatever a chat says: these words are only ever answered with the page.
DECIDING = frozenset(
    ("approve", "reject", "decline", "authorise", "authorize", "override", "accept", "answer", "confirm", "publish")
)
_ID = re.compile(r"[A-Za-z0-9_.@-]{1,70}", re.ASCII)  # Slack: U2147483697; Mattermost: 26 letters and digits
MAX_NAME = 50  # of any signs: with the ids it fits into the link that asks whose account it is


@dataclass(frozen=True, slots=True)
class Tongue:
    """How a platform writes text that people wrote, and a link."""

    plain: Callable[[str], str]
    link: Callable[[str, str], str]


TONGUES = {
    Form.SLACK: Tongue(chat.in_slack, lambda label, url: f"<{chat.in_slack(url)}|{label.replace('|', ' ')}>"),
    Form.MATTERMOST: Tongue(chat.in_markdown, lambda label, url: f"[{label}]({url})"),
}


def caller_of(endpoint: WebhookEndpoint, fields: Mapping[str, str]) -> tuple[str, str]:
    """The platform's id of whoever calls, "" for none, and their name there. Slack's ids are a workspace's.

    What is no id of a platform is nobody's: cut or bent to fit, it could be another's. Of names stays what is seen.
    """
    ids = [fields.get(one, "") for one in (("team_id", "user_id") if endpoint.form == Form.SLACK else ("user_id",))]
    chat_user = ":".join(ids) if all(map(_ID.fullmatch, ids)) else ""
    name = "".join(filter(str.isprintable, fields.get("user_name", "")))
    return chat_user, (name.strip() or chat_user)[:MAX_NAME]


def answer(endpoint: WebhookEndpoint, fields: Mapping[str, str], at: datetime, request_id: str = "") -> str:
    """What the caller reads. Whatever may not be done is said as a sentence. Raises nothing of its own."""
    tongue = TONGUES[Form(endpoint.form)]
    command = fields.get("command", "") or "/headroom"
    chat_user, name = caller_of(endpoint, fields)
    person = accounts.person_of(endpoint, chat_user) if chat_user else None
    if person is None:
        return _please_link(tongue, accounts.link_for(endpoint, chat_user, name, at)) if chat_user else _nobody(tongue)
    with speaking_to(person):
        return _done(tongue, actor_for(person, Door.CHAT, request_id=request_id), command, fields.get("text", ""))


def _done(tongue: Tongue, actor: Actor, command: str, text: str) -> str:
    verb, reference, words = (*text.split(None, 2), "", "", "")[:3]
    verb = verb.lower()
    if verb in DECIDING:
        return _decide(tongue, actor, reference)
    if verb not in _VERBS or not reference:
        return _help(tongue, command, text if verb not in {"", "help"} else "")
    found = called(actor, reference)
    if found is None:
        return tongue.plain(_("There is no record %(text)s, or you may not see it.") % {"text": reference[:20]})
    try:
        return _VERBS[verb](tongue, actor, *found, words)
    except DomainError as refusal:
        return f"{_link(tongue, found[1])} {tongue.plain(refusal.detail)}"


def _show(tongue: Tongue, actor: Actor, kind: Heard, record: Any, words: str) -> str:
    if kind.discreet(record):
        return f"{_link(tongue, record)} {tongue.plain(_('It is confidential: read it there, signed in.'))}"
    said = [str(getattr(record, "title", "") or record), str(record.get_status_display())]
    return f"*{_link(tongue, record)}* {tongue.plain(said[0])}\n{tongue.plain(said[1])}"


def _note(tongue: Tongue, actor: Actor, kind: Heard, record: Any, words: str) -> str:
    if kind.note is None:
        return _elsewhere(tongue, record)
    if is_blank(words):
        return tongue.plain(_("Say what to note: note %(reference)s and words.") % {"reference": record.reference})
    kind.note(record, actor=actor, text=words)
    return f"{_link(tongue, record)} {tongue.plain(_('Noted, for those who read the whole record.'))}"


def _acknowledge(tongue: Tongue, actor: Actor, kind: Heard, record: Any, words: str) -> str:
    if kind.acknowledge is None:
        return _elsewhere(tongue, record)
    kind.acknowledge(record, actor=actor)
    return f"{_link(tongue, record)} {tongue.plain(_('Acknowledged, by you.'))}"


_VERBS: dict[str, Callable[[Tongue, Actor, Heard, Any, str], str]] = {
    "show": _show, "note": _note, "acknowledge": _acknowledge,
}  # fmt: skip


def _decide(tongue: Tongue, actor: Actor, reference: str) -> str:
    """A link to the page, on which who is signed in decides; what they may not see has none."""
    found = called(actor, reference)
    if reference and found is None:
        return tongue.plain(_("There is no record %(text)s, or you may not see it.") % {"text": reference[:20]})
    link = _link(tongue, found[1]) if found else tongue.link(_("What waits for you"), our_address("/approvals/"))
    return f"{link} {tongue.plain(_('Nothing is decided in a chat: do it there, signed in.'))}"


def _elsewhere(tongue: Tongue, record: Any) -> str:
    return f"{_link(tongue, record)} {tongue.plain(_('This is done there, signed in.'))}"


def _link(tongue: Tongue, record: Any) -> str:
    return tongue.link(tongue.plain(record.reference), our_address(record.get_absolute_url()))


def _help(tongue: Tongue, command: str, unknown: str) -> str:
    lines = [
        _("%(command)s show INC-42: what it is, and how it stands"),
        _("%(command)s note INC-42 words: a private note"),
        _("%(command)s acknowledge INC-42: you work on it"),
        _("%(command)s help: this"),
    ]
    first = [_("That is no command here: %(said)s") % {"said": unknown[:80]}] if unknown else []
    said = [*first, *(line % {"command": command[:40]} for line in lines)]
    return "\n".join(map(tongue.plain, [*said, _("Approving and the like is done on the page, signed in.")]))


def _please_link(tongue: Tongue, url: str) -> str:
    link = tongue.link(tongue.plain(_("Say that this account is yours")), url)
    return f"{link} {tongue.plain(_('within ten minutes, signed in to Headroom. Show this link to nobody.'))}"


def _nobody(tongue: Tongue) -> str:
    return tongue.plain(_("The chat did not say who calls."))
