"""CDEvents about incidents: detected and reported fire, resolved ends. https://cdevents.dev"""

from typing import Any

from django.utils.translation import gettext as _

from incidents.alerts_in.formats.told import FIRING, RESOLVED, NotOurs, Read, Told, instant, links, one_of, text, titled
from itsm.intake.cdevents import event_in

PREFIX = "dev.cdevents.incident."
STATES = {"detected": FIRING, "reported": FIRING, "resolved": RESOLVED}


def read(document: Any) -> Read:
    """One event, bare or as the data of a CloudEvent; of other types none. Raises NotOurs."""
    event = event_in(document)
    context, subject = one_of(event, "context"), one_of(event, "subject")
    if not isinstance(context, dict) or not isinstance(subject, dict):
        raise NotOurs(_("A CDEvent is an object with “context” and “subject”."))
    kind = text(context.get("type"))
    if not kind.startswith("dev.cdevents."):
        raise NotOurs(_("“%(kind)s” is no type of CDEvents.") % {"kind": kind[:80]})
    state = STATES.get(kind.removeprefix(PREFIX).partition(".")[0]) if kind.startswith(PREFIX) else None
    if state is None:
        return Read()
    number = text(subject.get("id"))
    if not number:
        raise NotOurs(_("The subject has no “id”."))
    source = text(subject.get("source") or context.get("source"))
    content = subject.get("content") if isinstance(subject.get("content"), dict) else {}
    labels = {
        "service": text(one_of(one_of(content, "service"), "id")),
        "environment": text(one_of(one_of(content, "environment"), "id")),
        "artifact": text(one_of(content, "artifactId")),
        "source": source,
        "subject": number,
    }
    at = instant(context.get("timestamp"))
    return Read((
        Told(
            fingerprint=f"{source} {number}"[:128],
            state=state,
            started_at=at if state == FIRING else None,
            ended_at=at if state == RESOLVED else None,
            title=titled(one_of(content, "description"), number),
            labels={name: value[:2_000] for name, value in labels.items() if value},
            links=links(one_of(content, "ticketURI"), one_of(content, "uri")),
            key=f"{text(context.get('source'))} {text(context.get('id'))}",
        ),
    ))  # fmt: skip
