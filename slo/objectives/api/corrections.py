"""Corrections and outage periods over REST."""

from typing import ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.steps import draws_steps
from itsm.api.viewsets import Readable
from slo.objectives import operations, permissions, queries
from slo.objectives.api.filters import CorrectionFilter, OutageFilter
from slo.objectives.api.shapes import CorrectionShown, DecidedCause, EffectShown, NewCorrection, OutageShown
from slo.objectives.models import Correction, Outage
from slo.objectives.workflow import CORRECTION

_READ = Entry(permissions.readers)
_DEFINE = Entry(permissions.authors, scopes.SLO_WRITE)


@draws_steps(CORRECTION, record="a correction", scope=scopes.SLO_WRITE, who=permissions.readers)
class CorrectionViewSet(Readable):
    """Periods that budgets do not count, or that somebody asks not to count."""

    policy: ClassVar = {
        "list": _READ,
        "retrieve": _READ,
        "create": _DEFINE,
        "effect": _DEFINE,
    }
    serializer_class = CorrectionShown
    filterset_class = CorrectionFilter
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[Correction]:
        return queries.corrections(self.actor).order_by()

    @extend_schema(request=NewCorrection, responses={201: CorrectionShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        words = self.validated(NewCorrection)
        correction = operations.propose_correction(words.pop("slo"), actor=self.actor, at=timezone.now(), **words)
        return self.respond(correction, 201, {"Location": f"/api/v1/corrections/{correction.pk}/"})

    @extend_schema(request=NewCorrection, responses=EffectShown)
    @action(detail=False, methods=["post"])
    def effect(self, request: Request) -> Response:
        """What a correction would change; nothing is kept."""
        words = self.validated(NewCorrection)
        effect = operations.effect_of(words["slo"], words["starts_at"], words["ends_at"], at=timezone.now())
        return Response(EffectShown(effect).data)


class OutageViewSet(Readable):
    """When budgets were really spent, what it cost, and what it came from."""

    policy: ClassVar = {
        "list": _READ,
        "retrieve": _READ,
        "decide": Entry(permissions.attributors, scopes.SLO_WRITE),
    }
    serializer_class = OutageShown
    filterset_class = OutageFilter
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[Outage]:
        return queries.outages(self.actor).order_by()

    @extend_schema(request=DecidedCause, responses=OutageShown)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        """Confirm a suspected cause, rule it out, or take that back."""
        words = self.validated(DecidedCause)
        operations.decide_cause(
            self.get_object(), words["reference"], actor=self.actor, verdict=words["verdict"], at=timezone.now()
        )
        return self.respond(self.get_object())
