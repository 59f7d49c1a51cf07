"""Timeline, stakeholders, moments and tasks of a war room over REST: actions that its viewset takes in."""

from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.major import operations, permissions, queries
from incidents.major.api.serializers import (
    MajorTimelineShown,
    MomentShown,
    NewMoment,
    NewStakeholder,
    RoomSaidShown,
    RoomSaying,
    StakeholderShown,
    SuspectShown,
)
from itsm.accounts import scopes
from itsm.api.filters import refuse_unknown
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.versions import refuse_if_match
from itsm.kernel.actors import Actor
from itsm.work.api.tasks import NewTask, TaskEditing, TaskShown
from itsm.work.tasks import task_of, tasks_of

READ = Entry(permissions.staff, over=permissions.readers)
WORK = Entry(permissions.staff, scopes.INCIDENTS_WRITE, over=permissions.workers)
POLICY: dict[str, Entry] = {
    "timeline": READ,
    "suspects": READ,
    "say": WORK,
    "stakeholders": READ,
    "add_stakeholder": WORK,
    "remove_stakeholder": WORK,
    "moments": READ,
    "pin": WORK,
    "unpin": WORK,
    "tasks": READ,
    "plan": WORK,
    "edit_task": WORK,
    "remove_task": WORK,
}
_PLAIN: dict[str, Any] = {"detail": True, "pagination_class": None, "filter_backends": []}


class Together:
    """What people do together in one war room."""

    actor: Actor
    get_object: Any
    validated: Any
    get_serializer_context: Any

    @extend_schema(
        parameters=[OpenApiParameter("after", OpenApiTypes.STR, description="what the last answer said; empty: all")],
        responses={200: MajorTimelineShown},
        operation_id="majors_timeline",
    )
    @action(methods=["get"], **_PLAIN)
    def timeline(self, request: Request, number: str) -> Response:
        """What happened, newest first; with `after` only what is new."""
        refuse_unknown(request.query_params, ("after",))
        after = request.query_params.get("after", "")
        found = queries.timeline_of(self.get_object(), self.actor, now=timezone.now(), after=after)
        return self._shown(MajorTimelineShown, found)

    @extend_schema(responses={200: SuspectShown(many=True)}, operation_id="majors_suspects")
    @action(methods=["get"], **_PLAIN)
    def suspects(self, request: Request, number: str) -> Response:
        """Changes that began near the beginning of the harm, the nearest first."""
        found = queries.suspects_of(self.get_object(), self.actor, timezone.now())
        return self._shown(SuspectShown, found, many=True)

    @extend_schema(request=RoomSaying, responses={200: RoomSaidShown}, operation_id="majors_say")
    @action(methods=["post"], **_PLAIN)
    @idempotent()
    def say(self, request: Request, number: str) -> Response:
        """A note for those who work here, or a command that begins with a slash."""
        verb = operations.say(self.get_object(), actor=self.actor, at=timezone.now(), **self.validated(RoomSaying))
        return self._shown(RoomSaidShown, {"verb": verb})

    @extend_schema(responses={200: StakeholderShown(many=True)}, operation_id="majors_stakeholders")
    @action(methods=["get"], **_PLAIN)
    def stakeholders(self, request: Request, number: str) -> Response:
        """Who hears of every update."""
        found = self.get_object().stakeholders.select_related("person", "added_by")
        return self._shown(StakeholderShown, found, many=True)

    @extend_schema(request=NewStakeholder, responses={201: StakeholderShown}, operation_id="majors_add_stakeholder")
    @stakeholders.mapping.post
    @idempotent()
    def add_stakeholder(self, request: Request, number: str) -> Response:
        """Let somebody hear of every update."""
        words = self.validated(NewStakeholder)
        made = operations.add_stakeholder(self.get_object(), actor=self.actor, at=timezone.now(), **words)
        return self._shown(StakeholderShown, made, status=201)

    @extend_schema(request=None, responses={204: None}, operation_id="majors_remove_stakeholder")
    @action(detail=True, methods=["delete"], url_path="stakeholders/(?P<one>[0-9]{1,18})", url_name="stakeholder")
    def remove_stakeholder(self, request: Request, number: str, one: str) -> Response:
        """They hear no longer."""
        major = self.get_object()
        operations.remove_stakeholder(major, queries.stakeholder_of(major, int(one)), actor=self.actor)
        return Response(status=204)

    @extend_schema(responses={200: MomentShown(many=True)}, operation_id="majors_moments")
    @action(methods=["get"], **_PLAIN)
    def moments(self, request: Request, number: str) -> Response:
        """Moments worth finding again, in their order."""
        return self._shown(MomentShown, self.get_object().moments.select_related("by"), many=True)

    @extend_schema(request=NewMoment, responses={201: MomentShown}, operation_id="majors_pin")
    @moments.mapping.post
    @idempotent()
    def pin(self, request: Request, number: str) -> Response:
        """Pin a line of the timeline, or note what happened."""
        major, words, now = self.get_object(), self.validated(NewMoment), timezone.now()
        if words["key"]:
            made = operations.pin(major, actor=self.actor, key=words["key"], at=now)
        else:
            at = words.get("at", now)
            made = operations.add_moment(major, actor=self.actor, text=words["text"], at=at, now=now)
        return self._shown(MomentShown, made, status=201)

    @extend_schema(request=None, responses={204: None}, operation_id="majors_unpin")
    @action(detail=True, methods=["delete"], url_path="moments/(?P<one>[0-9]{1,18})", url_name="moment")
    def unpin(self, request: Request, number: str, one: str) -> Response:
        """It is no moment any more."""
        major = self.get_object()
        operations.unpin(major, queries.moment_of(major, int(one)), actor=self.actor)
        return Response(status=204)

    @extend_schema(responses={200: TaskShown(many=True)}, operation_id="majors_tasks")
    @action(methods=["get"], **_PLAIN)
    def tasks(self, request: Request, number: str) -> Response:
        """What is to do and what was done, in order."""
        return self._shown(TaskShown, tasks_of(self.get_object()), many=True)

    @extend_schema(request=NewTask, responses={201: TaskShown}, operation_id="majors_add_task")
    @tasks.mapping.post
    @idempotent()
    def plan(self, request: Request, number: str) -> Response:
        """One more thing to do."""
        made = operations.add_task(self.get_object(), actor=self.actor, **self.validated(NewTask))
        return self._shown(TaskShown, made, status=201)

    @extend_schema(request=TaskEditing, responses={200: TaskShown}, operation_id="majors_edit_task")
    @action(detail=True, methods=["patch"], url_path="tasks/(?P<task>[0-9]{1,18})", url_name="task")
    def edit_task(self, request: Request, number: str, task: str) -> Response:
        """Change it, or tick it."""
        major = self.get_object()
        refuse_if_match(request)
        words = self.validated(TaskEditing)
        return self._shown(TaskShown, operations.edit_task(major, task_of(major, task), actor=self.actor, **words))

    @extend_schema(request=None, responses={204: None}, operation_id="majors_remove_task")
    @edit_task.mapping.delete
    def remove_task(self, request: Request, number: str, task: str) -> Response:
        """It is no task any more."""
        major = self.get_object()
        operations.remove_task(major, task_of(major, task), actor=self.actor)
        return Response(status=204)

    def _shown(self, shape: Any, found: Any, *, many: bool = False, status: int = 200) -> Response:
        return Response(shape(found, many=many, context=self.get_serializer_context()).data, status=status)
