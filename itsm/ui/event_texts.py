"""History as people say it: event -> sentence. An app adds its own with `says`."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

_sentences: dict[str, Any] = {
    "incident.created": _("opened this incident"),
    "incident.edited": _("changed it"),
    "incident.confirmed": _("confirmed it: a second person has seen it"),
    "incident.acknowledged": _("started work"),
    "incident.put_on_hold": _("put it on hold"),
    "incident.resumed": _("resumed work"),
    "incident.resolved": _("resolved it"),
    "incident.reopened": _("reopened it"),
    "incident.closed": _("closed it"),
    "incident.cancelled": _("cancelled it"),
    "incident.noted": _("wrote"),
    "incident.linked": _("linked it"),
    "service.created": _("added this service"),
    "service.edited": _("changed it"),
    "service.rewired": _("changed what it depends on"),
    "change.created": _("opened it"),
    "change.edited": _("changed it"),
    "change.submitted": _("asked the gate"),
    "change.evaluated": _("judged it"),
    "change.authorised": _("authorised it"),
    "change.sent_to_gate": _("had it judged again"),
    "change.held": _("held its start"),
    "change.confirmed": _("said that it may still go"),
    "change.let_go": _("let it go again: what held it has passed"),
    "change.declined": _("declined it"),
    "change.returned": _("took it back to draft"),
    "change.started": _("started it"),
    "change.finished": _("finished it"),
    "change.rolled_back": _("rolled it back"),
    "change.auto_closed": _("closed it after a clean watch"),
    "change.closed": _("closed it"),
    "change.cancelled": _("cancelled it"),
    "change.noted": _("wrote"),
    "change.linked": _("linked it"),
    "confirmation.created": _("proposed it; a second person confirms"),
    "confirmation.edited": _("added to what is proposed"),
    "confirmation.confirmed": _("confirmed it: it is done"),
    "confirmation.declined": _("declined it"),
    "confirmation.withdrawn": _("took it back"),
    "confirmation.expired": _("let it expire: nobody confirmed it in time"),
    "objective.created": _("set this objective"),
    "objective.edited": _("changed its terms"),
}


def register_event_text(event: str, sentence: Any) -> None:
    """The sentence's subject is whoever did it: "Ada" + "resolved it"."""
    _sentences[event] = sentence


def sentence(event: str) -> str:
    """The registered words, or the event's own last word: `change.put_off` reads "put off"."""
    known: Mapping[str, Any] = _sentences
    return str(known.get(event) or event.rpartition(".")[2].replace("_", " "))
