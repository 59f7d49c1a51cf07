"""Confirmations over REST: what waits for a second person, and that person's word."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.permissions import Entry
from itsm.api.serializers import Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.approvals import confirming, permissions, queries
from itsm.approvals.filters import ConfirmationFilter
from itsm.approvals.models import Confirmation


class ConfirmationShown(Shown):
    """A write that is not done yet, or what became of it. `differences`: what would change, before and after."""

    reference = serializers.CharField(read_only=True)
    record = serializers.CharField(source="record_reference", read_only=True)
    proposed_by = serializers.CharField(source="proposed_by.username", read_only=True)
    decided_by = serializers.SerializerMethodField()
    differences = serializers.SerializerMethodField()
    team = serializers.SerializerMethodField()
    url = serializers.CharField(source="get_absolute_url", read_only=True)

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


class Remark(Strict):
    """What a decision may say."""

    reason = fields.Text(max_length=2000, required=False, allow_blank=True)


class Nothing(Strict):
    """To confirm needs no words."""


def awaiting(confirmation: Confirmation) -> Response:
    """202: the write is proposed, not done; here is where a second person confirms it."""
    body = {"waits_for": "a second person", "confirmation": ConfirmationShown(confirmation).data}
    where = f"/api/v1/confirmations/{confirmation.reference}/"
    return Response(body, status=202, headers={"Location": where})


def _step(name: str, serializer: type[Strict], operation: Callable[..., Confirmation]) -> Any:
    """The POST action for one step."""

    def take(self: "ConfirmationViewSet", request: Request, number: str) -> Response:
        words, found = self.validated(serializer), self.get_object()
        version = version_read(request)
        return self.respond(operation(found, actor=self.actor, at=timezone.now(), version=version, **words))

    take.__name__ = name  # before `action` looks at it: the router finds the step by this name
    take.__doc__ = f"{name.capitalize()} what somebody proposed."
    described = extend_schema(request=serializer, responses=ConfirmationShown, operation_id=f"confirmations_{name}")
    return described(action(detail=True, methods=["post"], url_path=name, url_name=name)(take))


class ConfirmationViewSet(Readable):
    """Writes that wait for a second person. Keyed by number (CNF-00042)."""

    policy: ClassVar = {
        "list": Entry(permissions.readers),
        "retrieve": Entry(permissions.readers),
        "confirm": Entry(permissions.deciders, scopes.CHANGES_APPROVE, over=permissions.second_persons),
        "decline": Entry(permissions.deciders, scopes.CHANGES_APPROVE, over=permissions.second_persons),
        "withdraw": Entry(
            permissions.readers, (scopes.SLO_WRITE, scopes.CATALOG_WRITE, scopes.INCIDENTS_WRITE),
            over=permissions.confirmation_proposers,
        ),
    }  # fmt: skip
    serializer_class = ConfirmationShown
    filterset_class = ConfirmationFilter
    lookup_field = "number"
    lookup_value_regex = "[A-Za-z]{3}-[0-9]{1,12}"

    confirm = _step("confirm", Nothing, confirming.confirm)
    decline = _step("decline", Remark, confirming.decline)
    withdraw = _step("withdraw", Remark, confirming.withdraw)

    def visible_rows(self) -> QuerySet[Confirmation]:
        return queries.confirmations(self.actor).order_by()

    def get_object(self) -> Confirmation:
        return queries.confirmation_by_reference(self.actor, self.kwargs["number"])
