"""Allowances over REST."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.services.api.fields import ServiceField
from changes.allowances import operations, permissions, queries
from changes.allowances.filters import AllowanceFilter
from changes.allowances.models import Allowance, AllowanceEntry
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.filters import refuse_unknown
from itsm.api.idempotency import idempotent
from itsm.api.people import PersonField, TeamField
from itsm.api.permissions import Entry
from itsm.api.routing import Router
from itsm.api.serializers import Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable


class NewHeadroomAllowance(Strict):
    """For one software agent, or one team. `share`: of the headroom of the service, such as "0.1"."""

    service = ServiceField()
    agent = PersonField(required=False, allow_null=True)
    team = TeamField(required=False, allow_null=True)
    share = fields.Ratio(max_digits=7, decimal_places=6)
    reason = fields.Text(max_length=300, required=False, allow_blank=True)


class HeadroomShare(Strict):
    share = fields.Ratio(max_digits=7, decimal_places=6)
    reason = fields.Text(max_length=300, required=False, allow_blank=True)


class HeadroomReason(Strict):
    reason = fields.Text(max_length=300, required=False, allow_blank=True)


class HeadroomAllowanceShown(Shown):
    """`share`: what was given, of 1; `left`: what is in force after runs that failed and runs that were verified."""

    service = ServiceField(read_only=True)
    agent = PersonField(read_only=True, allow_null=True)
    team = TeamField(read_only=True, allow_null=True)
    given_by = PersonField(read_only=True)
    ended_by = PersonField(read_only=True, allow_null=True)
    page = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = Allowance
        fields: tuple[str, ...] = (
            "id", "service", "agent", "team", "share", "left", "given_by", "given_at", "ended_by", "ended_at",
            "version", "page",
        )  # fmt: skip


class HeadroomEntryShown(Shown):
    """One row of the ledger. `amount` of drawn and returned: of the dearest budget; of all else: by how much `left`
    moved."""

    change = serializers.CharField(source="change_reference", allow_null=True)
    by = PersonField(read_only=True, allow_null=True)

    class Meta:
        model = AllowanceEntry
        fields: tuple[str, ...] = ("id", "what", "amount", "share", "left", "change", "by", "reason", "at")

    def to_representation(self, instance: AllowanceEntry) -> dict[str, Any]:
        said = super().to_representation(instance)
        return {**said, "change": said["change"] or None}


class AllowanceViewSet(Readable):
    """Shares of the headroom of services, for software agents and teams."""

    policy: ClassVar = {
        "list": Entry(permissions.staff),
        "retrieve": Entry(permissions.staff),
        "entries": Entry(permissions.staff),
        "create": Entry(permissions.givers, scopes.CHANGES_APPROVE),
        "partial_update": Entry(permissions.givers, scopes.CHANGES_APPROVE, over=permissions.keepers),
        "take_back": Entry(permissions.givers, scopes.CHANGES_APPROVE, over=permissions.keepers),
    }
    serializer_class = HeadroomAllowanceShown
    filterset_class = AllowanceFilter
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[Allowance]:
        return queries.listed(self.actor)

    @extend_schema(request=NewHeadroomAllowance, responses={201: HeadroomAllowanceShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """By an owner of the service or a change manager, in person; to an agent by one without a stake."""
        given = operations.give(actor=self.actor, at=timezone.now(), **self.validated(NewHeadroomAllowance))
        return self.respond(given, 201, {"Location": f"/api/v1/allowances/{given.pk}/"})

    @extend_schema(request=HeadroomShare, responses=HeadroomAllowanceShown)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Another share: less at once, more by somebody without a stake."""
        changed = operations.change_share(
            self.get_object(), actor=self.actor, version=version_read(request), at=timezone.now(),
            **self.validated(HeadroomShare),
        )  # fmt: skip
        return self.respond(changed)

    @extend_schema(request=HeadroomReason, responses=HeadroomAllowanceShown)
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, pk: str) -> Response:
        """End it at once. What it let go and has not started is judged again as it starts."""
        ended = operations.take_back(
            self.get_object(), actor=self.actor, version=version_read(request), at=timezone.now(),
            **self.validated(HeadroomReason),
        )  # fmt: skip
        return self.respond(ended)

    @extend_schema(responses={200: HeadroomEntryShown(many=True)}, operation_id="allowances_entries")
    @action(detail=True, methods=["get"], filterset_class=None)
    def entries(self, request: Request, pk: str) -> Response:
        """Its ledger, the newest first."""
        refuse_unknown(request.query_params, ())
        page = self.paginate_queryset(queries.entries_of(self.get_object()))
        return self.get_paginated_response(HeadroomEntryShown(page, many=True).data)


def register(router: Router) -> None:
    """Under /api/v1/allowances/."""
    router.register("allowances", AllowanceViewSet, basename="allowance")
