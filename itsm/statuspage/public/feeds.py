"""A page for programs: JSON in Statuspage's shape, RSS 2.0, ICS of planned work."""

import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from itsm.statuspage.public.shapes import PublicComponent, PublicNotice, PublicPage, Said, When
from itsm.statuspage.vocabulary import IncidentStatus, MaintenanceStatus

_MOST_ITEMS = 50


def address(page: PublicPage, path: str = "") -> str:
    """Where a page of ours stands for everybody."""
    return f"{settings.BASE_URL}/status/{page.slug}/{page.door}{path}"


def api(page: PublicPage) -> dict[str, dict[str, Any]]:
    """Path below `api/v2/` -> document, as programs that read Statuspage know them."""
    about = _page(page)
    status = {"indicator": page.indicator, "description": page.sentence}
    components = [_component(one, page) for one in page.components]
    incidents = [_notice(one, page) for one in page.notices if one.is_incident]
    unresolved = [_notice(one, page) for one in page.open_incidents]
    planned = [_notice(one, page) for one in page.planned]
    return {
        "summary.json": {
            "page": about, "components": components, "incidents": unresolved, "scheduled_maintenances": planned,
            "status": status,
        },
        "status.json": {"page": about, "status": status},
        "components.json": {"page": about, "components": components},
        "incidents.json": {"page": about, "incidents": incidents},
        "incidents/unresolved.json": {"page": about, "incidents": unresolved},
        "scheduled-maintenances.json": {
            "page": about,
            "scheduled_maintenances": [_notice(one, page) for one in page.notices if not one.is_incident],
        },
    }  # fmt: skip


def as_json(document: Any) -> bytes:
    """The bytes that are served."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _page(page: PublicPage) -> dict[str, Any]:
    updated = page.updated or page.created
    return {
        "id": page.slug, "name": page.name, "url": address(page), "time_zone": page.zone, "updated_at": updated.iso,
        "made_at": page.made.iso,
    }  # fmt: skip


def _component(one: PublicComponent, page: PublicPage) -> dict[str, Any]:
    return {
        "id": one.code, "name": one.name, "status": one.state, "created_at": one.since.iso, "position": one.position,
        "description": one.about or None, "group": False, "group_id": None, "group_name": one.group or None,
        "page_id": page.slug, "showcase": True, "only_show_if_degraded": False,
        "uptime_90_days": None if one.share is None else one.percent.removesuffix(" %"),
    }  # fmt: skip


def _notice(one: PublicNotice, page: PublicPage) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "id": one.code, "name": one.title, "status": one.status, "created_at": one.published.iso,
        "updated_at": one.updated.iso, "impact": one.indicator, "page_id": page.slug,
        "shortlink": address(page, one.path), "started_at": one.starts.iso,
        "resolved_at": one.ends.iso if one.ends is not None and not one.is_open else None,
        "monitoring_at": _first(one, IncidentStatus.MONITORING),
        "incident_updates": [_update(said, one) for said in one.said],
        "components": [{"id": code, "name": name} for code, name in one.components],
    }  # fmt: skip
    if not one.is_incident:
        shape |= {"scheduled_for": one.starts.iso, "scheduled_until": one.ends.iso if one.ends else None}
    return shape


def _first(one: PublicNotice, status: str) -> str | None:
    found = [said.at for said in one.said if said.status == status]
    return found[-1].iso if found else None


def _update(said: Said, of: PublicNotice) -> dict[str, Any]:
    return {
        "id": said.code, "status": said.status, "body": said.body if said.body is not None else withdrawn(),
        "incident_id": of.code, "created_at": said.at.iso, "display_at": said.at.iso,
    }  # fmt: skip


def withdrawn() -> str:
    """What stands where an update was taken off."""
    return _("This update was withdrawn.")


def rss(page: PublicPage) -> bytes:
    """The newest updates of all notices, each an item."""
    feed = Rss201rev2Feed(
        title=_("%(name)s status") % {"name": page.name}, link=address(page), description=page.sentence,
        feed_url=address(page, "feed.rss"), language="en",
    )  # fmt: skip
    said = [(one, update) for one in page.notices for update in one.said]
    for one, update in sorted(said, key=lambda pair: pair[1].at.at, reverse=True)[:_MOST_ITEMS]:
        feed.add_item(
            title=f"{one.title} \N{EN DASH} {update.label}", link=address(page, one.path),
            description=_readable(update.body if update.body is not None else withdrawn()), pubdate=update.at.at,
            unique_id=f"{address(page, one.path)}#{update.code}", unique_id_is_permalink=False,
        )  # fmt: skip
    return feed.writeString("utf-8").encode()


def _readable(text: str) -> str:
    """Without control characters, which XML cannot hold."""
    return "".join(letter if letter.isprintable() or letter in "\n\t" else " " for letter in text)


def ics(page: PublicPage) -> bytes:
    """Planned work that runs or comes, and what is over of it (RFC 5545)."""
    calendar = Calendar()
    calendar.add("prodid", "-//Headroom//Status page//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _("%(name)s maintenance") % {"name": page.name})
    calendar.add("refresh-interval", timedelta(minutes=30), parameters={"value": "DURATION"})
    for one in page.notices:
        if not one.is_incident:
            calendar.add_component(_event(one, page))
    return bytes(calendar.to_ical())


def _event(one: PublicNotice, page: PublicPage) -> Event:
    ends: When = one.ends or one.starts
    event = Event()
    event.add("uid", f"{one.code}@status-{page.slug}")
    event.add("dtstamp", one.updated.at)
    event.add("dtstart", one.starts.at)
    event.add("dtend", max(ends.at, one.starts.at))
    event.add("summary", _readable(one.title))
    event.add("status", "CANCELLED" if one.status == MaintenanceStatus.CANCELLED else "CONFIRMED")
    event.add("url", address(page, one.path))
    if one.newest is not None and one.newest.body is not None:
        event.add("description", _readable(one.newest.body))
    return event
