"""Chaos experiments over REST: planned, stopped, concluded. Their run is started and finished as any change's."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.environments.api import EnvironmentNameField
from catalog.environments.queries import default
from catalog.services.api.fields import ServiceField
from changes.change.api.serializers import WindowShape
from changes.chaos import operations, permissions, queries
from changes.chaos.models import ChaosAbort, ChaosBurn, ChaosExperiment
from changes.chaos.operations.aborting import secret_of
from changes.chaos.operations.planning import Plan
from changes.chaos.vocabulary import CONCLUSIONS
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.people import PersonField
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.viewsets import Readable
from itsm.kernel.errors import InvalidInput
from itsm.notifications.web_addresses import MAX_LENGTH, is_web_address

STANDINGS = ("planned", "running", "stopping", "stopped", "over", "called_off")


class NewExperiment(Strict):
    """`stake`: the share of each gating budget that it may burn, such as "0.05". `abort_url`: called to stop it."""

    service = ServiceField()
    environment = EnvironmentNameField(default=default)
    summary = fields.Text(max_length=200)
    hypothesis = fields.Text(max_length=4000)
    blast_radius = fields.Text(max_length=4000)
    stake = fields.Ratio(max_digits=7, decimal_places=6)
    abort_url = fields.Text(max_length=MAX_LENGTH)
    plan = fields.Text(max_length=20_000)
    backout = fields.Text(max_length=20_000)
    window = WindowShape(required=False, allow_null=True)
    implementer = PersonField(required=False, allow_null=True)


class ExperimentAbortWords(Strict):
    because = fields.Text(max_length=500)


class ExperimentConclusion(Strict):
    finding = fields.Choice(choices=CONCLUSIONS)
    shown = fields.Text(max_length=4000)


class ExperimentFindingWords(Strict):
    statement = fields.Text(max_length=200)


class ExperimentBurnShown(Shown):
    """`share`: of the objective's whole budget, failed while the experiment ran."""

    objective = serializers.CharField(source="objective.slug")
    share = serializers.DecimalField(max_digits=12, decimal_places=6)

    class Meta:
        model = ChaosBurn
        fields = ("objective", "share", "counted_at")


class ExperimentAbortShown(Shown):
    """`stopped_at` null: nothing has confirmed yet that it stopped. `stopped_by` null beside it: its hook did."""

    said = serializers.SerializerMethodField()
    asked_by = PersonField(read_only=True, allow_null=True)
    stopped_by = PersonField(read_only=True, allow_null=True)

    class Meta:
        model = ChaosAbort
        fields = (
            "cause", "said", "asked_by", "asked_at", "attempts", "last_called_at", "last_said", "stopped_at",
            "stopped_by", "paged_at",
        )  # fmt: skip

    def get_said(self, abort: ChaosAbort) -> str:
        return queries.why_in_words(abort)


class ExperimentShown(Shown):
    """Keyed by its change, whose state, verdict, window and runs are read there."""

    change = serializers.CharField(source="reference")
    service = ServiceField(source="change.service", read_only=True)
    environment = serializers.CharField(source="change.environment")
    summary = serializers.CharField(source="change.summary")
    stake = serializers.DecimalField(source="change.stake", max_digits=7, decimal_places=6)
    standing = serializers.SerializerMethodField()
    burned = ExperimentBurnShown(source="burns", many=True)
    abort = serializers.SerializerMethodField()
    concluded_by = PersonField(read_only=True, allow_null=True)
    problem = serializers.SerializerMethodField()
    page = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = ChaosExperiment
        fields: tuple[str, ...] = (
            "change", "service", "environment", "summary", "hypothesis", "blast_radius", "stake", "abort_url",
            "standing", "burned", "abort", "finding", "shown", "concluded_by", "concluded_at", "problem", "page",
        )  # fmt: skip

    @extend_schema_field({"type": "string", "enum": list(STANDINGS)})
    def get_standing(self, experiment: ChaosExperiment) -> str:
        return queries.standing(experiment)

    @extend_schema_field(ExperimentAbortShown(allow_null=True))
    def get_abort(self, experiment: ChaosExperiment) -> Any:
        abort = queries.abort_of(experiment)
        return ExperimentAbortShown(abort, context=self.context).data if abort is not None else None

    @extend_schema_field({"type": "string", "nullable": True})
    def get_problem(self, experiment: ChaosExperiment) -> str | None:
        return queries.problem_seen(experiment, self.context["view"].actor)


class ExperimentPlanned(ExperimentShown):
    """With the secret that its hook checks calls with (Standard Webhooks)."""

    abort_secret = serializers.SerializerMethodField()

    class Meta(ExperimentShown.Meta):
        fields = (*ExperimentShown.Meta.fields, "abort_secret")

    def get_abort_secret(self, experiment: ChaosExperiment) -> str:
        return secret_of(experiment)


class ExperimentViewSet(Readable):
    """Experiments, by the reference of their change."""

    policy: ClassVar = {
        "list": Entry(permissions.staff),
        "retrieve": Entry(permissions.staff),
        "create": Entry(permissions.askers, scopes.GATE_ASK),
        "abort": Entry(permissions.stoppers, (scopes.GATE_ASK, scopes.CHANGES_WRITE)),
        "confirm_stopped": Entry(permissions.staff, scopes.CHANGES_WRITE, over=permissions.witnesses),
        "conclude": Entry(permissions.staff, scopes.CHANGES_WRITE, over=permissions.concluders),
        "find": Entry(permissions.staff, scopes.CHANGES_WRITE, over=permissions.concluders),
    }
    serializer_class = ExperimentShown
    lookup_value_regex = "[A-Za-z]{3}-[0-9]{1,12}"
    lookup_url_kwarg = "number"

    def visible_rows(self) -> "QuerySet[ChaosExperiment]":
        return queries.experiments(self.actor)

    def get_object(self) -> ChaosExperiment:
        return queries.experiment_called(self.actor, self.kwargs["number"])

    @extend_schema(request=NewExperiment, responses={201: ExperimentPlanned})
    @idempotent()
    def create(self, request: Request) -> Response:
        """Plan one: its change is opened and the gate asked. What it says is content, and is not edited."""
        said = self.validated(NewExperiment)
        if not is_web_address(said["abort_url"]):
            raise InvalidInput.about("abort_url", _("Send an http or https address, without a user name in it."))
        window = said.pop("window", None)
        plan = Plan(**said | {"window": (window["start"], window["end"]) if window else None})
        made = operations.plan_experiment(plan, actor=self.actor, at=timezone.now())
        return self.respond(
            self.visible_rows().get(pk=made.pk), 201, {"Location": f"/api/v1/chaos-experiments/{made.reference}/"}
        )

    @extend_schema(request=ExperimentAbortWords, responses=ExperimentShown)
    @action(detail=True, methods=["post"])
    def abort(self, request: Request, number: str) -> Response:
        """Stop it now: its hook is called until it answers. Repeatable; the first reason stands."""
        words, experiment = self.validated(ExperimentAbortWords), self.get_object()
        operations.abort(experiment, actor=self.actor, at=timezone.now(), **words)
        return self.respond(self.get_object())

    @extend_schema(request=Nothing, responses=ExperimentShown)
    @action(detail=True, methods=["post"], url_path="confirm-stopped")
    def confirm_stopped(self, request: Request, number: str) -> Response:
        """Somebody who sees it says that it has stopped, where its hook does not. Repeatable."""
        self.validated(Nothing)
        operations.confirm_stopped(self.get_object(), actor=self.actor, at=timezone.now())
        return self.respond(self.get_object())

    @extend_schema(request=ExperimentConclusion, responses=ExperimentShown)
    @action(detail=True, methods=["post"])
    def conclude(self, request: Request, number: str) -> Response:
        """Say what became of the hypothesis. Said again, the last word counts."""
        operations.conclude(
            self.get_object(), actor=self.actor, at=timezone.now(), **self.validated(ExperimentConclusion)
        )
        return self.respond(self.get_object())

    @extend_schema(request=ExperimentFindingWords, responses=ExperimentShown)
    @action(detail=True, methods=["post"], url_path="problem")
    def find(self, request: Request, number: str) -> Response:
        """What it found becomes a problem of its service."""
        operations.open_finding(
            self.get_object(), actor=self.actor, at=timezone.now(), **self.validated(ExperimentFindingWords)
        )
        return self.respond(self.get_object())

    def respond(self, record: Any, status: int = 200, headers: Any = None) -> Response:
        if status != 201:
            return super().respond(record, status, headers)
        self.serializer_class = ExperimentPlanned
        return super().respond(record, status, headers)
