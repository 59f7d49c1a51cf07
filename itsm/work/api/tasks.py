"""Tasks over REST, of whatever record: the shapes that each record's own routes take in and give out."""

from typing import Any

from rest_framework import serializers

from itsm.api import fields
from itsm.api.people import PersonField, TeamField
from itsm.api.serializers import Shown, Strict
from itsm.work.models import Task


class NewTask(Strict):
    """`mandatory`: the record is not over before it is done."""

    title = fields.Text(max_length=200)
    mandatory = fields.YesNo(default=False)
    team = TeamField(required=False, allow_null=True)
    assigned_to = PersonField(required=False, allow_null=True)
    due_at = fields.Instant(required=False, allow_null=True)


class TaskEditing(Strict):
    """`done` ticks it, or takes the tick back."""

    title = fields.Text(max_length=200, required=False)
    mandatory = fields.YesNo(required=False)
    team = TeamField(required=False, allow_null=True)
    assigned_to = PersonField(required=False, allow_null=True)
    due_at = fields.Instant(required=False, allow_null=True)
    done = fields.YesNo(required=False)


class TaskShown(Shown):
    """One thing to do."""

    team = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True, allow_null=True)
    assigned_to = PersonField(read_only=True, allow_null=True)
    done_by = PersonField(read_only=True, allow_null=True)

    class Meta:
        model = Task
        fields: tuple[str, ...] = (
            "id", "position", "title", "mandatory", "team", "assigned_to", "due_at", "done_at", "done_by",
        )  # fmt: skip
