"""Notes, tasks and links of a problem over REST: actions that the viewset of problems takes in."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.incident.api.serializers import NoteShown
from incidents.incident.api.together import Connecting, LinkShown
from incidents.problem import operations, permissions
from incidents.problem.api.serializers import NewProblemTask, ProblemNote, ProblemTaskEditing, ProblemTaskShown
from incidents.problem.queries import notes_on
from itsm.accounts import scopes
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.versions import refuse_if_match
from itsm.kernel.actors import Actor
from itsm.work.linking import link_named, linked_to
from itsm.work.tasks import task_of, tasks_of

READ = Entry(permissions.staff, over=permissions.readers)
WORK = Entry(permissions.responders, scopes.INCIDENTS_WRITE, over=permissions.workers)
POLICY: dict[str, Entry] = {
    "notes": READ,
    "say": WORK,
    "tasks": READ,
    "plan": WORK,
    "edit_task": WORK,
    "remove_task": WORK,
    "links": READ,
    "connect": WORK,
    "disconnect": WORK,
}


class Together:
    """What people do together on one problem."""

    actor: Actor
    get_object: Any
    validated: Any
    get_serializer_context: Any

    @extend_schema(responses={200: NoteShown(many=True)}, operation_id="problems_notes")
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def notes(self, request: Request, number: str) -> Response:
        """What was written on it, oldest first."""
        return self._shown(NoteShown, notes_on(self.get_object()), many=True)

    @extend_schema(request=ProblemNote, responses={201: NoteShown}, operation_id="problems_say")
    @notes.mapping.post
    @idempotent()
    def say(self, request: Request, number: str) -> Response:
        """A note for those who work here."""
        problem = self.get_object()
        return self._shown(
            NoteShown, operations.note(problem, actor=self.actor, **self.validated(ProblemNote)), status=201
        )

    @extend_schema(responses={200: ProblemTaskShown(many=True)}, operation_id="problems_tasks")
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def tasks(self, request: Request, number: str) -> Response:
        """What is to do and what was done, in order."""
        return self._shown(ProblemTaskShown, tasks_of(self.get_object()), many=True)

    @extend_schema(request=NewProblemTask, responses={201: ProblemTaskShown}, operation_id="problems_add_task")
    @tasks.mapping.post
    @idempotent()
    def plan(self, request: Request, number: str) -> Response:
        """One more thing to do, at the end of the list."""
        problem = self.get_object()
        made = operations.add_task(problem, actor=self.actor, **self.validated(NewProblemTask))
        return self._shown(ProblemTaskShown, made, status=201)

    @extend_schema(request=ProblemTaskEditing, responses={200: ProblemTaskShown}, operation_id="problems_edit_task")
    @action(detail=True, methods=["patch"], url_path="tasks/(?P<task>[0-9]{1,18})", url_name="task")
    def edit_task(self, request: Request, number: str, task: str) -> Response:
        """Change it, or tick it."""
        problem = self.get_object()
        refuse_if_match(request)
        changed = operations.edit_task(
            problem, task_of(problem, task), actor=self.actor, **self.validated(ProblemTaskEditing)
        )
        return self._shown(ProblemTaskShown, changed)

    @extend_schema(request=None, responses={204: None}, operation_id="problems_remove_task")
    @edit_task.mapping.delete
    def remove_task(self, request: Request, number: str, task: str) -> Response:
        """It is no task any more."""
        problem = self.get_object()
        operations.remove_task(problem, task_of(problem, task), actor=self.actor)
        return Response(status=204)

    @extend_schema(responses={200: LinkShown(many=True)}, operation_id="problems_links")
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def links(self, request: Request, number: str) -> Response:
        """What it is linked to, as far as you may see it."""
        return self._shown(LinkShown, linked_to(self.get_object(), self.actor), many=True)

    @extend_schema(request=Connecting, responses={201: LinkShown}, operation_id="problems_link")
    @links.mapping.post
    @idempotent()
    def connect(self, request: Request, number: str) -> Response:
        """Link it to another record: `caused` an incident, `fixed_by` a change."""
        problem = self.get_object()
        made = operations.connect(problem, actor=self.actor, **self.validated(Connecting))
        return self._shown(LinkShown, made, status=201)

    @extend_schema(request=None, responses={204: None}, operation_id="problems_unlink")
    @action(detail=True, methods=["delete"], url_path="links/(?P<link>[0-9]{1,18})", url_name="link")
    def disconnect(self, request: Request, number: str, link: str) -> Response:
        """Take a link away."""
        problem = self.get_object()
        operations.disconnect(problem, link_named(problem, self.actor, int(link)), actor=self.actor)
        return Response(status=204)

    def _shown(self, shape: Any, found: Any, *, many: bool = False, status: int = 200) -> Response:
        return Response(shape(found, many=many, context=self.get_serializer_context()).data, status=status)
