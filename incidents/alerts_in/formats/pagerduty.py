"""PagerDuty's Events API v2: one event for each body. `routing_key` is the token, and no part of what is kept.

https://developer.pagerduty.com/docs/events-api-v2/overview/
"""

import hashlib
import json
from typing import Any

from django.utils.translation import gettext as _

from incidents.alerts_in.formats.told import (
    ACKNOWLEDGED,
    FIRING,
    RESOLVED,
    NotOurs,
    Read,
    Told,
    instant,
    links,
    one_of,
    text,
    texts,
    titled,
)

STATES = {"trigger": FIRING, "acknowledge": ACKNOWLEDGED, "resolve": RESOLVED}
_LABELS = {"source": "source", "component": "component", "group": "group", "class": "class", "severity": "severity"}


def read(document: Any) -> Read:
    """One event. Raises NotOurs."""
    if not isinstance(document, dict):
        raise NotOurs(_("An event is an object."))
    state = STATES.get(text(document.get("event_action")))
    if state is None:
        raise NotOurs(_("“event_action” is trigger, acknowledge or resolve."))
    key = text(document.get("dedup_key"))[:128]
    payload = document.get("payload") or {}
    if state == FIRING and not (isinstance(payload, dict) and payload.get("summary")):
        raise NotOurs(_("A trigger has a “payload” with a “summary”."))
    if state != FIRING and not key:
        raise NotOurs(_("An event that acknowledges or resolves names the “dedup_key”."))
    labels = {ours: text(one_of(payload, theirs))[:2_000] for ours, theirs in _LABELS.items()}
    details = texts(one_of(payload, "custom_details"), "custom_details") if _is_flat(payload) else {}
    labels = {**{name: value for name, value in details.items() if name not in labels}, **labels}
    labels = {name: value for name, value in labels.items() if value}
    at = instant(one_of(payload, "timestamp"))
    given = document.get("links")
    return Read((
        Told(
            fingerprint=key or made_up(document),
            state=state,
            started_at=at if state == FIRING else None,
            ended_at=at if state == RESOLVED else None,
            title=titled(one_of(payload, "summary"), key),
            labels=labels,
            annotations={"client": text(document["client"])[:200]} if document.get("client") else {},
            links=links(
                document.get("client_url"),
                *[one_of(one, "href") for one in (given if isinstance(given, list) else [])[:10]],
            ),
            severity=labels.get("severity", "")[:40],
            who=text(document.get("client") or one_of(payload, "source"))[:120],
        ),
    ))  # fmt: skip


def _is_flat(payload: Any) -> bool:
    return isinstance(one_of(payload, "custom_details"), dict)


def made_up(document: dict[str, Any]) -> str:
    """The key of a trigger that names none: the same event sent again is the same alert."""
    said = {name: value for name, value in document.items() if name != "routing_key"}
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()[:32]
