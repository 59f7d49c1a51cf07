"""`free_slots`: when a change of this length would meet nothing."""

from datetime import timedelta
from typing import Annotated

from django.utils.translation import gettext as _
from pydantic import Field

from catalog.environments.queries import canonical
from changes.calendar.rules.slots import Found
from changes.change import permissions
from changes.change.agent_tools.finding import service_called
from changes.change.agent_tools.shapes import Reference, Slug
from changes.change.agent_tools.wording import A_NAME, is_ours
from changes.change.models import Change
from changes.change.queries import listing
from changes.change.queries.slots import slots_of
from itsm.agents.acting import Call
from itsm.agents.answers import Answer, Arguments, Shape
from itsm.agents.capabilities import Capability
from itsm.agents.tools import Tool
from itsm.kernel.errors import InvalidInput, NotPermitted

_MOST_BLOCKED = 5


class Wanted(Arguments):
    """What `free_slots` takes: a change that there is, or a service that one would be about."""

    change: Reference | None = None
    service: Slug | None = None
    environment: str = Field(default="production", max_length=40)
    minutes: Annotated[int, Field(ge=1, le=20_160)] = Field(default=60, description="How long it takes.")


class Slot(Shape):
    start: str
    free_until: str


class Blocked(Shape):
    """An earlier start that will not do, and what is in its way."""

    start: str
    kind: str
    by: str = Field(description="The change that is in the way; [a name] of a window, which the calendar shows.")
    ends_at: str | None


class Slots(Answer):
    """Within 90 days. No promise: the gate looks again."""

    minutes: int
    slots: list[Slot]
    blocked: list[Blocked]


def run(call: Call, arguments: Wanted) -> Slots:
    """Reads only. Raises NotPermitted, NotFound, InvalidInput and UnknownEnvironment."""
    if not permissions.staff(call.eyes):
        raise NotPermitted(_("When changes fit is for people who work here."))
    change = _change(call, arguments)
    lasts = timedelta(minutes=arguments.minutes)
    found = slots_of(change, lasts, call.at)
    slots = [Slot(start=one.start.isoformat(), free_until=one.free_until.isoformat()) for one in found.slots]
    blocked = [
        Blocked(
            start=one.start.isoformat(),
            kind=one.by.kind if one.by is not None else "outside_maintenance",
            by="" if one.by is None else one.by.name if is_ours("reference", one.by.name) else A_NAME,
            ends_at=one.by.ends_at.isoformat() if one.by is not None else None,
        )
        for one in found.blocked_by[:_MOST_BLOCKED]
    ]
    return Slots(minutes=arguments.minutes, slots=slots, blocked=blocked, next=_next(change, slots, lasts, found))


def _change(call: Call, arguments: Wanted) -> Change:
    if arguments.change is not None:
        return listing.by_reference(call.eyes, arguments.change)
    if arguments.service is None:
        raise InvalidInput.about("service", _("Name a change, or the service that one would be about."))
    service = service_called(arguments.service, call.eyes)
    return Change(service=service, environment=canonical(arguments.environment))


def _next(change: Change, slots: list[Slot], lasts: timedelta, found: Found) -> list[str]:
    if not slots:
        return [_("Within 90 days there is no such stretch: ask for a shorter one, or ask the gate without a window.")]
    start = found.slots[0].start
    about = f"change={change.reference}" if change.pk is not None else f"service={change.service.slug}, summary=…"
    words = {"about": about, "start": start.isoformat(), "end": (start + lasts).isoformat()}
    return [_("Ask for the first: ask_gate(%(about)s, window_start=%(start)s, window_end=%(end)s).") % words]


TOOL = Tool(
    name="free_slots",
    title="When it fits",
    description=(
        "The first three stretches within 90 days in which a change of so many minutes meets no freeze, no lockdown, no"
        " other change on what it touches, and keeps to demanded maintenance; and what blocks each earlier start."
        " Reads only."
    ),
    capability=Capability.GATE,
    arguments=Wanted,
    answer=Slots,
    run=run,
)
