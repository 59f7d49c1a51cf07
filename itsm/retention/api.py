"""Rules of retention over REST: administrators alone."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.accounts.permissions import administrators
from itsm.accounts.queues import rights_in_queues
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.routing import Router
from itsm.api.serializers import Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.kernel.errors import NotPermitted
from itsm.retention import operations, queries
from itsm.retention.models import MOST_MONTHS, RetentionRule
from itsm.retention.permissions import retention_keepers
from itsm.work.retention import offered


class NewRetentionRule(Strict):
    record_kind = fields.Text(max_length=40, help_text="incident, notification, delivery")
    category = fields.Whole(min_value=0, max_value=2**63 - 1, default=0, help_text="0: all without a rule of their own")
    months = fields.Whole(min_value=1, max_value=MOST_MONTHS)
    export_first = fields.YesNo(default=False, help_text="the command takes them, which writes them to a file first")


class RetentionRuleEditing(Strict):
    months = fields.Whole(min_value=1, max_value=MOST_MONTHS, required=False)
    export_first = fields.YesNo(required=False)
    active = fields.YesNo(required=False)
    confirm = fields.YesNo(default=False, help_text="that more may go than before is meant")


class RetentionRuleShown(Shown):
    category_words = serializers.CharField()

    class Meta:
        model = RetentionRule
        fields = ("id", "record_kind", "category", "category_words", "months", "export_first", "active", "version")


class RetentionPreviewShown(serializers.Serializer[Any]):
    """What would go now. `held`: what is as old, and stays by a legal hold."""

    goes = serializers.IntegerField()
    held = serializers.IntegerField()
    before = fields.Instant()


class RetentionRuleViewSet(Readable):
    """How long what is over is kept."""

    policy: ClassVar = {
        "list": Entry(administrators),
        "retrieve": Entry(administrators),
        "preview": Entry(administrators),
        "create": Entry(retention_keepers, scopes.CHANGES_APPROVE),
        "partial_update": Entry(retention_keepers, scopes.CHANGES_APPROVE),
        "destroy": Entry(retention_keepers, scopes.CHANGES_APPROVE),
    }
    serializer_class = RetentionRuleShown
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[RetentionRule]:
        return RetentionRule.objects.filter(record_kind__in=list(offered()))

    @extend_schema(request=NewRetentionRule, responses={201: RetentionRuleShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """Write a rule; it is switched off, and nothing goes."""
        return self.respond(operations.create_rule(actor=self.actor, **self.validated(NewRetentionRule)), 201)

    @extend_schema(request=RetentionRuleEditing, responses=RetentionRuleShown)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change it, switch it on or off."""
        said = self.validated(RetentionRuleEditing)
        confirmed, version = said.pop("confirm"), version_read(request)
        return self.respond(
            operations.edit_rule(self.get_object(), actor=self.actor, version=version, confirmed=confirmed, **said)
        )

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Take the rule away; no record goes with it."""
        operations.delete_rule(self.get_object(), actor=self.actor, version=version_read(request))
        return Response(status=204)

    @extend_schema(responses=RetentionPreviewShown, operation_id="retention_rules_preview")
    @action(detail=True)
    def preview(self, request: Request, pk: str) -> Response:
        """How many records it would take now."""
        rule = self.get_object()
        if rights_in_queues(self.actor).hidden:
            raise NotPermitted(gettext("It is counted over all queues, and you do not see each of them."))
        return Response(RetentionPreviewShown(queries.preview(rule, timezone.now())).data)


def register(router: Router) -> None:
    router.register("retention-rules", RetentionRuleViewSet, basename="retention-rule")
