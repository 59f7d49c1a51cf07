"""The tasks of a change over REST: actions that the viewset of changes takes in."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from changes.change import permissions
from changes.change.operations import checklist
from changes.change_models.vocabulary import TaskKind
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Strict
from itsm.api.versions import refuse_if_match
from itsm.kernel.actors import Actor
from itsm.work.api.tasks import NewTask, TaskEditing, TaskShown
from itsm.work.tasks import MAX_TASKS, has_one_to_do, task_of, tasks_of

_PLAN = Entry(permissions.staff, scopes.CHANGES_WRITE, over=permissions.planners)

POLICY: dict[str, Entry] = {
    "tasks": Entry(permissions.staff),
    "plan_task": _PLAN,
    "edit_task": Entry(
        permissions.staff_who_take_part,
        scopes.CHANGES_WRITE,
        over=lambda actor, change: permissions.planners(actor, change) or has_one_to_do(change, actor),
    ),
    "remove_task": _PLAN,
    "order_tasks": _PLAN,
}


class NewChangeTask(NewTask):
    """`mandatory`: planning holds up the start, implementation the finish, testing and review the close."""

    kind = fields.Choice(choices=TaskKind.choices, default=TaskKind.IMPLEMENTATION.value)


class ChangeTaskEditing(TaskEditing):
    """`done` ticks it, or takes the tick back."""

    kind = fields.Choice(choices=TaskKind.choices, required=False)


class ChangeTaskShown(TaskShown):
    """One thing to do on a change."""

    kind = serializers.CharField(source="task_kind")

    class Meta(TaskShown.Meta):
        fields = ("kind", *TaskShown.Meta.fields)


class TaskOrder(Strict):
    """All tasks of the change, by number, as they are to stand."""

    order = serializers.ListField(child=fields.Whole(min_value=1, max_value=2**63 - 1), max_length=MAX_TASKS)


class WhatIsToDo:
    """The tasks of one change."""

    actor: Actor
    get_object: Any
    validated: Any
    get_serializer_context: Any

    @extend_schema(responses={200: ChangeTaskShown(many=True)}, operation_id="changes_tasks")
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def tasks(self, request: Request, number: str) -> Response:
        """What is to do and what was done, in order."""
        return self._tasks(tasks_of(self.get_object()), many=True)

    @extend_schema(request=NewChangeTask, responses={201: ChangeTaskShown}, operation_id="changes_add_task")
    @tasks.mapping.post
    @idempotent()
    def plan_task(self, request: Request, number: str) -> Response:
        """One more thing to do, at the end of the list."""
        made = checklist.add_task(self.get_object(), actor=self.actor, **_said(self.validated(NewChangeTask)))
        return self._tasks(made, status=201)

    @extend_schema(request=ChangeTaskEditing, responses={200: ChangeTaskShown}, operation_id="changes_edit_task")
    @action(detail=True, methods=["patch"], url_path="tasks/(?P<task>[0-9]{1,18})", url_name="task")
    def edit_task(self, request: Request, number: str, task: str) -> Response:
        """Change it, or tick it."""
        change = self.get_object()
        refuse_if_match(request)
        said = _said(self.validated(ChangeTaskEditing))
        return self._tasks(checklist.edit_task(change, task_of(change, task), actor=self.actor, **said))

    @extend_schema(request=None, responses={204: None}, operation_id="changes_remove_task")
    @edit_task.mapping.delete
    def remove_task(self, request: Request, number: str, task: str) -> Response:
        """It is no task any more."""
        change = self.get_object()
        checklist.remove_task(change, task_of(change, task), actor=self.actor)
        return Response(status=204)

    @extend_schema(request=TaskOrder, responses={200: ChangeTaskShown(many=True)}, operation_id="changes_order_tasks")
    @action(detail=True, methods=["post"], url_path="tasks/order", url_name="task-order", pagination_class=None)
    def order_tasks(self, request: Request, number: str) -> Response:
        """Put them in another order."""
        found = checklist.order_tasks(self.get_object(), actor=self.actor, **self.validated(TaskOrder))
        return self._tasks(found, many=True)

    def _tasks(self, found: Any, *, many: bool = False, status: int = 200) -> Response:
        shown = ChangeTaskShown(found, many=many, context=self.get_serializer_context())
        return Response(shown.data, status=status)


def _said(words: dict[str, Any]) -> dict[str, Any]:
    return {"task_kind" if name == "kind" else name: value for name, value in words.items()}
