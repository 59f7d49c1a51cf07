"""Figures of models, and candidates, over REST."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from changes.change_models.models import ChangeModel
from changes.model_review import queries
from itsm.accounts.permissions import staff
from itsm.api import fields
from itsm.api.permissions import Entry
from itsm.api.viewsets import Rows


class ModelFiguresShown(serializers.Serializer[Any]):
    """Of the 365 days before `as_of`, which is null until they are counted; `failure_bound`: what the probability of a
    failure hardly exceeds."""

    slug = serializers.CharField(source="model.slug")
    service = serializers.CharField(source="model.service.slug")
    status = serializers.CharField(source="model.status")
    as_of = fields.Instant(allow_null=True)
    runs = serializers.IntegerField(allow_null=True)
    failures = serializers.IntegerField(allow_null=True)
    without_people = serializers.IntegerField(allow_null=True)
    hours_saved = serializers.FloatField(allow_null=True)
    failure_bound = serializers.CharField(allow_null=True)
    last_run = fields.Instant(allow_null=True)
    certified_until = fields.Instant()


class CandidateShown(serializers.Serializer[Any]):
    """A kind of change that ran ten times without a failure, approved by people each time."""

    service = serializers.CharField(source="service.slug")
    environment = serializers.CharField()
    repository = serializers.CharField()
    workflow_name = serializers.CharField()
    runs = serializers.IntegerField()
    last_run = fields.Instant()


class ModelReviewShown(serializers.Serializer[Any]):
    figures = ModelFiguresShown(many=True)
    candidates = CandidateShown(many=True)


class ModelReviewViewSet(Rows):
    """What models saved and cost, and what could become one."""

    policy: ClassVar = {"retrieve": Entry(staff)}
    serializer_class = ModelReviewShown

    def visible_rows(self) -> QuerySet[ChangeModel]:
        return ChangeModel.objects.all()

    def get_queryset(self) -> QuerySet[ChangeModel]:
        return ChangeModel.objects.none()

    @extend_schema(responses=ModelReviewShown, operation_id="change_model_review_retrieve")
    def retrieve(self, request: Request) -> Response:
        """Figures of every model, and candidates from history."""
        at = timezone.now()
        found = {"figures": queries.figures(at), "candidates": queries.candidates(at)}
        return Response(ModelReviewShown(found).data)
