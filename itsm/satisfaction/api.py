"""Satisfaction over REST: what people said, counted by team."""

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.api.filters import refuse_unknown
from itsm.api.permissions import Entry
from itsm.api.viewsets import Rows
from itsm.satisfaction import permissions, queries


class CountedShown(serializers.Serializer[Any]):
    """`share_good`: of the answers, 0 to 1; null without any."""

    slug = serializers.CharField()
    name = serializers.CharField()
    asked = serializers.IntegerField()
    answers = serializers.IntegerField()
    good = serializers.IntegerField()
    fair = serializers.IntegerField()
    bad = serializers.IntegerField()
    share_good = serializers.FloatField(allow_null=True)


class TeamSatisfactionShown(CountedShown):
    """`people`: named ones with five answers or more, for change managers, where nobody else can be worked out."""

    people = CountedShown(many=True)


class SatisfactionShown(serializers.Serializer[Any]):
    """Of what was asked in the last `days` days."""

    days = serializers.IntegerField()
    teams = TeamSatisfactionShown(many=True)


class SatisfactionViewSet(Rows):
    """How satisfied people are with what teams did for them."""

    policy: ClassVar = {"retrieve": Entry(permissions.readers)}
    serializer_class = SatisfactionShown

    @extend_schema(responses=SatisfactionShown, operation_id="reports_satisfaction")
    def retrieve(self, request: Request) -> Response:
        refuse_unknown(request.query_params, (), whole=True)
        shown = {"days": queries.PERIOD.days, "teams": queries.by_team(self.actor, timezone.now())}
        return Response(SatisfactionShown(shown).data)
