"""Reads a page from the database into what the public may know. Columns are named one by one."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q

from itsm.statuspage.history import DayBounds, Span, days, local_days, overall, state_at
from itsm.statuspage.models import Component, ComponentSpan, Maintenance, PublicIncident, PublicUpdate, StatusPage
from itsm.statuspage.public.shapes import PublicComponent, PublicNotice, PublicPage, Said, When
from itsm.statuspage.vocabulary import DAYS, IncidentStatus, MaintenanceStatus, State, worst
from slo.objectives.queries.daily_shares import daily_shares

MOST_NOTICES = 200
_SHOWN_FOR = timedelta(days=DAYS)
_COMPONENT = ("pk", "code", "name", "about", "group", "position", "created_at", "objective")
_UPDATE = ("pk", "incident_id", "maintenance_id", "status", "body", "states", "at", "withdrawn__pk")


def read_page(page: StatusPage, at: datetime, door: str = "") -> PublicPage:
    """Everything of one page as it stands; `door`: see `PublicPage`.

    A fixed number of queries, and two for each objective.
    """
    rows = list(Component.objects.filter(page=page, retired_at=None).values(*_COMPONENT))
    spans = _spans(page, at)
    bounds = local_days(page.zone, at, DAYS)
    components = [_component(row, spans[row["pk"]], bounds, page.zone, at) for row in rows]
    names = {row["pk"]: (row["code"], row["name"]) for row in rows}
    return PublicPage(
        slug=page.slug, name=page.name, about=page.about, zone=page.zone, created=When(page.created_at, page.zone),
        made=When(at, page.zone), components=components, notices=_notices(page, names, at),
        is_public=page.is_public, door=door,
    )  # fmt: skip


def _spans(page: StatusPage, at: datetime) -> dict[int, list[Span]]:
    since = at - _SHOWN_FOR - timedelta(days=2)
    found: dict[int, list[Span]] = defaultdict(list)
    rows = ComponentSpan.objects.filter(Q(ended_at=None) | Q(ended_at__gt=since), component__page=page)
    for row in rows.values("component_id", "state", "began_at", "ended_at", "incident_id", "maintenance_id"):
        by_hand = not (row["incident_id"] or row["maintenance_id"])
        found[row["component_id"]].append(Span(row["state"], row["began_at"], row["ended_at"], by_hand))
    return found


def _component(
    row: Mapping[str, Any], spans: list[Span], bounds: list[DayBounds], zone: str, at: datetime
) -> PublicComponent:
    measured: list[Decimal | None] | None = None
    if row["objective"]:
        measured = daily_shares(row["objective"], [*(one.starts for one in bounds), bounds[-1].ends])
    found = days(spans, bounds, born=row["created_at"], now=at, measured=measured)
    return PublicComponent(
        code=row["code"], name=row["name"], about=row["about"], group=row["group"], position=row["position"],
        state=state_at(spans, at), since=When(row["created_at"], zone), days=found, share=overall(found),
        measured=measured is not None,
    )  # fmt: skip


def _notices(page: StatusPage, names: Mapping[int, tuple[str, str]], at: datetime) -> list[PublicNotice]:
    since = at - _SHOWN_FOR
    incidents = list(
        PublicIncident.objects.filter(Q(resolved_at=None) | Q(resolved_at__gt=since), page=page)
        .order_by("-started_at", "-pk")
        .values("pk", "code", "title", "status", "published_at", "updated_at", "started_at", "resolved_at",
                "next_update_at", "postmortem_url")[:MOST_NOTICES]
    )  # fmt: skip
    planned = list(
        Maintenance.objects.filter(Q(ended_at=None) | Q(ended_at__gt=since), page=page)
        .order_by("-starts_at", "-pk")
        .values("pk", "code", "title", "status", "published_at", "updated_at", "starts_at", "ends_at", "begun_at",
                "ended_at", "components")[:MOST_NOTICES]
    )  # fmt: skip
    said = _said([one["pk"] for one in incidents], [one["pk"] for one in planned])
    touched = _touched([one["pk"] for one in incidents])
    found = [_incident(one, said[("incident", one["pk"])], touched[one["pk"]], names, page.zone) for one in incidents]
    found += [_maintenance(one, said[("maintenance", one["pk"])], names, page.zone) for one in planned]
    return sorted(found, key=lambda one: one.starts.at, reverse=True)


_Updates = dict[tuple[str, int], list[Mapping[str, Any]]]


def _said(incidents: list[int], planned: list[int]) -> _Updates:
    found: _Updates = defaultdict(list)
    rows = PublicUpdate.objects.filter(Q(incident__in=incidents) | Q(maintenance__in=planned)).order_by("at", "pk")
    for row in rows.values(*_UPDATE):
        key = ("incident", row["incident_id"]) if row["incident_id"] else ("maintenance", row["maintenance_id"])
        found[key].append(row)
    return found


def _touched(incidents: list[int]) -> dict[int, list[tuple[int, str]]]:
    """Of each incident: (component, state) of everything that it ever said of one."""
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    rows = ComponentSpan.objects.filter(incident__in=incidents).order_by("component__position", "component_id", "pk")
    for incident, component, state in rows.values_list("incident_id", "component_id", "state"):
        found[incident].append((component, state))
    return found


def _incident(
    row: Mapping[str, Any],
    said: list[Mapping[str, Any]],
    touched: list[tuple[int, str]],
    names: Mapping[int, tuple[str, str]],
    zone: str,
) -> PublicNotice:
    promised, suffering = row["next_update_at"], dict.fromkeys(pk for pk, _ in touched)
    return PublicNotice(
        kind="incident", code=row["code"], title=row["title"], status=row["status"],
        label=str(IncidentStatus(row["status"]).label), components=_named(suffering, names),
        said=_updates(row["code"], said, IncidentStatus, names, zone), published=When(row["published_at"], zone),
        updated=When(row["updated_at"], zone), starts=When(row["started_at"], zone),
        ends=When(row["resolved_at"], zone) if row["resolved_at"] else None,
        next_update=When(promised, zone) if promised else None, impact=worst([state for _, state in touched]),
        postmortem_url=row["postmortem_url"],
    )  # fmt: skip


def _maintenance(
    row: Mapping[str, Any], said: list[Mapping[str, Any]], names: Mapping[int, tuple[str, str]], zone: str
) -> PublicNotice:
    over = row["status"] == MaintenanceStatus.COMPLETED and row["ended_at"]
    return PublicNotice(
        kind="maintenance", code=row["code"], title=row["title"], status=row["status"],
        label=str(MaintenanceStatus(row["status"]).label), components=_named(row["components"], names),
        said=_updates(row["code"], said, MaintenanceStatus, names, zone), published=When(row["published_at"], zone),
        updated=When(row["updated_at"], zone), starts=When(row["begun_at"] or row["starts_at"], zone),
        ends=When(row["ended_at"] if over else row["ends_at"], zone), impact=State.MAINTENANCE.value,
    )  # fmt: skip


def _named(wanted: Iterable[int], names: Mapping[int, tuple[str, str]]) -> list[tuple[str, str]]:
    return [names[pk] for pk in wanted if pk in names]


def _updates(
    code: str,
    rows: list[Mapping[str, Any]],
    words: type[IncidentStatus] | type[MaintenanceStatus],
    names: Mapping[int, tuple[str, str]],
    zone: str,
) -> list[Said]:
    found = []
    for number, row in enumerate(rows, 1):
        changed = [
            (names[int(pk)][1], str(State(state).label)) for pk, state in row["states"].items() if int(pk) in names
        ]
        gone = row["withdrawn__pk"] is not None
        found.append(
            Said(
                f"{code}-{number}", row["status"], str(words(row["status"]).label), None if gone else row["body"],
                When(row["at"], zone), [] if gone else changed,
            )
        )  # fmt: skip
    return found[::-1]
