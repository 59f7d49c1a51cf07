"""Items over REST. Each step of their life is a POST to its own name."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.cmdb import operations, permissions
from catalog.cmdb.api.serializers import (
    ConditionCleared,
    ConditionReport,
    ConditionShown,
    ExplanationSent,
    HistoryShown,
    IdentifiersSent,
    ImpactShown,
    ItemDetail,
    ItemEditing,
    ItemShown,
    ItemTaskTicked,
    NewItem,
)
from catalog.cmdb.filters import ItemFilter, asked_of_impact
from catalog.cmdb.models import CI
from catalog.cmdb.queries.conditions import open_conditions
from catalog.cmdb.queries.fields import read_all_fields, read_fields_of
from catalog.cmdb.queries.history import history_of
from catalog.cmdb.queries.impact import Impact, impact
from catalog.cmdb.queries.items import by_reference, listed
from catalog.cmdb.queries.tasks import tasks_of_item
from catalog.cmdb.workflow import WORKFLOW
from itsm.accounts import scopes
from itsm.api.filters import refuse_unknown
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.steps import draws_steps
from itsm.api.versions import refuse_if_match, version_read
from itsm.api.viewsets import Readable
from itsm.notifications.web_addresses import our_address
from itsm.work.api.tasks import TaskShown

_READ = Entry(permissions.item_readers)
_EDIT = Entry(permissions.item_authors, scopes.CATALOG_WRITE, over=permissions.item_editors)


@draws_steps(WORKFLOW, record="an item", scope=scopes.CATALOG_WRITE, who=permissions.item_authors)
class CIViewSet(Readable):
    """Configuration items. Keyed by reference (CI-00042); one that lives on in another answers 308."""

    policy: ClassVar = {
        "list": _READ,
        "retrieve": _READ,
        "history": _READ,
        "impact": _READ,
        "create": Entry(permissions.item_authors, scopes.CATALOG_WRITE),
        "partial_update": _EDIT,
        "identifiers": _EDIT,
        "explain": Entry(permissions.explainers, scopes.CATALOG_WRITE),
        "conditions": _READ,
        "report": Entry(permissions.item_authors, scopes.SAMPLES_WRITE, over=permissions.item_editors),
        "tasks": _READ,
        "tick_task": _EDIT,
        "clear": Entry(permissions.item_authors, scopes.CATALOG_WRITE, over=permissions.condition_clearers),
    }
    serializer_class = ItemShown
    filterset_class = ItemFilter
    lookup_field = "reference"
    lookup_value_regex = "[A-Za-z]{2}-[0-9]{1,12}"

    def visible_rows(self) -> QuerySet[CI]:
        return listed(self.actor)

    def get_object(self) -> CI:
        return by_reference(self.actor, self.kwargs["reference"])

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first. `attr.<key>`, with `__in`, `__gte`, `__lte` or `__empty`, narrows by typed fields."""
        read_all_fields(self.actor)
        return super().list(request, *args, **kwargs)

    @extend_schema(responses={200: ItemDetail, 308: None})
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        item = self.get_object()
        if item.merged_into_id is not None and item.merged_into is not None:
            survivor = by_reference(self.actor, item.merged_into.reference)
            return Response(status=308, headers={"Location": our_address(f"/api/v1/cis/{survivor.reference}/")})
        read_fields_of(item.ci_class, self.actor)
        answer = Response(ItemDetail(item, context=self.get_serializer_context()).data)
        answer["ETag"] = f'"{item.version}"'
        return answer

    @extend_schema(request=NewItem, responses={201: ItemShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        item = operations.open_item(actor=self.actor, **self.validated(NewItem))
        return self.respond(item, 201, {"Location": f"/api/v1/cis/{item.reference}/"})

    @extend_schema(request=ItemEditing, responses={200: ItemShown})
    def partial_update(self, request: Request, reference: str) -> Response:
        said = self.validated(ItemEditing)
        operations.edit_item(self.get_object(), actor=self.actor, version=version_read(request), **said)
        return self.respond(self.get_object())

    @extend_schema(request=IdentifiersSent, responses={200: ItemDetail}, operation_id="cis_identifiers")
    @action(detail=True, methods=["post"])
    def identifiers(self, request: Request, reference: str) -> Response:
        """What identifies it: all of it."""
        said = self.validated(IdentifiersSent)
        wanted = [(one["scheme"], one["value"]) for one in said["identifiers"]]
        operations.set_identifiers(
            self.get_object(), wanted, actor=self.actor, version=version_read(request), origin=said["origin"]
        )
        return self.retrieve(request)

    @extend_schema(responses={200: HistoryShown(many=True)}, operation_id="cis_history")
    @action(detail=True, methods=["get"], filter_backends=[])
    def history(self, request: Request, reference: str) -> Response:
        """Every value that it had, the newest first."""
        refuse_unknown(request.query_params, ())
        page = self.paginate_queryset(history_of(self.get_object()))
        context = self.get_serializer_context()
        return self.get_paginated_response(HistoryShown(page, many=True, context=context).data)

    @extend_schema(request=ExplanationSent, responses={201: HistoryShown}, operation_id="cis_explain")
    @action(detail=True, methods=["post"], url_path=r"history/(?P<row>[0-9]{1,15})/explain")
    def explain(self, request: Request, reference: str, row: str) -> Response:
        """Account for an edit that no change covered."""
        said = self.validated(ExplanationSent)
        found = get_object_or_404(history_of(self.get_object()), pk=int(row))
        operations.explain(found, actor=self.actor, **said)
        found.refresh_from_db()
        return Response(HistoryShown(found, context=self.get_serializer_context()).data, status=201)

    @extend_schema(responses={200: ConditionShown(many=True)}, operation_id="cis_conditions")
    @action(detail=True, methods=["get"], filter_backends=[])
    def conditions(self, request: Request, reference: str) -> Response:
        """How monitors found it and have not taken back, the newest first."""
        refuse_unknown(request.query_params, ())
        page = self.paginate_queryset(open_conditions(self.get_object()))
        context = self.get_serializer_context()
        return self.get_paginated_response(ConditionShown(page, many=True, context=context).data)

    @extend_schema(request=ConditionReport, responses={200: ConditionShown(many=True)}, operation_id="cis_report")
    @action(detail=True, methods=["post"], pagination_class=None, filter_backends=[])
    def report(self, request: Request, reference: str) -> Response:
        """How this account finds it just now; said again, it is confirmed. Answers with what all monitors say."""
        said = self.validated(ConditionReport)
        item = operations.report_condition(
            self.get_object(), said["state"], actor=self.actor, fresh_for=said["fresh_for"]
        )
        return Response(ConditionShown(open_conditions(item), many=True, context=self.get_serializer_context()).data)

    @extend_schema(responses={200: TaskShown(many=True)}, operation_id="cis_tasks")
    @action(detail=True, methods=["get"], filter_backends=[])
    def tasks(self, request: Request, reference: str) -> Response:
        """What is to do on it, and what was done."""
        refuse_unknown(request.query_params, ())
        page = self.paginate_queryset(tasks_of_item(self.get_object()))
        return self.get_paginated_response(TaskShown(page, many=True, context=self.get_serializer_context()).data)

    @extend_schema(request=ItemTaskTicked, responses={200: TaskShown}, operation_id="cis_tick_task")
    @action(detail=True, methods=["patch"], url_path=r"tasks/(?P<task>[0-9]{1,18})", url_name="task")
    def tick_task(self, request: Request, reference: str, task: str) -> Response:
        """It is done, or is to do after all."""
        item = self.get_object()
        refuse_if_match(request)
        found = get_object_or_404(tasks_of_item(item), pk=int(task))
        said = self.validated(ItemTaskTicked)
        made = operations.tick_task(item, found, actor=self.actor, done=said["done"])
        return Response(TaskShown(made, context=self.get_serializer_context()).data)

    @extend_schema(request=ConditionCleared, responses={200: ConditionShown}, operation_id="cis_clear")
    @action(detail=True, methods=["post"], url_path=r"conditions/(?P<row>[0-9]{1,15})/clear")
    def clear(self, request: Request, reference: str, row: str) -> Response:
        """A person says that it is over, whatever its monitor still says."""
        said = self.validated(ConditionCleared)
        found = get_object_or_404(open_conditions(self.get_object()), pk=int(row))
        over = operations.clear_condition(found, actor=self.actor, why=said["why"])
        return Response(ConditionShown(over, context=self.get_serializer_context()).data)

    @extend_schema(
        parameters=[
            OpenApiParameter("direction", str, enum=["up", "down"], description="up: who feels it (default)"),
            OpenApiParameter("depth", int, description="rounds, 0 to 12, 5 by default"),
            OpenApiParameter("context", str, enum=["current"], description="beside what is down just now"),
        ],
        responses={200: ImpactShown},
        operation_id="cis_impact",
    )
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def impact(self, request: Request, reference: str) -> Response:
        """Who feels it when it fails (up), or what could hurt it by failing alone (down)."""
        refuse_unknown(request.query_params, ("direction", "depth", "context"), whole=True)
        return Response(as_sent(impact(self.get_object(), self.actor, **asked_of_impact(request.query_params))))


def as_sent(found: Impact) -> dict[str, Any]:
    """The answer as plain values: five thousand nodes need no serializer."""
    return {
        "subject": found.subject,
        "direction": found.direction,
        "depth": found.depth,
        "counts": found.counts,
        "truncated": found.truncated,
        "nodes": [
            {
                "reference": one.reference,
                "class": one.class_slug,
                "name": one.name,
                "depth": one.depth,
                "state": one.state,
                "via": one.via,
            }
            for one in found.nodes
        ],
    }
