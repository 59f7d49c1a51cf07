"""What must always hold, over REST, to read. A person clears a violation on its page, and says there who they are."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.api import fields
from itsm.api.filters import refuse_unknown
from itsm.api.people import PersonField
from itsm.api.permissions import Entry
from itsm.api.routing import Router
from itsm.api.serializers import Shown
from itsm.api.viewsets import Readable, Rows
from itsm.invariants import permissions, queries
from itsm.invariants.models import InvariantCheck, Violation
from itsm.invariants.vocabulary import Standing

_READ = Entry(permissions.readers)


class InvariantShown(serializers.Serializer[Any]):
    """`standing`: holds, violated, lapsed (holds again, not cleared), unknown. `violation`: what nobody cleared."""

    id = serializers.CharField()
    title = serializers.CharField(source="invariant.title")
    why = serializers.CharField(source="invariant.why")
    closes_gate = serializers.BooleanField(source="invariant.closes_gate")
    standing = fields.Choice(choices=Standing.choices)
    asked_at = fields.Instant(source="check.asked_at", allow_null=True, default=None)
    took_ms = serializers.IntegerField(source="check.took_ms", allow_null=True, default=None)
    violation = serializers.IntegerField(source="violation.pk", allow_null=True, default=None)
    page = fields.OurAddress(source="get_absolute_url")


class ViolationShown(Shown):
    """An invariant that did not hold. `found`: sentences, a hundred at most; `count`: of how many."""

    cleared_by = PersonField(read_only=True)
    found = serializers.SerializerMethodField()
    page = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = Violation
        fields = (
            "id", "invariant", "title", "closes_gate", "first_seen_at", "last_seen_at", "holds_since", "count", "found",
            "incident", "cleared_at", "cleared_by", "cleared_because", "version", "page",
        )  # fmt: skip

    def get_found(self, violation: Violation) -> list[str]:
        return queries.sentences(violation)


class InvariantViewSet(Rows):
    """What must always hold, and whether it does."""

    policy: ClassVar = {"list": _READ}
    serializer_class = InvariantShown
    queryset = InvariantCheck.objects.none()  # what the schema asks for
    pagination_class = None

    def visible_rows(self) -> QuerySet[InvariantCheck]:
        return InvariantCheck.objects.none()

    @extend_schema(responses=InvariantShown(many=True))
    def list(self, request: Request) -> Response:
        """Every invariant, worst first."""
        refuse_unknown(request.query_params, (), whole=True)
        rows = queries.overview(timezone.now()).rows
        return Response(InvariantShown(rows, many=True).data)


class ViolationViewSet(Readable):
    """Every violation, the newest first; cleared ones stay."""

    policy: ClassVar = {"list": _READ, "retrieve": _READ}
    serializer_class = ViolationShown
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[Violation]:
        return Violation.objects.visible_to(self.actor).select_related("cleared_by").order_by()


def register(router: Router) -> None:
    router.register("invariants", InvariantViewSet, basename="invariant")
    router.register("invariant-violations", ViolationViewSet, basename="invariant-violation")
