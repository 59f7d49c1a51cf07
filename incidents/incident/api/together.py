"""Tasks, watchers and links of an incident over REST: actions that the viewset of incidents takes in."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.incident import operations, permissions
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Strict
from itsm.api.versions import refuse_if_match
from itsm.kernel.actors import Actor
from itsm.work.api.tasks import NewTask, TaskEditing, TaskShown
from itsm.work.api.watchers import WatcherShown, Watching, watcher_named
from itsm.work.linking import Relation, link_named, linked_to
from itsm.work.tasks import task_of, tasks_of
from itsm.work.watching import watchers_of

_READ = Entry(permissions.staff, over=permissions.readers)
_WORK = Entry(permissions.responders, scopes.INCIDENTS_WRITE, over=permissions.workers)


def _staff_who_take_part(actor: Actor) -> bool:
    return permissions.staff(actor) and permissions.participants(actor)


_FOLLOW = Entry(_staff_who_take_part, scopes.INCIDENTS_WRITE, over=permissions.readers)

POLICY: dict[str, Entry] = {
    "tasks": _READ,
    "plan": _WORK,
    "edit_task": _WORK,
    "remove_task": _WORK,
    "watchers": _READ,
    "watch": _FOLLOW,
    "unwatch": _FOLLOW,
    "links": _READ,
    "connect": _WORK,
    "disconnect": _WORK,
}


class IncidentWatching(Watching):
    """Without `user`: oneself. `share`: it is meant that somebody reads the public side of a confidential record."""

    share = fields.YesNo(default=False)


class Connecting(Strict):
    """`to`: the reference of any record that you may see, such as CHG-00007."""

    to = fields.Text(max_length=20)
    relation = fields.Choice(choices=Relation.choices)


class LinkShown(serializers.Serializer[Any]):
    """A link as this record says it."""

    id = serializers.IntegerField()
    relation = fields.Choice(choices=Relation.choices)
    to = serializers.CharField(source="record.reference")
    title = serializers.CharField()
    url = fields.OurAddress(source="record.get_absolute_url")


class Together:
    """What people do together on one incident."""

    actor: Actor
    get_object: Any
    validated: Any
    get_serializer_context: Any

    @extend_schema(responses={200: TaskShown(many=True)}, operation_id="incidents_tasks")
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def tasks(self, request: Request, number: str) -> Response:
        """What is to do and what was done, in order."""
        return self._shown(TaskShown, tasks_of(self.get_object()), many=True)

    @extend_schema(request=NewTask, responses={201: TaskShown}, operation_id="incidents_add_task")
    @tasks.mapping.post
    @idempotent()
    def plan(self, request: Request, number: str) -> Response:
        """One more thing to do, at the end of the list."""
        incident = self.get_object()
        made = operations.add_task(incident, actor=self.actor, **self.validated(NewTask))
        return self._shown(TaskShown, made, status=201)

    @extend_schema(request=TaskEditing, responses={200: TaskShown}, operation_id="incidents_edit_task")
    @action(detail=True, methods=["patch"], url_path="tasks/(?P<task>[0-9]{1,18})", url_name="task")
    def edit_task(self, request: Request, number: str, task: str) -> Response:
        """Change it, or tick it."""
        incident = self.get_object()
        refuse_if_match(request)
        changed = operations.edit_task(
            incident, task_of(incident, task), actor=self.actor, **self.validated(TaskEditing)
        )
        return self._shown(TaskShown, changed)

    @extend_schema(request=None, responses={204: None}, operation_id="incidents_remove_task")
    @edit_task.mapping.delete
    def remove_task(self, request: Request, number: str, task: str) -> Response:
        """It is no task any more."""
        incident = self.get_object()
        operations.remove_task(incident, task_of(incident, task), actor=self.actor)
        return Response(status=204)

    @extend_schema(responses={200: WatcherShown(many=True)}, operation_id="incidents_watchers")
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def watchers(self, request: Request, number: str) -> Response:
        """Who follows it: they read its public side and hear what happens."""
        return self._shown(WatcherShown, watchers_of(self.get_object()).select_related("by"), many=True)

    @extend_schema(request=IncidentWatching, responses={201: WatcherShown}, operation_id="incidents_watch")
    @watchers.mapping.post
    @idempotent()
    def watch(self, request: Request, number: str) -> Response:
        """Follow it, or let somebody follow it."""
        incident = self.get_object()
        made = operations.watch(incident, actor=self.actor, **self.validated(IncidentWatching))
        return self._shown(WatcherShown, made, status=201)

    @extend_schema(request=None, responses={204: None}, operation_id="incidents_unwatch")
    @action(detail=True, methods=["delete"], url_path="watchers/(?P<login>[^/]{1,150})", url_name="watcher")
    def unwatch(self, request: Request, number: str, login: str) -> Response:
        """Somebody follows it no longer."""
        incident = self.get_object()
        operations.unwatch(incident, actor=self.actor, user=watcher_named(incident, login).user)
        return Response(status=204)

    @extend_schema(responses={200: LinkShown(many=True)}, operation_id="incidents_links")
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def links(self, request: Request, number: str) -> Response:
        """What it is linked to, as far as you may see it."""
        return self._shown(LinkShown, linked_to(self.get_object(), self.actor), many=True)

    @extend_schema(request=Connecting, responses={201: LinkShown}, operation_id="incidents_link")
    @links.mapping.post
    @idempotent()
    def connect(self, request: Request, number: str) -> Response:
        """Link it to another record."""
        incident = self.get_object()
        made = operations.connect(incident, actor=self.actor, **self.validated(Connecting))
        return self._shown(LinkShown, made, status=201)

    @extend_schema(request=None, responses={204: None}, operation_id="incidents_unlink")
    @action(detail=True, methods=["delete"], url_path="links/(?P<link>[0-9]{1,18})", url_name="link")
    def disconnect(self, request: Request, number: str, link: str) -> Response:
        """Take a link away."""
        incident = self.get_object()
        operations.disconnect(incident, link_named(incident, self.actor, int(link)), actor=self.actor)
        return Response(status=204)

    def _shown(self, shape: Any, found: Any, *, many: bool = False, status: int = 200) -> Response:
        return Response(shape(found, many=many, context=self.get_serializer_context()).data, status=status)
