"""Policy versions over REST."""

from typing import ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from changes.policies import operations as ruling
from changes.policies import permissions
from changes.policies import queries as policy_queries
from changes.policies.models import PolicyVersion
from itsm.accounts import scopes
from itsm.accounts.permissions import staff
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.people import PersonField
from itsm.api.permissions import Entry
from itsm.api.serializers import Shown, Strict
from itsm.api.viewsets import Readable


class NewPolicyVersion(Strict):
    content = serializers.JSONField(
        help_text="the whole policy: table, limits, risk, authorities; capacity where forecasts are to ask people"
    )


class PolicyApprovalWords(Strict):
    decision = fields.Choice(choices=["approve", "decline"])
    comment = fields.Text(max_length=4000, allow_blank=True, default="")


class PolicyVersionShown(Shown):
    proposed_by = PersonField(read_only=True)
    rules = serializers.SerializerMethodField()

    class Meta:
        model = PolicyVersion
        fields = ("id", "slug", "number", "hash", "content", "proposed_by", "proposed_at", "rules")

    def get_rules(self, version: PolicyVersion) -> bool:
        """It is the version that decides now."""
        ruling = policy_queries.ruling()
        return ruling is not None and ruling.pk == version.pk


class PolicyVersionViewSet(Readable):
    """Versions of the policy. One rules after another person approved it."""

    policy: ClassVar = {
        "list": Entry(staff),
        "retrieve": Entry(staff),
        "create": Entry(permissions.policy_keepers, scopes.CHANGES_WRITE),
        "approvals": Entry(staff, scopes.CHANGES_APPROVE, over=ruling.may_be_heard),
    }
    serializer_class = PolicyVersionShown
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[PolicyVersion]:
        return PolicyVersion.objects.select_related("proposed_by").order_by()

    @extend_schema(request=NewPolicyVersion, responses={201: PolicyVersionShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """Propose a version, as a change manager; it rules nothing yet."""
        version = ruling.propose(actor=self.actor, at=timezone.now(), **self.validated(NewPolicyVersion))
        return self.respond(version, 201, {"Location": f"/api/v1/policy-versions/{version.pk}/"})

    @extend_schema(request=PolicyApprovalWords, responses={201: PolicyVersionShown})
    @action(detail=True, methods=["post"])
    @idempotent()
    def approvals(self, request: Request, pk: str) -> Response:
        """Approve or decline, as a change manager who did not propose it; approved, it rules from here on."""
        words = self.validated(PolicyApprovalWords)
        return self.respond(ruling.decide(self.get_object(), actor=self.actor, at=timezone.now(), **words), 201)
