"""A status page as values: everything that the public may know, and nothing else."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from itsm.statuspage.history import Day, percent
from itsm.statuspage.vocabulary import TONES, IncidentStatus, MaintenanceStatus, State, worst

_SENTENCES = {
    State.OPERATIONAL: lambda: _("All systems are operational"),
    State.MAINTENANCE: lambda: _("Maintenance is under way"),
    State.DEGRADED: lambda: _("Some systems are degraded"),
    State.PARTIAL: lambda: _("Some systems are partly out"),
    State.MAJOR: lambda: _("Some systems do not work"),
}
# The words of Statuspage for how bad an incident is, and for the whole.
INDICATORS = {
    State.OPERATIONAL: "none", State.MAINTENANCE: "maintenance", State.DEGRADED: "minor", State.PARTIAL: "major",
    State.MAJOR: "critical",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class When:
    """An instant as the page's zone shows it."""

    at: datetime
    zone: str

    @property
    def iso(self) -> str:
        return self.at.isoformat(timespec="seconds").replace("+00:00", "Z")

    @property
    def local(self) -> datetime:
        return self.at.astimezone(ZoneInfo(self.zone))

    @property
    def text(self) -> str:
        """With day and zone."""
        return f"{date_format(self.local, 'j M Y, H:i')} {self.local.tzname()}"

    @property
    def time(self) -> str:
        """With the zone, without the day."""
        return f"{self.local:%H:%M} {self.local.tzname()}"


@dataclass(frozen=True, slots=True)
class PublicComponent:
    """`days`: of the last 90, the oldest first; `share`: the mean of those that are known."""

    code: str
    name: str
    about: str
    group: str
    position: int
    state: str
    since: When
    days: list[Day]
    share: Decimal | None
    measured: bool

    @property
    def label(self) -> str:
        return str(State(self.state).label)

    @property
    def tone(self) -> str:
        return TONES[State(self.state)]

    @property
    def percent(self) -> str:
        return percent(self.share)


@dataclass(frozen=True, slots=True)
class Said:
    """One update. `body` is None where it was withdrawn; `states`: (name, state in words) of what it changed."""

    code: str
    status: str
    label: str
    body: str | None
    at: When
    states: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PublicNotice:
    """An incident or maintenance with its updates, the newest first. `components`: (code, name) of what it touches."""

    kind: str
    code: str
    title: str
    status: str
    label: str
    components: list[tuple[str, str]]
    said: list[Said]
    published: When
    updated: When
    starts: When
    ends: When | None
    next_update: When | None = None
    impact: str = State.OPERATIONAL.value
    postmortem_url: str = ""

    @property
    def is_incident(self) -> bool:
        return self.kind == "incident"

    @property
    def is_open(self) -> bool:
        """Still to be looked at: an incident that is not resolved, work that is not over."""
        return self.status not in (
            IncidentStatus.RESOLVED, MaintenanceStatus.COMPLETED, MaintenanceStatus.CANCELLED,
        )  # fmt: skip

    @property
    def is_under_way(self) -> bool:
        return self.status in (MaintenanceStatus.IN_PROGRESS, MaintenanceStatus.VERIFYING)

    @property
    def tone(self) -> str:
        """Of its edge: how bad an incident is while it lasts."""
        if not self.is_incident:
            return "blue" if self.is_open else "grey"
        return TONES[State(self.impact)] if self.is_open else "grey"

    @property
    def indicator(self) -> str:
        return INDICATORS[State(self.impact)]

    @property
    def path(self) -> str:
        """Below the page."""
        return f"{'incidents' if self.is_incident else 'maintenance'}/{self.code}/"

    @property
    def newest(self) -> Said | None:
        return self.said[0] if self.said else None


@dataclass(frozen=True, slots=True)
class PublicPage:
    """All of one page, as it was at `made`. `door`: what its addresses go on with where a key opens it, as ~abc/."""

    slug: str
    name: str
    about: str
    zone: str
    created: When
    made: When
    components: list[PublicComponent]
    notices: list[PublicNotice]
    is_public: bool = True
    door: str = ""

    @property
    def state(self) -> str:
        return worst([one.state for one in self.components])

    @property
    def sentence(self) -> str:
        """How all of it stands. An open incident without a component in trouble is said too."""
        if self.state == State.OPERATIONAL and self.open_incidents:
            return _("We are watching an incident")
        if not self.components:
            return _("Nothing is shown here yet")
        return _SENTENCES[State(self.state)]()

    @property
    def tone(self) -> str:
        if self.state == State.OPERATIONAL and self.open_incidents:
            return "blue"
        return TONES[State(self.state)] if self.components else "grey"

    @property
    def indicator(self) -> str:
        return INDICATORS[State(self.state)]

    @property
    def groups(self) -> list[tuple[str, list[PublicComponent]]]:
        """Components by group, groups where their first stands."""
        found: dict[str, list[PublicComponent]] = {}
        for one in self.components:
            found.setdefault(one.group, []).append(one)
        return list(found.items())

    @property
    def open_incidents(self) -> list[PublicNotice]:
        return [one for one in self.notices if one.is_incident and one.is_open]

    @property
    def planned(self) -> list[PublicNotice]:
        """Maintenance that runs or comes, the soonest first."""
        found = [one for one in self.notices if not one.is_incident and one.is_open]
        return sorted(found, key=lambda one: one.starts.at)

    @property
    def past(self) -> list[PublicNotice]:
        """What is over, the newest first."""
        return [one for one in self.notices if not one.is_open]

    @property
    def updated(self) -> When | None:
        """When something was said last."""
        return max((one.updated for one in self.notices), key=lambda when: when.at, default=None)

    @property
    def next_update(self) -> When | None:
        """When the next word is promised, the soonest."""
        promised = [one.next_update for one in self.open_incidents if one.next_update is not None]
        return min(promised, key=lambda when: when.at, default=None)
