"""Improvements over REST, for those who work here."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.improvement import operations, permissions, queries
from catalog.improvement.models import Improvement
from catalog.improvement.vocabulary import Status
from catalog.improvement.workflow import WORKFLOW
from catalog.services.api.fields import ServiceField
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.filters import Listed
from itsm.api.idempotency import idempotent
from itsm.api.people import PersonField
from itsm.api.permissions import Entry
from itsm.api.routing import Router
from itsm.api.serializers import Shown, Strict
from itsm.api.steps import draws_steps
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.work.linking import linked_to


class ImprovementFilter(Listed):
    status = django_filters.ChoiceFilter(choices=Status.choices)
    service = django_filters.CharFilter(field_name="service__slug", max_length=63)
    owner = django_filters.CharFilter(field_name="owner__username", max_length=150)

    class Meta:
        model = Improvement
        fields = ("status", "service", "owner")


class ImprovementEditing(Strict):
    """`benefit`, `effort`: 1 to 5. `measure`: the name of a query that is asked before and after."""

    title = fields.Text(max_length=160, required=False)
    why = fields.Text(max_length=4000, allow_blank=True, required=False)
    benefit = fields.Whole(min_value=1, max_value=5, required=False)
    effort = fields.Whole(min_value=1, max_value=5, required=False)
    owner = PersonField(required=False, allow_null=True)
    service = ServiceField(required=False, allow_null=True)
    due = serializers.DateField(required=False, allow_null=True)
    measure = fields.Text(max_length=60, allow_blank=True, required=False)


class NewImprovement(ImprovementEditing):
    """`about`: references of the records that it is about: problems, postmortems, findings (FND-12), changes, ..."""

    title = fields.Text(max_length=160)
    benefit = fields.Whole(min_value=1, max_value=5)
    effort = fields.Whole(min_value=1, max_value=5)
    about = serializers.ListField(child=fields.Text(max_length=20), max_length=20, default=list)


class LinkSent(Strict):
    """`to`: the reference of the record that it is about."""

    to = fields.Text(max_length=20)


class ImprovementLinkShown(serializers.Serializer[Any]):
    relation = serializers.CharField(source="relation.value")
    reference = serializers.CharField(source="record.reference")
    title = serializers.CharField()


class ImprovementShown(Shown):
    """`before`, `after`: what its measure said, in `unit`, as strings; `links`: of what it is about."""

    benefit = serializers.IntegerField()
    effort = serializers.IntegerField()
    owner = PersonField(read_only=True)
    service = ServiceField(read_only=True)
    proposed_by = PersonField(read_only=True)
    unit = serializers.SerializerMethodField()
    links = serializers.SerializerMethodField()
    url = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = Improvement
        fields = (
            "reference", "title", "why", "benefit", "effort", "status", "owner", "service", "due", "measure", "unit",
            "before", "before_at", "finished_at", "after", "measured_at", "because", "proposed_by", "links",
            "created_at", "version", "url",
        )  # fmt: skip

    def get_unit(self, improvement: Improvement) -> str:
        measure = queries.measure_of(improvement)
        return str(measure.unit) if measure is not None else ""

    @extend_schema_field(ImprovementLinkShown(many=True))
    def get_links(self, improvement: Improvement) -> Any:
        return ImprovementLinkShown(linked_to(improvement, self.context["view"].actor), many=True).data


_READ = Entry(permissions.staff)
_WRITE = Entry(permissions.proposers, scopes.CATALOG_WRITE, over=permissions.writers)


@draws_steps(WORKFLOW, record="an improvement", scope=scopes.CATALOG_WRITE, who=permissions.staff)
class ImprovementViewSet(Readable):
    """What should be better, and whether it became so. Keyed by number (IMP-00007)."""

    policy: ClassVar = {
        "list": _READ,
        "retrieve": _READ,
        "create": Entry(permissions.proposers, scopes.CATALOG_WRITE),
        "partial_update": _WRITE,
        "links": _WRITE,
    }
    serializer_class = ImprovementShown
    filterset_class = ImprovementFilter
    lookup_field = "number"
    lookup_value_regex = "[A-Za-z]{3}-[0-9]{1,12}"

    def visible_rows(self) -> QuerySet[Improvement]:
        return queries.visible_improvements(self.actor).order_by()

    def get_object(self) -> Improvement:
        return queries.by_reference(self.actor, self.kwargs["number"])

    @extend_schema(request=NewImprovement, responses={201: ImprovementShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        made = operations.propose_improvement(actor=self.actor, **self.validated(NewImprovement))
        return self.respond(made, 201, {"Location": f"/api/v1/improvements/{made.reference}/"})

    @extend_schema(request=ImprovementEditing, responses={200: ImprovementShown})
    def partial_update(self, request: Request, number: str) -> Response:
        said = self.validated(ImprovementEditing)
        found, version = self.get_object(), version_read(request)
        return self.respond(operations.edit_improvement(found, actor=self.actor, version=version, **said))

    @extend_schema(request=LinkSent, responses={200: ImprovementShown}, operation_id="improvements_links")
    @action(detail=True, methods=["post"])
    def links(self, request: Request, number: str) -> Response:
        """Name a record that it is about: a problem, an incident, a change, an item. Once or twice is the same."""
        found = self.get_object()
        operations.link(found, actor=self.actor, to=self.validated(LinkSent)["to"])
        return self.respond(self.get_object())


def register(router: Router) -> None:
    router.register("improvements", ImprovementViewSet, basename="improvement")
