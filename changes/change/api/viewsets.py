"""Changes over REST: find, parse, call one operation, render."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from changes.change import permissions
from changes.change.api import impact, stages, tasks
from changes.change.api.calendar import WhenItFits
from changes.change.api.documents import EvaluationDocument
from changes.change.api.impact import WhomItHits
from changes.change.api.requests import edited_fields, gate_request, natural_key
from changes.change.api.serializers import (
    ApprovalWords,
    ChangeEdited,
    ChangeEditing,
    ChangeShown,
    Closing,
    DeploymentEnd,
    DeploymentStart,
    GateQuestion,
    OverrideWords,
    QuestionAnswers,
    QuestionsShown,
)
from changes.change.api.shapes import evaluation_shape, poll_after
from changes.change.api.stages import DeploymentShown, WhatRuns
from changes.change.api.tasks import WhatIsToDo
from changes.change.filters import ChangeFilter
from changes.change.models import Change, Deployment, Evaluation
from changes.change.operations import (
    answering,
    asking,
    callbacks,
    deploying,
    editing,
    evaluating,
    overriding,
    people_decide,
)
from changes.change.queries import listing, waiting
from changes.change.queries.listing import final
from changes.change.queries.questions import questions_of
from changes.change.workflow import NORMAL
from itsm.accounts import scopes
from itsm.api.filters import refuse_unknown
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing
from itsm.api.steps import draws_steps
from itsm.api.versions import refuse_if_match, version_read
from itsm.api.viewsets import Readable, Rows, made
from itsm.api.waiting import LONGEST, seconds_in
from itsm.approvals.api.viewsets import AwaitingShown, awaiting

_WAIT = OpenApiParameter(
    "wait",
    {"type": "integer", "minimum": 0, "maximum": LONGEST},
    description="seconds to wait for an answer; where there is no room to wait, Retry-After says when to come back",
)


class EvaluationViewSet(Rows):
    """Ask the gate; read its answer."""

    policy: ClassVar = {
        "create": Entry(permissions.askers, scopes.GATE_ASK),
        "retrieve": Entry(permissions.anyone, (scopes.READ, scopes.GATE_ASK)),  # who may ask may hear the answer
        "cancel": Entry(
            permissions.askers, scopes.GATE_ASK, over=lambda actor, one: permissions.cancellers(actor, one.change)
        ),
        "judge": Entry(
            permissions.staff, (scopes.GATE_ASK, scopes.CHANGES_APPROVE),
            over=lambda actor, one: permissions.concerned(actor, one.change),
        ),
        "override": Entry(
            permissions.staff, scopes.CHANGES_APPROVE,
            over=lambda actor, one: permissions.override_authorities(actor, one.change),
        ),
    }  # fmt: skip
    serializer_class = GateQuestion
    lookup_value_regex = "[0-9a-fA-F-]{36}"

    def visible_rows(self) -> QuerySet[Evaluation]:
        return listing.evaluations(self.actor)

    def get_queryset(self) -> QuerySet[Evaluation]:
        return Evaluation.objects.none() if getattr(self, "swagger_fake_view", False) else self.visible_rows()

    @extend_schema(request=GateQuestion, responses={201: EvaluationDocument, 202: EvaluationDocument})
    @idempotent(natural_key, is_over=final)
    def create(self, request: Request) -> Response:
        """May this change go? 201: decided. 202: people or time decide; read it again at Location."""
        question = gate_request(self.validated(GateQuestion))
        callbacks.require_permitted(question.callback)
        evaluation = asking.ask_gate(question, actor=self.actor, at=timezone.now())
        location = f"/api/v1/gate-evaluations/{evaluation.pk}/"
        return self.respond(evaluation, 202 if _waits(evaluation) else 201, {"Location": location})

    @extend_schema(responses=EvaluationDocument, parameters=[_WAIT])
    def retrieve(self, request: Request, pk: str) -> Response:
        """As it stands; with `wait`, once it is no longer pending, or after so many seconds."""
        refuse_unknown(request.query_params, ("wait",), whole=True)
        seconds, evaluation = seconds_in(request.query_params.get("wait")), self.get_object()
        if seconds and _waits(evaluation) and waiting.for_answers.wait(evaluation.pk, evaluation.status, seconds):
            evaluation = self.visible_rows().get(pk=evaluation.pk)
        return self.respond(evaluation)

    @extend_schema(request=Nothing, responses=EvaluationDocument)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """The pipeline was aborted. Repeatable."""
        self.validated(Nothing)
        evaluation = people_decide.cancel_evaluation(self.get_object(), actor=self.actor, at=timezone.now())
        return self.respond(self.visible_rows().get(pk=evaluation.pk))

    @extend_schema(request=Nothing, responses=EvaluationDocument)
    @action(detail=True, methods=["post"])
    def judge(self, request: Request, pk: str) -> Response:
        """What waits is judged again, as things stand now."""
        self.validated(Nothing)
        evaluation = self.get_object()
        evaluating.evaluate_now(evaluation.change, actor=self.actor, at=timezone.now())
        return self.respond(self.visible_rows().get(pk=evaluation.pk))

    @extend_schema(request=OverrideWords, responses={202: AwaitingShown})
    @action(detail=True, methods=["post"])
    def override(self, request: Request, pk: str) -> Response:
        """A business-critical change ships all the same: counted, reviewed, once the named second person confirms."""
        words = self.validated(OverrideWords)
        return awaiting(overriding.ask_override(self.get_object(), actor=self.actor, at=timezone.now(), **words))

    def respond(self, record: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        """An evaluation as it stands now; what waits says when to come back."""
        response = Response(evaluation_shape(record), status=status, headers=dict(headers or {}))
        response["ETag"] = f'"{record.version}"'
        if _waits(record):
            response["Retry-After"] = str(poll_after(record, timezone.now()))
        return made(response, record)


def _waits(evaluation: Evaluation) -> bool:
    return evaluation.status == Evaluation.Status.PENDING


_DEPLOYING = (scopes.CHANGES_WRITE, scopes.GATE_ASK)


@draws_steps(
    NORMAL, record="a change", scope=scopes.CHANGES_WRITE, who=permissions.askers,
    review=Entry(permissions.staff, scopes.CHANGES_WRITE, over=permissions.lookers_back),
)  # fmt: skip
class ChangeViewSet(WhenItFits, WhatIsToDo, WhomItHits, WhatRuns, Readable):
    """Changes. Keyed by number (CHG-00042)."""

    policy: ClassVar = {
        "list": Entry(permissions.anyone),
        "retrieve": Entry(permissions.anyone),
        "partial_update": Entry(permissions.askers, scopes.CHANGES_WRITE, over=permissions.requesters),
        "approvals": Entry(permissions.staff, scopes.CHANGES_APPROVE, over=people_decide.may_be_heard),
        # Whoever may ask may use the answer: the ten-minute token of a pipeline without a secret goes the whole way.
        "deployments": Entry(permissions.askers, _DEPLOYING, over=permissions.implementers),
        "finish_deployment": Entry(permissions.askers, _DEPLOYING, over=permissions.implementers),
        "close": Entry(permissions.staff, scopes.CHANGES_WRITE, over=permissions.closers),
        "conflicts": Entry(permissions.staff),
        "slots": Entry(permissions.staff),
        **tasks.POLICY,
        **impact.POLICY,
        **stages.POLICY,
        "questions": Entry(permissions.staff),
        "answers": Entry(permissions.askers, scopes.CHANGES_WRITE, over=permissions.requesters),
    }
    serializer_class = ChangeShown
    filterset_class = ChangeFilter
    lookup_field = "number"
    lookup_value_regex = "[A-Za-z]{3}-[0-9]{1,12}"

    def visible_rows(self) -> QuerySet[Change]:
        return listing.listed(self.actor)

    def get_object(self) -> Change:
        return listing.by_reference(self.actor, self.kwargs["number"])

    def get_serializer_class(self) -> Any:
        return ChangeEdited if self.action == "partial_update" else super().get_serializer_class()

    def made_before(self, key: str) -> Change | Deployment | None:
        if self.action == "deployments":
            return Deployment.objects.filter(change=self.get_object(), pk=key).first()
        return self.visible_rows().filter(pk=key).first()

    @extend_schema(request=ChangeEditing, responses=ChangeEdited)
    def partial_update(self, request: Request, number: str) -> Response:
        """Edit it. What was asked or authorised on an old content is void; `voided` says what that took away."""
        words = edited_fields(self.validated(ChangeEditing))
        edited = editing.edit(
            self.get_object(), actor=self.actor, version=version_read(request), at=timezone.now(), **words
        )
        return self.respond(edited)

    @extend_schema(responses=QuestionsShown)
    @action(detail=True, serializer_class=QuestionsShown)
    def questions(self, request: Request, number: str) -> Response:
        """What the ruling policy asks about it now, and what its request answered."""
        asked_by, asked = questions_of(self.get_object())
        return Response(QuestionsShown({"asked_by": asked_by, "questions": asked}).data)

    @extend_schema(request=QuestionAnswers, responses=ChangeShown)
    @action(detail=True, methods=["post"])
    def answers(self, request: Request, number: str) -> Response:
        """Answer what is asked; the gate judges anew, and what was asked or authorised before ends."""
        words = self.validated(QuestionAnswers)
        asked = answering.answer_questions(
            self.get_object(), actor=self.actor, version=version_read(request), at=timezone.now(), **words
        )
        return self.respond(asked.change)

    @extend_schema(request=ApprovalWords, responses={201: ChangeShown})
    @action(detail=True, methods=["post"])
    @idempotent()
    def approvals(self, request: Request, number: str) -> Response:
        """Approve or decline, as a person who has no interest in the change; with If-Match only what was read."""
        words = self.validated(ApprovalWords) | {"version": version_read(request)}
        change = people_decide.decide_by_person(self.get_object(), actor=self.actor, at=timezone.now(), **words)
        return self.respond(change, 201)

    @extend_schema(request=DeploymentStart, responses={201: DeploymentShown})
    @action(detail=True, methods=["post"], serializer_class=DeploymentShown)
    @idempotent()
    def deployments(self, request: Request, number: str) -> Response:
        """Start: uses the authorisation, once."""
        words = self.validated(DeploymentStart)
        deployment = deploying.start_deployment(
            self.get_object(),
            actor=self.actor,
            at=timezone.now(),
            artifact_digest=(words.get("artifact") or {}).get("digest", ""),
            environment=words.get("environment", ""),
            url=words["url"],
        )
        location = f"/api/v1/changes/{number}/deployments/{deployment.number}/"
        return self.respond(deployment, 201, {"Location": location})

    @extend_schema(request=DeploymentEnd, responses=DeploymentShown)
    @action(detail=True, methods=["patch"], url_path=r"deployments/(?P<n>[0-9]{1,4})", serializer_class=DeploymentShown)
    def finish_deployment(self, request: Request, number: str, n: str) -> Response:
        """Finish: succeeded, failed or rolled_back."""
        refuse_if_match(request)
        words = self.validated(DeploymentEnd)
        deployment = self.numbered(number, n)
        return self.respond(deploying.finish_deployment(deployment, actor=self.actor, at=timezone.now(), **words))

    @extend_schema(responses=DeploymentShown, operation_id="changes_deployment_retrieve")
    @finish_deployment.mapping.get
    def deployment(self, request: Request, number: str, n: str) -> Response:
        """How it stands, and whether it should be taken back: what a pipeline asks while it watches."""
        refuse_unknown(request.query_params, (), whole=True)
        return self.respond(self.numbered(number, n))

    @extend_schema(request=Closing, responses=ChangeShown)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, number: str) -> Response:
        words = self.validated(Closing)
        change = deploying.close(self.get_object(), actor=self.actor, outcome_code=words["outcome"], note=words["note"])
        return self.respond(change)
