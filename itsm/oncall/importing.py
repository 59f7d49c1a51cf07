"""Schedules of Grafana OnCall, PagerDuty and Opsgenie: read from a file, compared with the source's own rendering,
written so that a second import finds what the first made. Nobody is paged before a schedule goes live."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext

from itsm.accounts.models import EmailAddress, Team, User
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput
from itsm.oncall import operations
from itsm.oncall.engine import values
from itsm.oncall.engine.rota import final
from itsm.oncall.formats import grafana_oncall, opsgenie, pagerduty
from itsm.oncall.formats.imported import ReadSchedule, Unreadable, unwrapped
from itsm.oncall.models import Override, Schedule
from itsm.oncall.operations import Said

FORMATS: Mapping[str, Callable[[Any, datetime], list[ReadSchedule]]] = {
    "oncall": grafana_oncall.read,
    "pagerduty": pagerduty.read,
    "opsgenie": opsgenie.read,
}
COMPARED = timedelta(days=30)

# f(source, document, schedules by their key there, people by e-mail, actor, at, dry_run) -> lines for people.
Steps = Callable[[str, Any, Mapping[str, Schedule | None], Mapping[str, User], Actor, datetime, bool], Sequence[str]]
_steps: list[Steps] = []


def steps(take: Steps) -> None:
    """Who knows escalation policies takes those of the file too, in `AppConfig.ready()`."""
    _steps.append(take)


@dataclass(frozen=True, slots=True)
class Difference:
    """From start to end others are on call by the source than here: e-mails."""

    start: datetime
    end: datetime
    there: tuple[str, ...]
    here: tuple[str, ...]


@dataclass(slots=True)
class Imported:
    """What became of a schedule: `what`: created, changed, as it was, or not written. `minutes`: how many were
    compared; `differences`: where they differ."""

    read: ReadSchedule
    what: str = ""
    schedule: Schedule | None = None
    minutes: int = 0
    differences: list[Difference] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def differing(self) -> int:
        """Minutes that differ."""
        return sum(int((one.end - one.start) / timedelta(minutes=1)) for one in self.differences)


def read_file(source: str, document: Any, now: datetime) -> list[ReadSchedule]:
    """The schedules of a file. Raises InvalidInput with the sentence of what cannot be read."""
    try:
        return FORMATS[source](document, now)
    except Unreadable as error:
        raise InvalidInput.about("file", str(error)) from error
    except (AttributeError, TypeError, KeyError) as error:
        raise InvalidInput.about("file", gettext("This is no export of %(source)s.") % {"source": source}) from error


@transaction.atomic
def bring_in(
    source: str,
    document: Any,
    *,
    actor: Actor,
    at: datetime,
    team: Team | None = None,
    dry_run: bool = False,
    leave_out_unknown: bool = False,
) -> tuple[list[Imported], list[str]]:
    """Read, compare and write all schedules of a file, and what others take of it (lines for people).

    `team`: whose they are, where there is no team of the name that the file says. Raises InvalidInput, Conflict (people
    whom nobody knows here, no team).
    """
    document = unwrapped(document)
    found = [_compared(one, at) for one in read_file(source, document, at)]
    people = _people({email for one in found for email in _emails(one.read)})
    for one in found:
        one.unknown = sorted(email for email in _emails(one.read) if email.lower() not in people)
    if not dry_run:
        unknown = sorted({email for one in found for email in one.unknown})
        if unknown and not leave_out_unknown:
            words = gettext(
                "Nobody here has these addresses: %(emails)s. Add them, or leave them out (--leave-out-unknown)."
            )
            raise Conflict(words % {"emails": ", ".join(unknown[:20])})
        for one in found:
            _write(one, f"{source}:{one.read.key}"[:160], people, actor, at, team)
    by_key = {one.read.key: one.schedule for one in found}
    lines = [line for take in _steps for line in take(source, document, by_key, people, actor, at, dry_run)]
    return found, lines


def _emails(read: ReadSchedule) -> set[str]:
    slots = {email for layer in read.layers for slot in layer.slots for email in slot}
    return slots | {email for one in read.overrides for email in one.people}


def _people(emails: set[str]) -> dict[str, User]:
    """Active people by address, in small letters: their account's, else another that they proved to be theirs."""
    wanted = {email.lower() for email in emails}
    proved = EmailAddress.objects.filter(verified_at__isnull=False, user__is_active=True)
    rows = proved.annotate(low=Lower("email")).filter(low__in=wanted)
    found = {one.low: one.user for one in rows.select_related("user") if one.user.is_human}
    plain = User.objects.annotate(low=Lower("email")).filter(low__in=wanted, is_active=True)
    return {one.low: one for one in plain if one.is_human} | found


def compare(read: ReadSchedule, begin: datetime, end: datetime) -> list[Difference]:
    """Where the source's rendering and ours of the same schedule differ between two instants, to the second."""
    numbers = {
        email: number for number, email in enumerate(sorted({*_emails(read), *(one[2] for one in read.rendering)}), 1)
    }
    names = {number: email.lower() for email, number in numbers.items()}
    layers = operations.preview_of([_said(one, lambda email: (numbers[email],)) for one in read.layers])
    overrides = tuple(
        values.Override(number, one.start, one.end, tuple(numbers[email] for email in one.people))
        for number, one in enumerate(read.overrides)
    )
    ours = final(values.Rota(layers, overrides), begin, end)
    edges = {begin, end, *(one.start for one in ours)}
    edges |= {edge for start, stop, _who in read.rendering for edge in (start, stop) if begin < edge < end}
    ordered = sorted(edges)
    found: list[Difference] = []
    for start, stop in pairwise(ordered):
        there = tuple(sorted({who.lower() for first, last, who in read.rendering if first <= start < last and who}))
        shift = next(one for one in ours if one.start <= start < one.end)
        here = tuple(sorted(names[one] for one in shift.people))
        if there != here:
            if found and found[-1].end == start and (found[-1].there, found[-1].here) == (there, here):
                found[-1] = replace(found[-1], end=stop)
            else:
                found.append(Difference(start, stop, there, here))
    return found


def _compared(read: ReadSchedule, at: datetime) -> Imported:
    """30 days of the rendering, from its first minute that is not past on."""
    made = Imported(read)
    if read.rendering:
        first, last = min(one[0] for one in read.rendering), max(one[1] for one in read.rendering)
        begin = max(first, at) if last > at else first
        begin = begin.astimezone(UTC).replace(second=0, microsecond=0)
        end = min(last, begin + COMPARED)
        if begin < end:
            made.minutes = int((end - begin) / timedelta(minutes=1))
            made.differences = compare(read, begin, end)
    return made


def _said(layer: Any, ids: Callable[[str], tuple[int, ...]], line: int | None = None) -> Said:
    slots = tuple(tuple(dict.fromkeys(one for email in slot for one in ids(email))) for slot in layer.slots)
    return Said(
        layer.unit, layer.length, layer.anchor, layer.handoff, slots, layer.hours, layer.count, layer.zone,
        layer.name[:80], line,
    )  # fmt: skip


def _write(
    made: Imported, key: str, people: Mapping[str, User], actor: Actor, at: datetime, team: Team | None
) -> None:  # fmt: skip
    read = made.read

    def ids(email: str) -> tuple[int, ...]:
        return (people[email.lower()].pk,) if email.lower() in people else ()

    if not any(ids(email) for layer in read.layers for slot in layer.slots for email in slot):
        made.what = "not written"
        read.remarks.append(gettext("Nobody takes turns in it that is known here."))
        return
    there = Schedule.objects.filter(imported_from=key).first()
    if there is None:
        said = [_said(one, ids) for one in read.layers if any(ids(email) for slot in one.slots for email in slot)]
        whose = Team.objects.standing().filter(name__iexact=read.team).first() or team
        if whose is None:
            raise Conflict(gettext("Say whose %(name)s is: --team.") % {"name": read.name})
        made.schedule = operations.create_schedule(
            actor=actor, at=at, name=read.name[:100], team=whose, zone=read.zone, layers=said, imported_from=key
        )
        made.what = "created"
    else:
        lines = [one.line for one in operations.said_now(there, at)]
        used = [one for one in read.layers if any(ids(email) for slot in one.slots for email in slot)]
        said = [_said(one, ids, lines[place] if place < len(lines) else None) for place, one in enumerate(used)]
        made.schedule = operations.edit_schedule(there, actor=actor, version=there.version, at=at, layers=said)
        made.what = "as it was" if made.schedule.version == there.version else "changed"
    known = set(Override.objects.filter(schedule=made.schedule).values_list("imported_from", flat=True))
    for one in read.overrides:
        who = [people[email.lower()] for email in one.people if email.lower() in people]
        if f"{key}#{one.key}"[:160] not in known and who and one.end > at:
            operations.override(
                made.schedule, actor=actor, at=at, starts_at=max(one.start, at), ends_at=one.end, people=who,
                although_away=True, imported_from=f"{key}#{one.key}"[:160],
            )  # fmt: skip
