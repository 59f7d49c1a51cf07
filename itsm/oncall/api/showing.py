"""Layers and shifts with the names of people instead of their numbers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from itsm.accounts.models import User
from itsm.oncall.engine.values import Shift, Source
from itsm.oncall.models import Layer, Schedule
from itsm.oncall.operations import Said, people_in, said_now


def layers_of(schedule: Schedule, at: datetime) -> list[dict[str, Any]]:
    """Its layers at an instant, without a statement where they were read with those of others."""
    read: list[Layer] | None = getattr(schedule, "held_layers", None)
    names = None
    if read is not None:
        slots = [slot for layer in read for slot in layer.slots.all()]
        names = {slot.person.pk: slot.person.username for slot in slots if slot.person is not None}
    return layers_shown(said_now(schedule, at), names)


def layers_shown(layers: Sequence[Said], names: Mapping[int, str] | None = None) -> list[dict[str, Any]]:
    """As `layers` of an edit takes them. `names`: user names by id, where they are known already."""
    if names is None:
        names = dict(User.objects.filter(pk__in=people_in(layers)).values_list("pk", "username"))
    return [
        {
            "id": one.line, "name": one.name, "zone": one.zone, "unit": one.unit, "length": one.length,
            "anchor_date": one.anchor_date, "handoff": f"{one.handoff:%H:%M}", "count": one.count,
            "slots": [[names[person] for person in slot] for slot in one.slots],
            "hours": [
                {"from_day": begin, "from_time": f"{at:%H:%M}", "to_day": end, "to_time": f"{until:%H:%M}"}
                for begin, at, end, until in one.hours
            ],
        }
        for one in layers
    ]  # fmt: skip


def final_shown(shifts: Iterable[Shift]) -> dict[str, list[dict[str, Any]]]:
    """Shifts and, of them, the gaps."""
    found = list(shifts)
    people = {person for one in found for person in one.people}
    names = dict(User.objects.filter(pk__in=people).values_list("pk", "username"))
    shown = [
        {
            "start": one.start, "end": one.end, "people": [names[person] for person in one.people],
            "by": one.source.value, "layer": one.line, "turn": one.turn,
        }
        for one in found
    ]  # fmt: skip
    return {"shifts": shown, "gaps": [one for one in shown if one["by"] == Source.GAP.value]}
