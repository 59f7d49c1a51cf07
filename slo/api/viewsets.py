"""Objectives and indicators over REST: find, parse, call one operation, render."""

from typing import Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from slo import operations, policies, queries
from slo.api.samples import NewSamples, RecordedShown
from slo.api.serializers import (
    BudgetShown,
    IndicatorShown,
    NewIndicator,
    NewObjective,
    Nothing,
    ObjectiveEditing,
    ObjectiveShown,
)
from slo.filters import IndicatorFilter, ObjectiveFilter
from slo.models import Indicator, Objective

_READ = Entry(policies.readers)
_DEFINE = Entry(policies.authors, scopes.SLO_WRITE)
_MEASURE = Entry(policies.senders, scopes.SAMPLES_WRITE)


class ObjectiveViewSet(Readable):
    """What was promised, and what is left of it. Keyed by slug."""

    policy: ClassVar = {
        "list": _READ,
        "retrieve": _READ,
        "budget": _READ,
        "create": _DEFINE,
        "partial_update": _DEFINE,
        "evaluate": _MEASURE,
    }
    serializer_class = ObjectiveShown
    filterset_class = ObjectiveFilter
    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9-]{1,63}"

    def rows(self) -> QuerySet[Objective]:
        return queries.objectives(self.actor).order_by()

    @extend_schema(request=NewObjective, responses={201: ObjectiveShown})
    @idempotent()
    @transaction.atomic
    def create(self, request: Request) -> Response:
        words = self.said(NewObjective)
        words["indicator"] = operations.settle_indicator(actor=self.actor, **words["indicator"])
        objective = operations.create_objective(actor=self.actor, at=timezone.now(), **words)
        return self.shown(objective, 201, {"Location": f"/api/v1/slos/{objective.slug}/"})

    @extend_schema(request=ObjectiveEditing, responses=ObjectiveShown)
    @transaction.atomic
    def partial_update(self, request: Request, slug: str, **kwargs: Any) -> Response:
        words = self.said(ObjectiveEditing)
        if "indicator" in words:
            words["indicator"] = operations.settle_indicator(actor=self.actor, **words["indicator"])
        changed = operations.edit_objective(
            self.get_object(), actor=self.actor, version=version_read(request), at=timezone.now(), **words
        )
        return self.shown(queries.by_slug(self.actor, changed.slug))

    @extend_schema(responses=BudgetShown)
    @action(detail=True, methods=["get"])
    def budget(self, request: Request, slug: str) -> Response:
        """The budget as last evaluated (each minute)."""
        return Response(BudgetShown(self.get_object().budget).data)

    @extend_schema(request=Nothing, responses=BudgetShown)
    @action(detail=True, methods=["post"])
    def evaluate(self, request: Request, slug: str) -> Response:
        """Evaluate this objective now and answer with its budget."""
        self.said(Nothing)
        operations.evaluate(at=timezone.now(), objectives=[self.get_object().pk])
        return Response(BudgetShown(self.get_object().budget).data)


class IndicatorViewSet(Readable):
    """What is measured. Keyed by slug."""

    policy: ClassVar = {"list": _READ, "retrieve": _READ, "create": _DEFINE, "samples": _MEASURE}
    serializer_class = IndicatorShown
    filterset_class = IndicatorFilter
    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9-]{1,63}"

    def rows(self) -> QuerySet[Indicator]:
        return queries.indicators(self.actor).order_by()

    @extend_schema(request=NewIndicator, responses={201: IndicatorShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        indicator = operations.create_indicator(actor=self.actor, **self.said(NewIndicator))
        return self.shown(indicator, 201, {"Location": f"/api/v1/slis/{indicator.slug}/"})

    @extend_schema(request=NewSamples, responses={202: RecordedShown})
    @action(detail=True, methods=["post"])
    def samples(self, request: Request, slug: str) -> Response:
        """Set measurements. They are applied before this answers; sending again changes nothing."""
        outcome = operations.record_samples(
            self.get_object(), actor=self.actor, at=timezone.now(), **self.said(NewSamples)
        )
        return Response(RecordedShown(outcome).data, status=202)
