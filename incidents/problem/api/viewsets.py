"""Problems over REST. Each step is a POST to its own name."""

from datetime import datetime
from typing import ClassVar

from django.db.models import QuerySet
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.problem import operations, permissions, queries
from incidents.problem.api.serializers import NewProblem, ProblemEditing, ProblemShown
from incidents.problem.api.telling import POLICY as TELLING
from incidents.problem.api.telling import Telling
from incidents.problem.api.together import POLICY, READ, WORK, Together
from incidents.problem.filters import ProblemFilter
from incidents.problem.models import Problem
from incidents.problem.workflow import WORKFLOW
from itsm.accounts import scopes
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.steps import draws_steps
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable


@draws_steps(WORKFLOW, record="a problem", scope=scopes.INCIDENTS_WRITE, who=permissions.responders)
class ProblemViewSet(Together, Telling, Readable):
    """Causes of incidents, with the minutes of error budgets that they burned in the last 28 days. Keyed by number
    (PRB-00042), the newest first."""

    policy: ClassVar = {
        **POLICY,
        **TELLING,
        "list": Entry(permissions.staff),
        "retrieve": READ,
        "create": Entry(permissions.responders, scopes.INCIDENTS_WRITE),
        "partial_update": WORK,
    }
    serializer_class = ProblemShown
    filterset_class = ProblemFilter
    lookup_field = "number"
    lookup_value_regex = "[A-Za-z]{3}-[0-9]{1,12}"

    @cached_property
    def ranked_at(self) -> datetime | None:
        """As of when the figures of this answer are."""
        return queries.ranked_at()

    def visible_rows(self) -> QuerySet[Problem]:
        return queries.listed(self.actor).select_related("opened_by", "risk_accepted_by", "service__team")

    def get_object(self) -> Problem:
        return queries.by_reference(self.actor, self.kwargs["number"])

    @extend_schema(request=NewProblem, responses={201: ProblemShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        problem = operations.open_problem(actor=self.actor, **self.validated(NewProblem))
        return self.respond(problem, 201, {"Location": f"/api/v1/problems/{problem.reference}/"})

    @extend_schema(request=ProblemEditing, responses={200: ProblemShown})
    def partial_update(self, request: Request, number: str) -> Response:
        words = self.validated(ProblemEditing)
        kept = operations.edit(self.get_object(), actor=self.actor, version=version_read(request), **words)
        return self.respond(kept)
