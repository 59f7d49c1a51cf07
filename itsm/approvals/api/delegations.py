"""Delegations over REST: who decides in whose place, until when."""

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
from itsm.api.idempotency import idempotent
from itsm.api.people import PersonField
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.approvals import delegating, permissions, queries
from itsm.approvals.models import Delegation


class NewDelegation(Strict):
    """`scope`: "change" (one kind of record), "board:cab" (one's seat in a board), "" for all that one decides."""

    delegate = PersonField()
    starts_at = fields.Instant(required=False, allow_null=True, default=None)
    ends_at = fields.Instant()
    scope = fields.Text(max_length=100, allow_blank=True, default="")


class DelegationShown(Shown):
    """`delegate` decides in the place of `person` in [starts_at, ends_at), unless it was ended before."""

    reference = serializers.CharField(read_only=True)
    person = serializers.CharField(source="person.username", read_only=True)
    delegate = serializers.CharField(source="delegate.username", read_only=True)

    class Meta:
        model = Delegation
        fields = (
            "reference",
            "person",
            "delegate",
            "scope",
            "scope_name",
            "starts_at",
            "ends_at",
            "ended_at",
            "version",
        )


class DelegationViewSet(Readable):
    """Who decides in whose place. Keyed by number (DLG-00042)."""

    policy: ClassVar = {
        "list": Entry(permissions.delegation_readers),
        "retrieve": Entry(permissions.delegation_readers),
        "create": Entry(permissions.may_name_delegates, (scopes.APPROVE, scopes.REQUESTS_APPROVE)),
        "end": Entry(
            permissions.may_name_delegates,
            (scopes.APPROVE, scopes.REQUESTS_APPROVE),
            over=permissions.delegation_enders,
        ),
    }
    serializer_class = DelegationShown
    lookup_field = "number"
    lookup_value_regex = "[A-Za-z]{3}-[0-9]{1,12}"

    def visible_rows(self) -> QuerySet[Delegation]:
        return queries.delegations(self.actor).order_by()

    def get_object(self) -> Any:
        return queries.delegation_by_reference(self.actor, self.kwargs["number"])

    @extend_schema(request=NewDelegation, responses={201: DelegationShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """Let somebody decide in your place for a time."""
        made = delegating.delegate(actor=self.actor, at=timezone.now(), **self.validated(NewDelegation))
        return self.respond(made, 201, {"Location": f"/api/v1/delegations/{made.reference}/"})

    @extend_schema(request=Nothing, responses=DelegationShown)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, number: str) -> Response:
        """It is over at once."""
        self.validated(Nothing)
        version = version_read(request)
        return self.respond(
            delegating.end_delegation(self.get_object(), actor=self.actor, at=timezone.now(), version=version)
        )
