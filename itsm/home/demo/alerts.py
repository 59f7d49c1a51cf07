"""What Larkspur's monitoring says: an Alertmanager whose alerts open incidents and end, checks of an old kind that send
JSON of their own, rules of routing, and a body that nobody could read.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from incidents.alerts_in.formats import Told
from incidents.alerts_in.operations import bodies, occurrences, routings, sources
from incidents.alerts_in.queries import stream
from incidents.alerts_in.vocabulary import SourceKind
from itsm.approvals import confirming
from itsm.home.demo.company import FOUNDER
from itsm.home.demo.founding import Company

if TYPE_CHECKING:
    from incidents.models import AlertSource, Incident

RULES = [
    {
        "name": "Disks", "when": [{"label": "alertname", "is": "one_of", "value": ["search-disk", "Disk", "Inodes"]}],
        "then": {"service": "search", "priority": 3},
    },
    {
        "name": "Test systems", "when": [{"label": "environment", "is": "equals", "value": "staging"}],
        "then": {"drop": True},
    },
]  # fmt: skip
MAPPING = {
    "alerts": "/checks", "fingerprint": "/id", "title": "/output", "state": "/state",
    "states": {"CRITICAL": "firing", "WARNING": "firing", "OK": "resolved"}, "severity": "/state",
    "labels": {"alertname": "/check", "service": "/for"},
}  # fmt: skip


def _monitoring() -> "AlertSource":
    return sources.source_of(SourceKind.ALERTMANAGER, actor=FOUNDER)


def _told(service: str, rule: str, title: str, began: datetime, ended: datetime | None = None) -> Told:
    labels = {"alertname": rule, "service": service, "environment": "production", "severity": "warning"}
    return Told(
        fingerprint=f"{service}-{rule}", state="firing" if ended is None else "resolved", started_at=began,
        ended_at=ended, title=title, labels=labels, annotations={"summary": title}, severity="warning",
    )  # fmt: skip


def rings(service: str, rule: str, title: str, at: datetime) -> "Incident":
    """An alert fires: its incident."""
    occurrences.take(_monitoring(), [_told(service, rule, title, at)], at=at)
    found = stream.alerts(FOUNDER).get(fingerprint=f"{service}-{rule}", started_at=at).incident
    if found is None:
        raise LookupError(f"The alert {rule} opened no incident.")
    return found


def ends(service: str, rule: str, title: str, began: datetime, at: datetime) -> None:
    """It fires no more."""
    occurrences.take(_monitoring(), [_told(service, rule, title, began, at)], at=at)


def keep(company: Company, at: datetime) -> None:
    """Rules of routing that two people let hold, a source of JSON with its mapping, and a body it could not read."""
    manager, admin = company.actors["manager"], company.actors["admin"]
    since = at - timedelta(days=20)
    _held, asked = routings.propose_rules(
        actor=manager, rules=RULES, reason="Disks are the search team's; staging wakes nobody.", at=since,
        version=routings.held(at=since).version,
    )  # fmt: skip
    confirming.confirm(asked, actor=admin, at=since + timedelta(hours=2), version=asked.version)
    rings("search", "search-latency", "Search answers slower than 800 ms", at - timedelta(minutes=25))
    checks = sources.add_source(
        actor=manager, slug="old-checks", name="Old checks", shape=SourceKind.GENERIC, mapping=MAPPING,
        group_by=["alertname"],
    )  # fmt: skip
    bodies.keep(
        checks, b'{"results": [{"check": "queue length", "state": "UNKNOWN", "for": "payments"}]}',
        at=at - timedelta(hours=7), alerts=1, parked="Nothing stands at \u201c/checks\u201d.",
    )  # fmt: skip
