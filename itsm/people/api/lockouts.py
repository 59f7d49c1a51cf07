"""Locked sign-ins over REST: seen and lifted by administrators."""

from typing import Any, ClassVar

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import permissions, scopes
from itsm.accounts.operations.lockouts import lift
from itsm.accounts.queries.lockouts import Lockout, lockouts
from itsm.api import fields
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, Shown
from itsm.api.viewsets import Readable


class LockoutShown(Shown):
    """An account that cannot sign in from an address. `login` is what was typed; there may be no such account."""

    login = serializers.CharField(source="username", allow_null=True)
    address = serializers.CharField(source="ip_address", allow_null=True)
    failures = serializers.IntegerField()
    last_try_at = fields.Instant(source="attempt_time")
    until = serializers.SerializerMethodField()

    class Meta:
        model = AccessAttempt
        fields = ("id", "login", "address", "failures", "last_try_at", "until")

    @extend_schema_field(OpenApiTypes.DATETIME)
    def get_until(self, row: Any) -> str:
        return fields.Instant().to_representation(row.attempt_time + settings.AXES_COOLOFF_TIME)


class LiftedShown(serializers.Serializer[Any]):
    """What was lifted."""

    login = serializers.CharField()
    address = serializers.CharField()
    failures = serializers.IntegerField()


class LockoutViewSet(Readable):
    """Sign-ins that guessing has locked. Keyed by number."""

    policy: ClassVar = {
        **dict.fromkeys(("list", "retrieve"), Entry(permissions.people_keepers)),
        "lift": Entry(permissions.people_keepers, scopes.PEOPLE_WRITE),
    }
    serializer_class = LockoutShown
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[Any]:
        return lockouts()

    @extend_schema(request=Nothing, responses=LiftedShown, operation_id="lockouts_lift")
    @action(detail=True, methods=["post"])
    def lift(self, request: Request, pk: str) -> Response:
        """Let the next try count from one again."""
        self.validated(Nothing)
        found = Lockout.of(self.get_object())
        lift(found, actor=self.actor)
        return Response(LiftedShown(found).data)
