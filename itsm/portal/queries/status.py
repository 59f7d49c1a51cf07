"""How services stand, in plain words: states and announced maintenance, no title of anything behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from catalog.services.queries import visible_services
from catalog.services.queries.states import troubled
from catalog.services.vocabulary import ServiceState
from itsm.announcements import queries as announcements
from itsm.announcements.models import Announcement
from itsm.kernel.actors import Actor

_MOST = 300
_WORDS: dict[str, tuple[Any, str]] = {
    "down": (_("Does not work"), "red"),
    "degraded": (_("Works with trouble"), "amber"),
    "maintenance": (_("Maintenance"), "blue"),
    "up": (_("Works, as far as is known"), "grey"),
}
_ORDER = list(_WORDS)
_STATES = {ServiceState.DOWN: "down", ServiceState.DEGRADED: "degraded", ServiceState.UP: "up"}


@dataclass(frozen=True, slots=True)
class Standing:
    """One service as people see it. `state`: down, degraded, maintenance or up; `until`: of running maintenance.
    `said`: what is looked for while somebody types."""

    slug: str
    name: str
    state: str
    said: str
    until: datetime | None = None
    about: str = ""

    @property
    def label(self) -> str:
        """The state in words."""
        return str(_WORDS[self.state][0])

    @property
    def tone(self) -> str:
        """The colour that goes with them."""
        return _WORDS[self.state][1]

    @property
    def url(self) -> str:
        """Where the service is shown."""
        return f"/services/{self.slug}/"


@dataclass(frozen=True, slots=True)
class Status:
    """What is shown of all services: an overall sentence, those in trouble, those that work, what is announced."""

    sentence: str
    tone: str
    troubles: list[Standing]
    working: list[Standing]
    announced: list[Announcement]


def status(actor: Actor, at: datetime, *, only_troubles: bool = False) -> Status:
    """How the services that this actor may see stand, the worst first. `only_troubles`: `working` stays empty.

    The queries of the states, and three more.
    """
    announced = announcements.shown(actor, at)
    running = {one.service_id: one for one in announced if one.is_maintenance and one.service_id and one.runs(at)}
    felt = troubled(at)
    seen = visible_services(actor)
    if only_troubles:
        seen = seen.filter(pk__in={*felt, *running})
    rows = seen.order_by("name", "slug").values_list("pk", "slug", "name", "description")[:_MOST]
    found = [_standing(row, felt.get(row[0], ServiceState.UP), running.get(row[0])) for row in rows]
    troubles = sorted((one for one in found if one.state != "up"), key=lambda one: _ORDER.index(one.state))
    _unname(announced, actor)
    sentence, tone = _overall(troubles)
    return Status(sentence, tone, troubles, [one for one in found if one.state == "up"], announced)


def _unname(announced: list[Announcement], actor: Actor) -> None:
    """A service that its reader may not see is not named."""
    about = {one.service_id for one in announced if one.service_id is not None}
    seen = set(visible_services(actor).filter(pk__in=about).values_list("pk", flat=True)) if about else set()
    for one in announced:
        if one.service_id not in seen:
            one.service = None


def _standing(row: Sequence[Any], felt: ServiceState, maintenance: Announcement | None) -> Standing:
    _pk, slug, name, description = row
    state = _STATES[felt]
    if maintenance is None:
        return Standing(slug, name, state, f"{slug} {name} {description}")
    words = f"{slug} {name} {description} {maintenance.title} {maintenance.body}"
    return Standing(slug, name, "maintenance", words, maintenance.ends_at, maintenance.title)


def _overall(troubles: Sequence[Standing]) -> tuple[str, str]:
    states = [one.state for one in troubles]
    names = ", ".join(one.name for one in troubles[:3])
    if "down" in states:
        count = states.count("down")
        said = ngettext("%(names)s does not work.", "%(count)d services do not work.", count)
        return said % {"names": names.split(", ")[0], "count": count}, "red"
    if "degraded" in states:
        count = states.count("degraded")
        said = ngettext("%(names)s works with trouble.", "%(count)d services work with trouble.", count)
        return said % {"names": names.split(", ")[0], "count": count}, "amber"
    if states:
        return gettext("Announced maintenance is under way: %(names)s.") % {"names": names}, "blue"
    return gettext("No trouble is known."), "green"
