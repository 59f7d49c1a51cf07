"""Confirmations over REST: what waits for a second person, and that person's word."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.permissions import Entry
from itsm.api.serializers import Shown
from itsm.api.steps import draws_steps
from itsm.api.viewsets import Readable
from itsm.approvals import permissions, queries
from itsm.approvals.filters import ConfirmationFilter
from itsm.approvals.models import Confirmation
from itsm.approvals.workflow import CONFIRMATION


class ConfirmationShown(Shown):
    """A write that is not done yet, or what became of it. `differences`: what would change, before and after."""

    reference = serializers.CharField(read_only=True)
    record = serializers.CharField(source="record_reference", read_only=True)
    proposed_by = serializers.CharField(source="proposed_by.username", read_only=True)
    decided_by = serializers.SerializerMethodField()
    differences = serializers.SerializerMethodField()
    team = serializers.SerializerMethodField()
    url = fields.OurAddress(source="get_absolute_url", read_only=True)

    class Meta:
        model = Confirmation
        fields = (
            "reference", "action", "record_kind", "record", "subject", "reason", "differences", "status", "roles",
            "team", "proposed_by", "proposed_at", "expires_at", "decided_by", "decided_at", "url", "version",
        )  # fmt: skip

    @extend_schema_field({"type": "string", "nullable": True})
    def get_decided_by(self, confirmation: Confirmation) -> str | None:
        return confirmation.decided_by.username if confirmation.decided_by else None

    @extend_schema_field({"type": "string", "nullable": True})
    def get_team(self, confirmation: Confirmation) -> str | None:
        return confirmation.team.slug if confirmation.team else None

    @extend_schema_field(
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("what", "before", "after")},
            },
        }
    )
    def get_differences(self, confirmation: Confirmation) -> Any:
        return confirmation.differences


class AwaitingShown(serializers.Serializer[Any]):
    """The write is proposed, not done: where a second person confirms it."""

    waits_for = serializers.CharField()
    confirmation = ConfirmationShown()


def awaiting(confirmation: Confirmation) -> Response:
    """202: the write is proposed, not done; here is where a second person confirms it."""
    body = {"waits_for": "a second person", "confirmation": ConfirmationShown(confirmation).data}
    where = f"/api/v1/confirmations/{confirmation.reference}/"
    return Response(body, status=202, headers={"Location": where})


AWAITING = (AwaitingShown, awaiting)  # what a step of a workflow that may wait for a second person answers


@draws_steps(
    CONFIRMATION,
    record="a confirmation",
    scope=scopes.APPROVE,
    who=permissions.deciders,
    withdraw=Entry(permissions.readers, scopes.PROPOSING, over=permissions.confirmation_proposers),
)  # fmt: skip
class ConfirmationViewSet(Readable):
    """Writes that wait for a second person. Keyed by number (CNF-00042)."""

    policy: ClassVar = {
        "list": Entry(permissions.readers),
        "retrieve": Entry(permissions.readers),
    }
    serializer_class = ConfirmationShown
    filterset_class = ConfirmationFilter
    lookup_field = "number"
    lookup_value_regex = "[A-Za-z]{3}-[0-9]{1,12}"

    def visible_rows(self) -> QuerySet[Confirmation]:
        return queries.confirmations(self.actor).order_by()

    def get_object(self) -> Confirmation:
        return queries.confirmation_by_reference(self.actor, self.kwargs["number"])
