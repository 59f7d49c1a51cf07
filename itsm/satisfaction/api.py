"""Satisfaction over REST: what people said, counted by team."""

from typing import Any, ClassVar

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.filters import refuse_unknown
from itsm.api.permissions import Entry
from itsm.api.serializers import Strict
from itsm.api.viewsets import Rows
from itsm.kernel.errors import InvalidInput
from itsm.satisfaction import operations, permissions, queries
from itsm.satisfaction.models import MAX_COMMENT, Survey


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


class SurveyAnswered(Strict):
    """`score`: good, fair or bad, once. `comment`: words beside it, with the answer or within a day of it."""

    score = fields.Choice(choices=Survey.Score.choices, required=False)
    comment = fields.Text(max_length=MAX_COMMENT, allow_blank=True, default="")


class SurveyShown(serializers.Serializer[Any]):
    """`score`: "" until it was answered, which can be done until `expires_at`."""

    record = serializers.CharField(source="reference")
    asked_at = fields.Instant()
    expires_at = fields.Instant()
    score = serializers.CharField(allow_blank=True)
    answered_at = fields.Instant(allow_null=True)
    comment = serializers.CharField(allow_blank=True)


class OwnSurveyViewSet(Rows):
    """How something was handled that the caller asked for."""

    policy: ClassVar = {
        "retrieve": Entry(permissions.anyone),
        # Which kind of record it was about is known once it is found, and then which scope of these it takes.
        "answer": Entry(
            permissions.participants, (scopes.REQUESTS_WRITE, scopes.INCIDENTS_WRITE), over=permissions.answerers
        ),
    }
    serializer_class = SurveyShown

    def get_object(self) -> Survey:
        return queries.own_survey(self.actor, self.kwargs["reference"])

    @extend_schema(responses=SurveyShown, operation_id="satisfaction_of_record")
    def retrieve(self, request: Request, reference: str) -> Response:
        refuse_unknown(request.query_params, (), whole=True)
        return Response(SurveyShown(self.get_object()).data)

    @extend_schema(request=SurveyAnswered, responses=SurveyShown, operation_id="satisfaction_answer")
    @transaction.atomic
    def answer(self, request: Request, reference: str) -> Response:
        """Say it once; the first answer stays."""
        survey, now = self.get_object(), timezone.now()
        given = SurveyAnswered(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        said: Any = given.validated_data
        if "score" not in said and not said["comment"]:
            raise InvalidInput.about("score", gettext("Say good, fair or bad."))
        if "score" in said:
            survey = operations.answer(survey, score=said["score"], at=now)
        if said["comment"]:
            survey = operations.comment(survey, text=said["comment"], at=now)
        return Response(SurveyShown(survey).data)


class SatisfactionViewSet(Rows):
    """How satisfied people are with what teams did for them."""

    policy: ClassVar = {"retrieve": Entry(permissions.readers)}
    serializer_class = SatisfactionShown

    @extend_schema(responses=SatisfactionShown, operation_id="reports_satisfaction")
    def retrieve(self, request: Request) -> Response:
        refuse_unknown(request.query_params, (), whole=True)
        shown = {"days": queries.PERIOD.days, "teams": queries.by_team(self.actor, timezone.now())}
        return Response(SatisfactionShown(shown).data)
