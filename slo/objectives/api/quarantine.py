"""Samples in quarantine over REST: counting one judges budgets anew."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, Shown
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from slo.measuring import permissions
from slo.measuring.filters import QuarantineFilter
from slo.measuring.models import QuarantinedSample
from slo.measuring.queries.measurers import quarantined
from slo.objectives import operations


class QuarantinedShown(Shown):
    """A minute with far more than the usual traffic: shown, not counted, until a person says so."""

    sli = serializers.CharField(source="indicator.slug", read_only=True)
    minute = fields.Instant(source="at", read_only=True)
    good = serializers.DecimalField(source="good_events", max_digits=30, decimal_places=3, read_only=True)
    total = serializers.DecimalField(source="all_events", max_digits=30, decimal_places=3, read_only=True)
    usual = serializers.DecimalField(source="usual_events", max_digits=30, decimal_places=3, read_only=True)
    decided_by = serializers.CharField(source="decided_by.username", default=None, read_only=True)

    class Meta:
        model = QuarantinedSample
        fields = (
            "id", "sli", "minute", "good", "total", "usual", "why", "status", "arrived_at", "decided_by", "decided_at",
            "version",
        )  # fmt: skip


def _decision(name: str, operation: Callable[..., QuarantinedSample]) -> Any:
    """The POST action for one step of a sample in quarantine."""

    def take(self: "QuarantinedViewSet", request: Request, pk: str) -> Response:
        self.validated(Nothing)
        version = version_read(request)
        return self.respond(operation(self.get_object(), actor=self.actor, at=timezone.now(), version=version))

    take.__name__ = name  # before `action` looks at it: the router finds the step by this name
    take.__doc__ = f"{name.capitalize()} a sample in quarantine."
    described = extend_schema(request=Nothing, responses=QuarantinedShown, operation_id=f"quarantined_samples_{name}")
    return described(action(detail=True, methods=["post"], url_path=name, url_name=name)(take))


class QuarantinedViewSet(Readable):
    """Minutes that are not believed yet."""

    policy: ClassVar = {
        "list": Entry(permissions.readers),
        "retrieve": Entry(permissions.readers),
        **dict.fromkeys(("release", "discard"), Entry(permissions.measurer_namers, scopes.SLO_WRITE)),
    }
    serializer_class = QuarantinedShown
    filterset_class = QuarantineFilter
    lookup_value_regex = "[0-9]{1,18}"

    release = _decision("release", operations.release_sample)
    discard = _decision("discard", operations.discard_sample)

    def visible_rows(self) -> QuerySet[QuarantinedSample]:
        return quarantined(self.actor).order_by()
