"""Objectives and indicators over REST: find, parse, call one operation, render."""

from decimal import Decimal
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.api.filters import refuse_unknown
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.approvals.api.viewsets import AwaitingShown, awaiting
from itsm.kernel.errors import InvalidInput
from slo.measuring import operations as measuring_operations
from slo.measuring.api.indicators import say_refusal
from slo.measuring.permissions import allowance_enders, allowers, measurer_namers, senders
from slo.objectives import operations, permissions, queries
from slo.objectives.api.asked import instant_asked
from slo.objectives.api.forecast import ASKED, ForecastAsked, ForecastShown
from slo.objectives.api.self_measuring import AllowanceShown, NewAllowance
from slo.objectives.api.serializers import BudgetShown, NewObjective, ObjectiveEditing, ObjectiveShown
from slo.objectives.filters import ObjectiveFilter
from slo.objectives.models import Objective
from slo.objectives.queries.what_if import answer, may_ask_target

_AT = OpenApiParameter("at", OpenApiTypes.DATETIME, description="A past instant, RFC 3339 with its zone.")

_READ = Entry(permissions.readers)
_DEFINE = Entry(permissions.authors, scopes.SLO_WRITE)
_KEEP = Entry(
    permissions.authors, scopes.SLO_WRITE, over=lambda actor, objective: permissions.keepers(actor, objective.service)
)
_ALLOW = Entry(
    measurer_namers,
    scopes.SLO_WRITE,
    over=lambda actor, objective: allowers(actor, objective.service),
)
_DISALLOW = Entry(permissions.authors, scopes.SLO_WRITE, over=lambda actor, one: allowance_enders(actor, one.service))
_MEASURE = Entry(senders, scopes.SAMPLES_WRITE)


class ObjectiveViewSet(Readable):
    """What was promised, and what is left of it. Keyed by slug."""

    policy: ClassVar = {
        "list": _READ,
        "retrieve": _READ,
        "budget": _READ,
        "forecast": _READ,
        "create": _DEFINE,
        "partial_update": _KEEP,
        "evaluate": _MEASURE,
        "destroy": _KEEP,
        "allow_self_measuring": _ALLOW,
        "end_self_measuring": _DISALLOW,
    }
    serializer_class = ObjectiveShown
    filterset_class = ObjectiveFilter
    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9-]{1,63}"

    def visible_rows(self) -> QuerySet[Objective]:
        return queries.objectives(self.actor).order_by()

    @extend_schema(request=NewObjective, responses={201: ObjectiveShown})
    @idempotent()
    @transaction.atomic
    def create(self, request: Request) -> Response:
        words = self._measured(self.validated(NewObjective))
        objective = operations.create_objective(actor=self.actor, at=timezone.now(), **words)
        if objective.indicator is not None:
            say_refusal(objective.indicator)
        return self.respond(objective, 201, {"Location": f"/api/v1/slos/{objective.slug}/"})

    @extend_schema(request=ObjectiveEditing, responses={200: ObjectiveShown, 202: AwaitingShown})
    @transaction.atomic
    def partial_update(self, request: Request, slug: str, **kwargs: Any) -> Response:
        words = self._measured(self.validated(ObjectiveEditing))
        changed = operations.edit_objective(
            self.get_object(), actor=self.actor, version=version_read(request), at=timezone.now(), **words
        )
        if changed.awaits is not None:
            return awaiting(changed.awaits)
        return self.respond(queries.by_slug(self.actor, changed.slug))

    def _measured(self, words: dict[str, Any]) -> dict[str, Any]:
        """The indicators that were named or defined: found, or made."""
        if "indicator" in words:
            words["indicator"] = measuring_operations.get_or_create_indicator(actor=self.actor, **words["indicator"])
        if "members" in words:
            words["members"] = [self._member(one, words.get("target")) for one in words["members"]]
        return words

    def _member(self, said: dict[str, Any], target: Decimal | None) -> operations.MemberTerms:
        """A member without a target of its own has the whole's."""
        own = said.pop("target", None) or target or self.get_object().target
        indicator = measuring_operations.get_or_create_indicator(actor=self.actor, **said.pop("indicator"))
        return operations.MemberTerms(indicator, own, **said)

    @extend_schema(request=None, responses={204: None, 202: AwaitingShown})
    def destroy(self, request: Request, slug: str) -> Response:
        """Retire: it promises nothing any more; its history stays."""
        retired = operations.retire_objective(
            self.get_object(), actor=self.actor, version=version_read(request), at=timezone.now()
        )
        return Response(status=204) if retired.awaits is None else awaiting(retired.awaits)

    @extend_schema(responses=BudgetShown, parameters=[_AT])
    @action(detail=True, methods=["get"])
    def budget(self, request: Request, slug: str) -> Response:
        """The budget as last evaluated (each minute), or as of a past instant, from the data as they stand now."""
        refuse_unknown(request.query_params, ("at",), whole=True)
        objective = queries.by_slug(self.actor, slug)  # its parameter is no filter
        if "at" not in request.query_params:
            return Response(BudgetShown(objective.budget).data)
        return Response(BudgetShown(queries.budget_at(objective, instant_asked(request), now=timezone.now())).data)

    @extend_schema(responses=ForecastShown, parameters=ASKED)
    @action(detail=True, methods=["get"])
    def forecast(self, request: Request, slug: str) -> Response:
        """When the budget will be gone, and what would become of it. Nothing is kept."""
        asked = ForecastAsked(data=request.query_params)
        refuse_unknown(request.query_params, asked.fields, whole=True)
        asked.is_valid(raise_exception=True)
        objective = queries.by_slug(self.actor, slug)  # its parameters are no filters
        if asked.validated_data.get("target") is not None and not may_ask_target(objective):
            raise InvalidInput.about("target", gettext("The members of this objective have targets of their own."))
        return Response(ForecastShown(answer(objective, asked.validated_data)).data)

    @extend_schema(request=Nothing, responses=BudgetShown)
    @action(detail=True, methods=["post"])
    def evaluate(self, request: Request, slug: str) -> Response:
        """Evaluate this objective now and answer with its budget."""
        self.validated(Nothing)
        operations.evaluate(at=timezone.now(), objectives=[self.get_object().pk])
        return Response(BudgetShown(self.get_object().budget).data)

    @extend_schema(request=NewAllowance, responses={201: AllowanceShown})
    @action(detail=True, methods=["post"], url_path="allow-self-measuring", url_name="allow-self-measuring")
    def allow_self_measuring(self, request: Request, slug: str) -> Response:
        """An owner's word that who measures this objective may get automatic answers by it."""
        words = self.validated(NewAllowance)
        allowed = operations.allow_self_measuring(self.get_object(), actor=self.actor, at=timezone.now(), **words)
        return Response(AllowanceShown(allowed).data, status=201)

    @extend_schema(request=Nothing, responses=AllowanceShown)
    @action(detail=True, methods=["post"], url_path="end-self-measuring", url_name="end-self-measuring")
    def end_self_measuring(self, request: Request, slug: str) -> Response:
        """Their measurements alone lead to people again."""
        self.validated(Nothing)
        ended = operations.end_self_measuring(self.get_object(), actor=self.actor, at=timezone.now())
        return Response(AllowanceShown(ended).data)
