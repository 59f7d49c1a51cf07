"""Major incidents over REST. Each step is a POST to its own name."""

from datetime import datetime
from typing import ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.incident import queries as incidents
from incidents.major import operations, permissions, queries
from incidents.major.api.serializers import (
    CandidateRuleEditing,
    CandidateRuleShown,
    MajorEditing,
    MajorShown,
    NewMajor,
)
from incidents.major.api.together import POLICY, READ, WORK, Together
from incidents.major.filters import MajorFilter
from incidents.major.models import CandidateRule, Major
from incidents.major.workflow import WORKFLOW
from itsm.accounts import scopes
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.steps import draws_steps
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.approvals.api.viewsets import AWAITING


@draws_steps(WORKFLOW, record="a major", scope=scopes.INCIDENTS_WRITE, who=permissions.staff, awaiting=AWAITING)
class MajorViewSet(Together, Readable):
    """Major incidents, keyed by the number of their incident (INC-00042), the newest first."""

    policy: ClassVar = {
        **POLICY,
        "list": Entry(permissions.staff),
        "retrieve": READ,
        "create": Entry(permissions.responders, scopes.INCIDENTS_WRITE),
        "partial_update": WORK,
    }
    serializer_class = MajorShown
    filterset_class = MajorFilter
    lookup_field = "number"
    lookup_value_regex = "[A-Za-z]{3}-[0-9]{1,12}"

    @cached_property
    def now(self) -> datetime:
        """The instant of this answer."""
        return timezone.now()

    def visible_rows(self) -> QuerySet[Major]:
        return queries.listed(self.actor)

    def get_object(self) -> Major:
        return queries.by_reference(self.actor, self.kwargs["number"])

    @extend_schema(request=NewMajor, responses={201: MajorShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """Propose that an incident is a major one. Proposed twice, it is proposed once."""
        words = self.validated(NewMajor)
        incident = incidents.by_reference(self.actor, words["incident"])
        made = operations.propose_incident(incident, actor=self.actor, reason=words["reason"], at=self.now)
        return self.respond(made, 201, {"Location": f"/api/v1/majors/{made.reference}/"})

    @extend_schema(request=MajorEditing, responses={200: MajorShown})
    def partial_update(self, request: Request, number: str) -> Response:
        """Severity, impact, who plays which part, where they meet, how often those who wait hear something."""
        words = self.validated(MajorEditing)
        kept = operations.edit(self.get_object(), actor=self.actor, version=version_read(request), **words)
        return self.respond(kept)


class CandidateRuleViewSet(Readable):
    """What proposes a major incident by itself. Keyed by its word."""

    policy: ClassVar = {
        "list": Entry(permissions.staff),
        "retrieve": Entry(permissions.staff),
        "partial_update": Entry(permissions.keepers, scopes.INCIDENTS_WRITE),
    }
    serializer_class = CandidateRuleShown
    lookup_field = "rule"
    lookup_value_regex = "[a-z0-9_]{1,20}"

    def visible_rows(self) -> QuerySet[CandidateRule]:
        return queries.rules()

    @extend_schema(request=CandidateRuleEditing, responses={200: CandidateRuleShown})
    def partial_update(self, request: Request, rule: str) -> Response:
        """Change from when on it proposes, or whether."""
        words = self.validated(CandidateRuleEditing)
        kept = operations.edit_rule(self.get_object(), actor=self.actor, version=version_read(request), **words)
        return self.respond(kept)
