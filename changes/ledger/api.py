"""What a change cost over REST, and asking for a refund."""

from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from changes.change.models import Change
from changes.change.queries import listing
from changes.change.vocabulary import OutcomeCode
from changes.ledger.operations.refunding import ask_refund
from changes.ledger.permissions import readers, refunders
from changes.ledger.queries.sheets import CostLine, CostSheet, sheet_of
from changes.ledger.vocabulary import FailedBy
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.filters import refuse_unknown
from itsm.api.permissions import Entry
from itsm.api.serializers import Strict
from itsm.api.viewsets import Rows
from itsm.approvals.api.viewsets import AwaitingShown, awaiting
from slo.objectives.queries.listing import by_slug


class CostLineShown(serializers.Serializer[Any]):
    """One objective: events (or slices), and shares of its budget."""

    objective = serializers.CharField()
    counted = serializers.CharField(help_text="events or slices")
    debit = serializers.CharField(help_text="before refunds, as a decimal")
    refunded = serializers.CharField()
    dependency = serializers.CharField(
        help_text="of its minutes, what a confirmed outage of something it depends on took"
    )
    share = serializers.CharField(help_text="of the budget, after refunds")
    reserved = serializers.CharField(help_text="of the budget, held for it; without that, what its policy holds")


class RefundShown(serializers.Serializer[Any]):
    objective = serializers.CharField()
    amount = serializers.CharField()
    reason = serializers.CharField()
    asked_by = serializers.CharField()
    confirmed_by = serializers.CharField()
    at = fields.Instant()


class ChangeCostShown(serializers.Serializer[Any]):
    """`final` once all of its minutes were measured; late data still move it."""

    change = serializers.CharField()
    since = fields.Instant(allow_null=True)
    until = fields.Instant(allow_null=True)
    reckoned_at = fields.Instant(allow_null=True)
    final = serializers.BooleanField()
    failed = serializers.BooleanField(help_text="whether the run counts as one that failed")
    because = fields.Choice(choices=FailedBy.choices, allow_blank=True)
    proposed_outcome = fields.Choice(choices=OutcomeCode.choices, allow_null=True)
    outcome = fields.Choice(choices=OutcomeCode.choices, allow_blank=True)
    objectives = CostLineShown(many=True)
    refunds = RefundShown(many=True)


class RefundAsked(Strict):
    """So many events (or slices) of its debit were not its doing."""

    objective = fields.Text(max_length=63)
    events = fields.Whole(min_value=1, max_value=10**12)
    reason = fields.Text(max_length=2000)


class ChangeCostViewSet(Rows):
    """What a change cost of the error budgets of its service."""

    policy: ClassVar = {
        "retrieve": Entry(readers),
        "refund": Entry(readers, scopes.CHANGES_APPROVE, over=refunders),
    }
    serializer_class = ChangeCostShown

    def visible_rows(self) -> QuerySet[Change]:
        return listing.listed(self.actor)

    def get_object(self) -> Change:
        return listing.by_reference(self.actor, self.kwargs["number"])

    @extend_schema(operation_id="changes_cost", responses=ChangeCostShown)
    def retrieve(self, request: Request, number: str) -> Response:
        """As it was reckoned last: while it pays and until its minutes are measured, each minute."""
        refuse_unknown(request.query_params, (), whole=True)
        return Response(ChangeCostShown(_shape(sheet_of(self.get_object(), self.actor, timezone.now()))).data)

    @extend_schema(operation_id="changes_refund", request=RefundAsked, responses={202: AwaitingShown})
    def refund(self, request: Request, number: str) -> Response:
        """Some of it was not its doing: a second person without interest confirms that."""
        change, words = self.get_object(), self.validated(RefundAsked)
        objective = by_slug(self.actor, words.pop("objective"))
        return awaiting(ask_refund(change, actor=self.actor, objective=objective, at=timezone.now(), **words))


def _shape(sheet: CostSheet) -> dict[str, Any]:
    cost, change = sheet.cost, sheet.change
    since, until = sheet.window or (None, None)
    return {
        "change": change.reference,
        "since": since,
        "until": until,
        "reckoned_at": cost.reckoned_at if cost else None,
        "final": cost is not None and cost.final_at is not None,
        "failed": cost is not None and cost.failed,
        "because": cost.why if cost else "",
        "proposed_outcome": cost.proposed if cost else None,
        "outcome": change.outcome_code,
        "objectives": [_line(one) for one in sheet.lines],
        "refunds": [
            {
                "objective": one.objective.slug,
                "amount": _text(Decimal(one.amount) / one.objective.unit),
                "reason": one.reason,
                "asked_by": one.asked_by.username,
                "confirmed_by": one.confirmed_by.username,
                "at": one.at,
            }
            for one in sheet.refunds
        ],
    }


def _line(one: CostLine) -> dict[str, Any]:
    return {
        "objective": one.objective.slug,
        "counted": "events" if one.objective.method == "occurrences" else "slices",
        "debit": _text(one.debit),
        "refunded": _text(one.refunded),
        "dependency": _text(one.dependency),
        "share": _text(one.sums.share),
        "reserved": _text(one.sums.reserved),
    }


def _text(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
