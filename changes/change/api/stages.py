"""A running deployment over REST: how it stands, its stages, and whether it should be taken back."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from changes.change import permissions
from changes.change.models import Deployment, RollBackCall, RolloutStage
from changes.change.operations import deploying
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.permissions import Entry
from itsm.api.serializers import Shown, Strict
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound

POLICY: dict[str, Entry] = {
    "deployment": Entry(permissions.anyone, (scopes.READ, scopes.GATE_ASK)),
    "stage": Entry(permissions.askers, (scopes.CHANGES_WRITE, scopes.GATE_ASK), over=permissions.implementers),
}


class RollBackTargetShown(serializers.Serializer[Any]):
    """What ran there before. `known_to_work`: it was watched to a clean end, and somebody who did not want it saw so;
    a rollback to what is not is for people to decide."""

    digest = serializers.CharField(source="artifact_digest")
    version = serializers.CharField(source="artifact_version")
    change = serializers.CharField(source="change.reference")
    finished_at = fields.Instant()
    known_to_work = serializers.BooleanField(source="is_known_to_work")


class RollBackShown(serializers.Serializer[Any]):
    """Take it back: ask the gate with purpose rollback, `rollback_of` this change and the digest in `to`."""

    since = fields.Instant(source="called_at")
    because = serializers.CharField()
    rollback_of = serializers.CharField(source="deployment.change.reference")
    service = serializers.CharField(source="deployment.change.service.slug")
    environment = serializers.CharField(source="deployment.environment")
    to = RollBackTargetShown(
        source="back_to", allow_null=True, help_text="null: nothing is known there that worked before"
    )


class DeploymentShown(Shown):
    """`roll_back`: null while there is no reason to take it back. `witness`: who without a stake in it saw that it
    works: measured, person, or "" for nobody; with that and a clean watch it is `known_to_work`, to be gone back to.
    """

    witness = serializers.CharField()
    known_to_work = serializers.BooleanField(source="is_known_to_work")
    roll_back = serializers.SerializerMethodField()

    class Meta:
        model = Deployment
        fields = (
            "number", "status", "environment", "artifact_digest", "artifact_version", "url", "started_at",
            "finished_at", "watched_until", "witness", "known_to_work", "roll_back",
        )  # fmt: skip

    @extend_schema_field(RollBackShown(allow_null=True))
    def get_roll_back(self, deployment: Deployment) -> Any:
        return roll_back_shape(deployment)


class StageAsked(Strict):
    name = fields.Text(max_length=40, help_text='such as "10 %"; asked again under this name it is judged again')
    percent = serializers.IntegerField(min_value=0, max_value=100, required=False, allow_null=True)


class StageShown(Shown):
    """`answer`: go_on, hold (ask again in a minute) or roll_back."""

    roll_back = serializers.SerializerMethodField()

    class Meta:
        model = RolloutStage
        fields = ("name", "percent", "answer", "because", "first_asked_at", "asked_at", "roll_back")

    @extend_schema_field(RollBackShown(allow_null=True))
    def get_roll_back(self, stage: RolloutStage) -> Any:
        return roll_back_shape(stage.deployment)


def roll_back_shape(deployment: Deployment) -> Any:
    """What a program is told that should take it back; None where it should not."""
    call = RollBackCall.objects.filter(deployment=deployment).select_related("back_to__change").first()
    if call is None:
        return None
    call.deployment = deployment
    return RollBackShown(call).data


class WhatRuns:
    """A deployment of one change, while it runs and after."""

    actor: Actor
    get_object: Any
    validated: Any

    @extend_schema(request=StageAsked, responses={200: StageShown}, operation_id="changes_deployment_stage")
    @action(detail=True, methods=["post"], url_path=r"deployments/(?P<n>[0-9]{1,4})/stages")
    def stage(self, request: Request, number: str, n: str) -> Response:
        """May the next stage of its rollout begin? Ask before each; a hold is asked again, a roll_back stays."""
        words = self.validated(StageAsked)
        found = deploying.ask_stage(self.numbered(number, n), actor=self.actor, at=timezone.now(), **words)
        answer = Response(StageShown(found).data)
        if found.answer == RolloutStage.Answer.HOLD:
            answer["Retry-After"] = "60"
        return answer

    def numbered(self, number: str, n: str) -> Deployment:
        """The n-th deployment of the change that is asked about. Raises NotFound."""
        change = self.get_object()
        found = Deployment.objects.filter(change=change, number=int(n)).first()
        if found is None:
            raise NotFound(gettext("%(number)s has no deployment %(n)s.") % {"number": number, "n": n})
        found.change = change
        return found
