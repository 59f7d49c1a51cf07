"""Alertmanager's webhook (version 4) and Grafana's, which speaks the same and adds values and links.

https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

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


def read(document: Any) -> Read:
    """A group of alerts. Raises NotOurs, TooMany."""
    alerts = document.get("alerts") if isinstance(document, dict) else None
    if not isinstance(alerts, list):
        raise NotOurs(_("A body of Alertmanager is an object with a list “alerts”."))
    if len(alerts) > MOST:
        raise TooMany(_("The body holds %(count)d alerts; %(most)d are taken.") % {"count": len(alerts), "most": MOST})
    told, wrong = [], []
    for one in alerts:
        try:
            told.append(_alert(one, document))
        except NotOurs as error:
            # What they share is not kept with each: a large body of bad alerts would become thousands of large ones.
            wrong.append(Wrong({"status": document.get("status"), "alerts": [one]}, str(error)))
    cut = document.get("truncatedAlerts", 0)
    return Read(tuple(told), tuple(wrong), cut if isinstance(cut, int) and cut > 0 else 0)


def _alert(one: Any, document: dict[str, Any]) -> Told:
    if not isinstance(one, dict):
        raise NotOurs(_("An alert is an object."))
    labels = texts(one.get("labels"), "labels")
    if not labels:
        raise NotOurs(_("An alert has labels; this one has none."))
    annotations = texts(one.get("annotations"), "annotations")
    state = text(one.get("status") or document.get("status") or FIRING)
    if state not in {FIRING, RESOLVED}:
        raise NotOurs(_("An alert is firing or resolved, not “%(state)s”.") % {"state": state[:40]})
    for name in ("values", "valueString"):  # Grafana
        if one.get(name):
            annotations[name] = text(one[name])[:2_000]
    return Told(
        fingerprint=text(one.get("fingerprint"))[:128] or fingerprint_of(labels),
        state=state,
        started_at=instant(one.get("startsAt")),
        ended_at=instant(one.get("endsAt")) if state == RESOLVED else None,
        title=titled(annotations.get("summary"), labels.get("alertname"), annotations.get("description")),
        labels=labels,
        annotations=annotations,
        links=links(
            one.get("generatorURL"), one.get("panelURL"), one.get("dashboardURL"), annotations.get("runbook_url"),
            annotations.get("runbook"), one.get("silenceURL"),
        ),
        severity=labels.get("severity", "")[:40],
    )  # fmt: skip
