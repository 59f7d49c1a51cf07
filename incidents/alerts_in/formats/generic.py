"""JSON of any shape, by a mapping of JSON pointers: where its alerts stand, and in each what says what.

    {"alerts": "/events", "fingerprint": "/id", "state": "/status", "states": {"open": "firing", "closed": "resolved"},
     "started_at": "/since", "ended_at": "/until", "title": "/name", "severity": "/level", "severities": {"5": "high"},
     "labels": {"service": "/svc", "environment": "/env"}, "all_labels": "/tags", "annotations": {"text": "/text"},
     "link": "/url"}

`alerts` is looked up in the body ("" where the body is one alert, or a list of them), the others in each alert.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from incidents.alerts_in.formats.told import (
    FIRING,
    MOST,
    RESOLVED,
    NotOurs,
    Read,
    Told,
    TooMany,
    Wrong,
    fingerprint_of,
    instant,
    links,
    text,
    texts,
    titled,
)
from itsm.intake.pointers import check, look_up

POINTERS = ("alerts", "fingerprint", "state", "started_at", "ended_at", "title", "severity", "all_labels", "link")
TABLES = ("states", "severities")
GROUPS = ("labels", "annotations")
_STATES = {FIRING: FIRING, RESOLVED: RESOLVED, "ok": RESOLVED, "alerting": FIRING}


def checked(mapping: Any) -> dict[str, Any]:
    """A mapping as it is kept. Raises NotOurs with a sentence that names the wrong entry."""
    if not isinstance(mapping, dict):
        raise NotOurs(_("A mapping is an object."))
    unknown = sorted(set(mapping) - {*POINTERS, *TABLES, *GROUPS})
    if unknown:
        raise NotOurs(
            _("A mapping has no “%(name)s”; it may have %(known)s.")
            % {"name": unknown[0][:60], "known": ", ".join((*POINTERS, *TABLES, *GROUPS))}
        )
    for name in POINTERS:
        check(mapping.get(name, ""))
    for name in (*TABLES, *GROUPS):
        table = mapping.get(name, {})
        if not isinstance(table, dict) or len(table) > 100 or not all(isinstance(one, str) for one in table.values()):
            raise NotOurs(_("“%(name)s” is an object of texts.") % {"name": name})
    for name in GROUPS:
        for pointer in mapping.get(name, {}).values():
            check(pointer)
    for state in mapping.get("states", {}).values():
        if state not in {FIRING, RESOLVED}:
            raise NotOurs(_("A state means firing or resolved, not “%(state)s”.") % {"state": state[:40]})
    if not mapping.get("title") and not mapping.get("labels") and not mapping.get("all_labels"):
        raise NotOurs(_("Say at least where the title or the labels of an alert stand."))
    return dict(mapping)


def read(document: Any, mapping: Mapping[str, Any]) -> Read:
    """The alerts that the mapping finds. Raises NotOurs, TooMany."""
    if not mapping:
        raise NotOurs(_("This source has no mapping yet: say where its alerts stand."))
    found = look_up(document, mapping.get("alerts", ""))
    alerts = found if isinstance(found, list) else [found]
    if found is None:
        raise NotOurs(_("Nothing stands at “%(pointer)s”.") % {"pointer": mapping.get("alerts", "")})
    if len(alerts) > MOST:
        raise TooMany(_("The body holds %(count)d alerts; %(most)d are taken.") % {"count": len(alerts), "most": MOST})
    told, wrong = [], []
    for one in alerts:
        try:
            told.append(_alert(one, mapping))
        except NotOurs as error:
            wrong.append(Wrong(one, str(error)))
    return Read(tuple(told), tuple(wrong))


def _alert(one: Any, mapping: Mapping[str, Any]) -> Told:
    if not isinstance(one, dict):
        raise NotOurs(_("An alert is an object."))

    def at(name: str) -> Any:
        return look_up(one, mapping[name]) if mapping.get(name) else None

    labels = texts(at("all_labels"), "all_labels")
    labels |= _named(one, mapping.get("labels", {}))
    said = text(at("state"))
    severity = text(at("severity"))
    severity = mapping.get("severities", {}).get(severity, severity)
    title = titled(at("title"), labels.get("alertname"), labels.get("service"))
    state = _state(said, mapping)
    return Told(
        fingerprint=text(at("fingerprint"))[:128] or fingerprint_of(labels or {"title": title}),
        state=state,
        started_at=instant(at("started_at")),
        ended_at=instant(at("ended_at")) if state == RESOLVED else None,
        title=title,
        labels=labels,
        annotations=_named(one, mapping.get("annotations", {})),
        links=links(at("link")),
        severity=severity[:40],
    )


def _named(one: Any, pointers: Mapping[str, str]) -> dict[str, str]:
    found = {name: look_up(one, pointer) for name, pointer in pointers.items()}
    return {name: text(value)[:2_000] for name, value in found.items() if value is not None}


def _state(said: str, mapping: Mapping[str, Any]) -> str:
    """What the table says of it; without a table the usual words; an alert that says nothing fires."""
    if not said and not mapping.get("state"):
        return FIRING
    state = mapping.get("states", {}).get(said) or _STATES.get(said.lower())
    if state is None:
        raise NotOurs(_("The table of states does not say what “%(state)s” means.") % {"state": said[:60]})
    return str(state)
