"""Items of a request over REST: each step is a POST to its own name; approvals, tasks, who fulfils them."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request as HttpRequest
from rest_framework.response import Response

from catalog.requests import operations, permissions, queries
from catalog.requests.api.serializers import (
    Assigning,
    Deciding,
    FulfilmentTaskEditing,
    FulfilmentTaskShown,
    NewFulfilmentTask,
    RequestItemShown,
    SettlingTask,
)
from catalog.requests.models import Request, RequestItem
from catalog.requests.workflow import ITEM
from itsm.accounts import scopes
from itsm.api.filters import refuse_unknown
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing
from itsm.api.steps import draws_steps
from itsm.api.versions import refuse_if_match
from itsm.api.viewsets import Rows
from itsm.work.models import Task
from itsm.work.tasks import task_of

WORK = Entry(permissions.fulfillers, scopes.REQUESTS_WRITE, over=permissions.workers)
READ_TASKS = Entry(permissions.staff, over=lambda actor, item: permissions.readers(actor, item.request))
_TASK = "tasks/(?P<task>[0-9]{1,18})"


@draws_steps(ITEM, record="a requested item", scope=scopes.REQUESTS_WRITE)
class RequestItemViewSet(Rows):
    """Items of one request, keyed by their place in it (1, 2, ...)."""

    policy: ClassVar = {
        "list": Entry(permissions.anyone),
        "retrieve": Entry(permissions.anyone),
        "decide": Entry(permissions.participants, scopes.REQUESTS_APPROVE, over=queries.decides_item),
        "assign": WORK,
        "tasks": READ_TASKS,
        "plan": WORK,
        "edit_task": WORK,
        "begin": WORK,
        "settle": WORK,
        "retry": WORK,
    }
    serializer_class = RequestItemShown
    filter_backends = ()
    pagination_class = None
    lookup_field = "position"
    lookup_value_regex = "[0-9]{1,4}"

    @property
    def of_request(self) -> Request:
        return queries.by_reference(self.actor, self.kwargs["number"])

    def visible_rows(self) -> QuerySet[RequestItem]:
        return queries.items_of(self.of_request).select_related("request")

    def get_object(self) -> RequestItem:
        return queries.item_of(self.of_request, self.kwargs["position"])

    def list(self, request: HttpRequest, number: str) -> Response:
        """All of them, in order."""
        refuse_unknown(request.query_params, (), whole=True)
        return Response(self.get_serializer(list(self.visible_rows()), many=True).data)

    def retrieve(self, request: HttpRequest, number: str, position: str) -> Response:
        """One of them."""
        return self.respond(self.get_object())

    @extend_schema(request=Deciding, responses={200: RequestItemShown}, operation_id="requested_items_decide")
    @action(detail=True, methods=["post"])
    def decide(self, request: HttpRequest, number: str, position: str) -> Response:
        """Approve or decline it, where you are asked. The last approval that is needed begins its tasks."""
        item = self.get_object()
        return self.respond(operations.decide(item, actor=self.actor, **self.validated(Deciding)))

    @extend_schema(request=Assigning, responses={200: RequestItemShown}, operation_id="requested_items_assign")
    @action(detail=True, methods=["post"])
    def assign(self, request: HttpRequest, number: str, position: str) -> Response:
        """Say who fulfils it."""
        item = self.get_object()
        person = self.validated(Assigning)["assigned_to"]
        return self.respond(operations.assign(item, actor=self.actor, person=person))

    @extend_schema(responses={200: FulfilmentTaskShown(many=True)}, operation_id="requested_items_tasks")
    @action(detail=True, methods=["get"])
    def tasks(self, request: HttpRequest, number: str, position: str) -> Response:
        """What is to do and what was done, in order."""
        return Response(FulfilmentTaskShown(self._rows(self.get_object()), many=True).data)

    @extend_schema(
        request=NewFulfilmentTask, responses={201: FulfilmentTaskShown}, operation_id="requested_items_add_task"
    )
    @tasks.mapping.post
    @idempotent()
    def plan(self, request: HttpRequest, number: str, position: str) -> Response:
        """One more thing to do, beside the plan."""
        item = self.get_object()
        made = operations.add_task(item, actor=self.actor, **self.validated(NewFulfilmentTask))
        return self._task(item, made, 201)

    @extend_schema(
        request=FulfilmentTaskEditing, responses={200: FulfilmentTaskShown}, operation_id="requested_items_edit_task"
    )
    @action(detail=True, methods=["patch"], url_path=_TASK, url_name="task")
    def edit_task(self, request: HttpRequest, number: str, position: str, task: str) -> Response:
        """Whose it is, until when, what it is called."""
        item = self.get_object()
        refuse_if_match(request)
        said = self.validated(FulfilmentTaskEditing)
        return self._task(item, operations.edit_task(item, task_of(item, task), actor=self.actor, **said))

    @extend_schema(request=Nothing, responses={200: FulfilmentTaskShown}, operation_id="requested_items_begin_task")
    @action(detail=True, methods=["post"], url_path=f"{_TASK}/begin", url_name="task-begin")
    def begin(self, request: HttpRequest, number: str, position: str, task: str) -> Response:
        """Work on it."""
        item = self.get_object()
        self.validated(Nothing)
        return self._task(item, operations.begin_task(item, task_of(item, task), actor=self.actor))

    @extend_schema(request=SettlingTask, responses={200: FulfilmentTaskShown}, operation_id="requested_items_end_task")
    @action(detail=True, methods=["post"], url_path=f"{_TASK}/settle", url_name="task-settle")
    def settle(self, request: HttpRequest, number: str, position: str, task: str) -> Response:
        """Say how it ended. With the last one the item is over, where all was done."""
        item = self.get_object()
        said = self.validated(SettlingTask)
        return self._task(item, operations.settle_task(item, task_of(item, task), actor=self.actor, **said))

    @extend_schema(request=Nothing, responses={200: FulfilmentTaskShown}, operation_id="requested_items_retry_change")
    @action(detail=True, methods=["post"], url_path=f"{_TASK}/retry", url_name="task-retry")
    def retry(self, request: HttpRequest, number: str, position: str, task: str) -> Response:
        """Ask for its change once more, after one that could not be opened or failed."""
        item = self.get_object()
        self.validated(Nothing)
        found = operations.retry_change(item, task_of(item, task), actor=self.actor, at=timezone.now())
        return self._task(item, found)

    def _rows(self, item: RequestItem) -> Any:
        return queries.task_rows(item, self.actor)

    def _task(self, item: RequestItem, task: Task, status: int = 200) -> Response:
        row = next(one for one in self._rows(item) if one.task.pk == task.pk)
        return Response(FulfilmentTaskShown(row).data, status=status)
