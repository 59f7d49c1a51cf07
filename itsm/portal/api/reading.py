"""What the portal says: answers while one types, how services stand, and what it spares people."""

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.knowledge.queries.shown import excerpt_of
from itsm.accounts.permissions import anyone
from itsm.api import fields
from itsm.api.filters import refuse_unknown
from itsm.api.permissions import Entry
from itsm.api.viewsets import Rows
from itsm.portal import permissions
from itsm.portal.queries import reports, shared, status
from itsm.portal.queries.suggesting import suggest


class PortalArticleShown(serializers.Serializer[Any]):
    reference = serializers.CharField()
    title = serializers.CharField()
    excerpt = serializers.CharField()
    url = fields.OurAddress(source="get_absolute_url")


class StandingShown(serializers.Serializer[Any]):
    """`state`: down, degraded, maintenance or up; `until`: the announced end of maintenance."""

    slug = serializers.CharField()
    name = serializers.CharField()
    state = fields.Choice(choices=["down", "degraded", "maintenance", "up"])
    words = serializers.CharField(source="label")
    until = serializers.DateTimeField(allow_null=True)
    url = fields.OurAddress()


class SuggestedItemShown(serializers.Serializer[Any]):
    """Something that can be asked for."""

    slug = serializers.CharField()
    name = serializers.CharField()
    summary = serializers.CharField()
    url = fields.OurAddress()


class PortalSuggestionsShown(serializers.Serializer[Any]):
    """The best first, at most three of each. `instead`: mistyped word -> what was looked for instead."""

    articles = PortalArticleShown(many=True)
    outages = StandingShown(many=True)
    items = SuggestedItemShown(many=True)
    instead = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


class PortalStatusShown(serializers.Serializer[Any]):
    """`sentence`: all of it in one; the worst first."""

    sentence = serializers.CharField()
    services = StandingShown(many=True)


class PortalRowShown(serializers.Serializer[Any]):
    name = serializers.CharField()
    count = serializers.IntegerField()
    without_asking = serializers.IntegerField()


class PortalLeftShown(serializers.Serializer[Any]):
    """How often a form was left after this question was answered."""

    name = serializers.CharField()
    field = serializers.CharField()
    count = serializers.IntegerField()


class PortalReportShown(serializers.Serializer[Any]):
    """`deflected`: suggestions opened after which nobody asked within a day; `abandoned`: forms begun and not sent."""

    days = serializers.IntegerField()
    opened = serializers.IntegerField()
    deflected = serializers.IntegerField()
    begun = serializers.IntegerField()
    abandoned = serializers.IntegerField()
    answers = PortalRowShown(many=True)
    forms = PortalRowShown(many=True)
    left_at = PortalLeftShown(many=True)


class SuggestViewSet(Rows):
    """What answers while somebody types; the words are kept nowhere."""

    policy: ClassVar = {"retrieve": Entry(anyone)}
    serializer_class = PortalSuggestionsShown

    @extend_schema(
        parameters=[OpenApiParameter("q", str, description="What was typed, from three characters on.")],
        responses=PortalSuggestionsShown, operation_id="portal_suggest",
    )  # fmt: skip
    def retrieve(self, request: Request) -> Response:
        refuse_unknown(request.query_params, ["q"], whole=True)
        found = suggest(self.actor, request.query_params.get("q", ""), timezone.now())
        for one in found.articles:
            one.excerpt = excerpt_of(one)  # type: ignore[attr-defined]  # for the serializer
        return Response(PortalSuggestionsShown(found).data)


class StatusViewSet(Rows):
    """How the services stand that the caller may see."""

    policy: ClassVar = {"retrieve": Entry(anyone)}
    serializer_class = PortalStatusShown

    @extend_schema(responses=PortalStatusShown, operation_id="portal_status")
    def retrieve(self, request: Request) -> Response:
        refuse_unknown(request.query_params, (), whole=True)
        found = status.status(self.actor, timezone.now())
        shown = {"sentence": found.sentence, "services": [*found.troubles, *found.working]}
        return Response(PortalStatusShown(shown).data)


class SharedLineShown(serializers.Serializer[Any]):
    """`who`: whose it is; `state`: how it stands, in words."""

    reference = serializers.CharField()
    title = serializers.CharField()
    who = serializers.CharField()
    state = serializers.CharField(source="words")
    at = fields.Instant()


class PortalTeamShown(serializers.Serializer[Any]):
    """`shared_with`: teams that see what the caller asks for. `results`: the latest fifty of what others share."""

    shared_with = serializers.ListField(child=serializers.CharField())
    results = SharedLineShown(many=True)


class TeamViewSet(Rows):
    """What people in the caller's teams, or who report to the caller, asked for, where a lead shares it."""

    policy: ClassVar = {"retrieve": Entry(anyone)}
    serializer_class = PortalTeamShown

    @extend_schema(responses=PortalTeamShown, operation_id="portal_team")
    def retrieve(self, request: Request) -> Response:
        refuse_unknown(request.query_params, (), whole=True)
        found = {
            "shared_with": shared.shares_with(self.actor), "results": shared.of_others(self.actor, timezone.now())
        }  # fmt: skip
        return Response(PortalTeamShown(found).data)


class PortalReportViewSet(Rows):
    """Answers that were enough, and forms that were left."""

    policy: ClassVar = {"retrieve": Entry(permissions.staff)}
    serializer_class = PortalReportShown

    @extend_schema(responses=PortalReportShown, operation_id="reports_portal")
    def retrieve(self, request: Request) -> Response:
        refuse_unknown(request.query_params, (), whole=True)
        found = reports.report(self.actor, timezone.now())
        names = PortalReportShown().fields.keys()
        return Response(PortalReportShown({name: getattr(found, name, reports.PERIOD.days) for name in names}).data)
