"""The tool `who_is_on_call`: who has it now, until when, and who is next."""

from datetime import datetime

from django.utils.translation import gettext as _
from pydantic import AwareDatetime, Field

from itsm.agents.acting import Call
from itsm.agents.answers import Answer, Arguments, Shape
from itsm.agents.capabilities import Capability
from itsm.agents.tools import Tool
from itsm.kernel.errors import InvalidInput, NotPermitted
from itsm.notifications.web_addresses import our_address
from itsm.oncall import permissions
from itsm.oncall.queries.duty import OnDuty, names_of
from itsm.oncall.queries.listing import OnCallRow, on_call_rows

_MOST = 10


class Asked(Arguments):
    """What `who_is_on_call` takes: a service, a schedule, or neither for all schedules."""

    service: str | None = Field(default=None, max_length=80)
    schedule: str | None = Field(default=None, max_length=63)
    at: AwareDatetime | None = Field(default=None, description="Now, where it is not said.")


class Turn(Shape):
    """Who has it, by user name, the first first. Nobody: a gap."""

    people: list[str]
    until: datetime | None


class Schedule(Shape):
    """A schedule, who has it and who is next."""

    schedule: str
    team: str
    now: Turn
    next: Turn
    page: str


class OnCall(Answer):
    """The most urgent schedule first."""

    at: datetime
    schedules: list[Schedule]
    more: bool


def run(call: Call, arguments: Asked) -> OnCall:
    """Reads only. Raises NotPermitted, NotFound and InvalidInput."""
    if not permissions.readers(call.eyes):
        raise NotPermitted(_("Who is on call is for people who work here."))
    if arguments.service is not None and not arguments.service.strip():
        raise InvalidInput.about("service", _("Name a service by its slug, or leave it out."))
    at = arguments.at or call.at
    rows = on_call_rows(call.eyes, at, service=arguments.service or "", schedule=arguments.schedule or "")
    people = names_of({person for one in rows for duty in (one.duty, one.following) for person in duty.people})
    names = {pk: one.username for pk, one in people.items()}
    shown = [_schedule(one, names) for one in rows[:_MOST]]
    return OnCall(at=at, schedules=shown, more=len(rows) > _MOST, next=_next(arguments, shown))


def _schedule(row: OnCallRow, names: dict[int, str]) -> Schedule:
    schedule = row.schedule
    return Schedule(
        schedule=schedule.slug,
        team=schedule.team.slug if schedule.team is not None else "",
        now=_turn(row.duty, names),
        next=_turn(row.following, names),
        page=our_address(schedule.get_absolute_url()),
    )


def _turn(duty: OnDuty, names: dict[int, str]) -> Turn:
    return Turn(people=[names[one] for one in duty.people if one in names], until=duty.until)


def _next(arguments: Asked, shown: list[Schedule]) -> list[str]:
    first = next((one for one in shown if one.now.people), None)
    if first is not None:
        return [_("Ask %(person)s first.") % {"person": first.now.people[0]}]
    if shown and (later := next((one for one in shown if one.next.people), None)) is not None:
        return [_("Nobody has it now; %(person)s is next.") % {"person": later.next.people[0]}]
    if arguments.service is not None:
        page = our_address(f"/services/{arguments.service}/")
        return [_("No schedule answers for it: its team is named on its page, %(page)s.") % {"page": page}]
    return [_("Nobody is on call.")]


TOOL = Tool(
    name="who_is_on_call",
    title="Who is on call",
    description=(
        "Who is on call for a service or in a schedule, until when, and who is next; by user name. Reads only."
    ),
    capability=Capability.CATALOG_READ,
    arguments=Asked,
    answer=OnCall,
    run=run,
)
