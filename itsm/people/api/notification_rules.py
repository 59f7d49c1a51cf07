"""How news come by default, over REST: administrators alone."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.accounts.permissions import administrators
from itsm.api import fields
from itsm.api.permissions import Entry
from itsm.api.serializers import Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.kernel.actors import Actor
from itsm.notifications.defaults import known_rules
from itsm.notifications.models import RuleDefault, Wish
from itsm.people.operations import notification_rules as operations


class NotificationRuleEditing(Strict):
    how = fields.Choice(choices=Wish.How.choices, allow_null=True, help_text="null: as the product has it")


class NotificationRuleShown(Shown):
    how = fields.Choice(choices=Wish.How.choices, source="effective", help_text="what holds for who wishes nothing")
    product = fields.Choice(choices=Wish.How.choices, source="rule.default", help_text="what it is where nobody set it")
    duty = serializers.BooleanField(source="rule.duty", help_text="news that people must have: cannot be changed")
    words = serializers.CharField(source="rule.words")

    class Meta:
        model = RuleDefault
        fields = ("id", "event", "relation", "words", "how", "product", "duty", "version")


def _keeping(actor: Actor, record: Any = None) -> bool:
    return operations.keeps_rules(actor)


class NotificationRuleViewSet(Readable):
    """Which news reach whom by default: event by relation."""

    policy: ClassVar = {
        "list": Entry(administrators),
        "retrieve": Entry(administrators),
        "partial_update": Entry(_keeping, scopes.CHANGES_APPROVE),
    }
    serializer_class = NotificationRuleShown
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[RuleDefault]:
        return known_rules()

    @extend_schema(request=NotificationRuleEditing, responses=NotificationRuleShown)
    def partial_update(self, request: Request, pk: str, **kwargs: Any) -> Response:
        """Say how such news come by default."""
        said = self.validated(NotificationRuleEditing)
        return self.respond(
            operations.set_default(self.get_object(), said["how"], actor=self.actor, version=version_read(request))
        )
