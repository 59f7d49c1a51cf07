"""The report over REST."""

from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from changes.cab_value.filters import NAMES, asked
from changes.cab_value.queries import RiskValue, cab_value
from changes.cab_value.rules import ANSWERS, Share
from itsm.accounts.permissions import staff
from itsm.api import fields
from itsm.api.filters import refuse_unknown
from itsm.api.permissions import Entry
from itsm.api.viewsets import Rows


class FailureShareShown(serializers.Serializer[Any]):
    changes = serializers.IntegerField()
    failed = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True, help_text="of these changes failed; null where there are none")
    lowest = serializers.FloatField(allow_null=True, help_text="of the 95 % interval of that share")
    highest = serializers.FloatField(allow_null=True)


class MatchedPairsShown(serializers.Serializer[Any]):
    """Alike in risk, kind, service tier and quarter, one with one."""

    pairs = serializers.IntegerField()
    only_people = serializers.IntegerField(help_text="pairs in which only what people decided about failed")
    only_automatic = serializers.IntegerField(help_text="pairs in which only what went by itself failed")


class CabRiskShown(serializers.Serializer[Any]):
    risk = serializers.CharField()
    answer = fields.Choice(choices=ANSWERS, help_text="about what people decided")
    people = FailureShareShown()
    automatic = FailureShareShown()
    matched = MatchedPairsShown()
    median_wait_hours = serializers.FloatField(allow_null=True, help_text="from the ask to the answer")
    wait_hours = serializers.FloatField(help_text="all of them together")
    cost = serializers.CharField(allow_null=True, help_text="hours times the rate; null where none is stated")


class CabValueShown(serializers.Serializer[Any]):
    since = fields.Instant()
    until = fields.Instant()
    rate = serializers.CharField(allow_null=True)
    risks = CabRiskShown(many=True)


def _parameter(name: str, said: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, description=said)


class CabValueViewSet(Rows):
    """Whether changes that people decided about failed less often than those that went by themselves."""

    policy: ClassVar = {"retrieve": Entry(staff)}
    serializer_class = CabValueShown
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        operation_id="cab_value_report",
        parameters=[
            _parameter("from", "A day in UTC or an instant; 90 days before `to`."),
            _parameter("to", "Not part of the period; now."),
            _parameter("rate", "What an hour of waiting costs, 0 to 100000."),
        ],
        responses={200: CabValueShown},
    )
    def retrieve(self, request: Request) -> Response:
        """Of the changes decided in [from, to) that ran and are closed, per risk class."""
        refuse_unknown(request.query_params, NAMES, whole=True)
        words = asked(request.query_params.dict(), timezone.now(), ZoneInfo("UTC"))
        found = cab_value(self.actor, words.since, words.until)
        shape = {
            "since": words.since,
            "until": words.until,
            "rate": _text(words.rate),
            "risks": [_risk(one, words.rate) for one in found],
        }
        return Response(CabValueShown(shape).data)


def _risk(value: RiskValue, rate: Decimal | None) -> dict[str, Any]:
    risk, people, automatic, pairs, answer = value.compared
    count, only_people, only_automatic = pairs
    return {
        "risk": risk,
        "answer": answer.value,
        "people": _share(people),
        "automatic": _share(automatic),
        "matched": {"pairs": count, "only_people": only_people, "only_automatic": only_automatic},
        "median_wait_hours": value.waiting.median,
        "wait_hours": value.waiting.total,
        "cost": _text(value.cost(rate)),
    }


def _share(share: Share) -> dict[str, Any]:
    lowest, highest = share.interval or (None, None)
    return {**share._asdict(), "share": share.share, "lowest": lowest, "highest": highest}


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"
