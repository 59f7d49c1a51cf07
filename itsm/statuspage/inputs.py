"""Bodies of the REST doors of status pages."""

from collections.abc import Iterable, Mapping
from typing import Any

from rest_framework import serializers

from catalog.services.api.fields import ServiceField
from itsm.api import fields
from itsm.api.serializers import Strict
from itsm.statuspage.models.notices import MAX_BODY, MAX_TITLE
from itsm.statuspage.vocabulary import IncidentStatus, State, Visibility
from itsm.statuspage.workflow import INCIDENT, MAINTENANCE

_MOST = 100
_BEGINS = [(one.value, one.label) for one in IncidentStatus if one is not IncidentStatus.RESOLVED]
_SUFFERS = [(one.value, one.label) for one in State if one is not State.MAINTENANCE]
_WORDS_OF = {
    table: [(name, step.label) for name, step in table.steps.items()] for table in (INCIDENT, MAINTENANCE)
}  # fmt: skip


class PageEditing(Strict):
    """`zone`: whose days the history counts; `visibility`: public, signed_in or key."""

    name = fields.Text(max_length=80, required=False)
    about = fields.Text(max_length=400, required=False, allow_blank=True)
    visibility = fields.Choice(choices=Visibility.choices, required=False)
    zone = fields.Text(max_length=60, required=False)


class NewPage(PageEditing):
    name = fields.Text(max_length=80)
    slug = fields.Text(max_length=63, required=False)


class ComponentEditing(Strict):
    """`service`: whose trouble suggests to speak; `objective`: the slug of what measures its days, "" for none."""

    name = fields.Text(max_length=80, required=False)
    about = fields.Text(max_length=200, required=False, allow_blank=True)
    group = fields.Text(max_length=80, required=False, allow_blank=True)
    position = fields.Whole(min_value=0, max_value=10_000, required=False)
    service = ServiceField(required=False, allow_null=True)
    objective = fields.Text(max_length=63, required=False, allow_blank=True)


class NewComponent(ComponentEditing):
    page = fields.Text(max_length=63)
    name = fields.Text(max_length=80)


class StateByHand(Strict):
    """`state`: null lets notices say it again."""

    state = fields.Choice(choices=State.choices, allow_null=True)


class ComponentState(Strict):
    """How a component suffers; operational takes it out of the incident."""

    component = fields.Whole(min_value=1, max_value=2**63 - 1)
    state = fields.Choice(choices=_SUFFERS)


def states_said(said: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    """Component id -> state; of one that is named twice, the last."""
    return {one["component"]: one["state"] for one in said}


class NewPublicIncident(Strict):
    """`internal`: the incident behind it, which the public never reads; `next_update_at`: when more is promised."""

    page = fields.Text(max_length=63)
    title = fields.Text(max_length=MAX_TITLE)
    body = fields.Text(max_length=MAX_BODY)
    components = serializers.ListField(child=ComponentState(), min_length=1, max_length=_MOST)
    status = fields.Choice(choices=_BEGINS, default=IncidentStatus.INVESTIGATING.value)
    internal = fields.Text(max_length=20, default="", allow_blank=True)
    started_at = fields.Instant(required=False, allow_null=True)
    next_update_at = fields.Instant(required=False, allow_null=True)


class IncidentUpdate(Strict):
    """`action`: the step; `update` stays where it is."""

    action = fields.Choice(choices=_WORDS_OF[INCIDENT])
    body = fields.Text(max_length=MAX_BODY)
    components = serializers.ListField(child=ComponentState(), max_length=_MOST, default=list)
    next_update_at = fields.Instant(required=False, allow_null=True)
    postmortem_url = fields.Text(max_length=300, required=False, allow_blank=True)


class NewMaintenance(Strict):
    """Work in [starts_at, ends_at). `internal`: its change, which must be approved, and then begins and ends it."""

    page = fields.Text(max_length=63)
    title = fields.Text(max_length=MAX_TITLE)
    body = fields.Text(max_length=MAX_BODY)
    components = serializers.ListField(
        child=fields.Whole(min_value=1, max_value=2**63 - 1), min_length=1, max_length=_MOST
    )  # fmt: skip
    starts_at = fields.Instant()
    ends_at = fields.Instant()
    internal = fields.Text(max_length=20, default="", allow_blank=True)


class Rescheduling(Strict):
    """Both times, and what the public is told about it."""

    starts_at = fields.Instant()
    ends_at = fields.Instant()
    body = fields.Text(max_length=MAX_BODY)


class MaintenanceUpdate(Strict):
    """`action`: the step; `update` stays where it is."""

    action = fields.Choice(choices=_WORDS_OF[MAINTENANCE])
    body = fields.Text(max_length=MAX_BODY)


class Withdrawal(Strict):
    """Why the public should not read it."""

    reason = fields.Text(max_length=500)
