"""What changes keep quiet, over REST."""

from typing import ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.services.queries import every_service
from incidents.alerts_in import permissions
from incidents.alerts_in.models import Quiet, QuietCopy
from incidents.alerts_in.operations import quiets
from incidents.alerts_in.queries import stream
from incidents.alerts_in.vocabulary import CopyStatus, QuietStatus
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.filters import Listed
from itsm.api.permissions import Entry
from itsm.api.serializers import Shown, Strict
from itsm.api.viewsets import Readable


class Lifting(Strict):
    reason = fields.Text(max_length=200, allow_blank=True, default="")


class QuietCopyShown(Shown):
    source = serializers.CharField(source="source.slug", read_only=True)  # type: ignore[assignment]
    status = fields.Choice(choices=CopyStatus.choices, read_only=True)

    class Meta:
        model = QuietCopy
        fields = ("source", "silence_id", "status", "leased_until", "checked_at", "error")


class QuietShown(Shown):
    change = serializers.CharField(source="change_reference", read_only=True)
    services = serializers.SerializerMethodField()
    matchers = serializers.ListField(child=serializers.DictField(), read_only=True)
    copies = QuietCopyShown(many=True, read_only=True)
    status = fields.Choice(choices=QuietStatus.choices, read_only=True)

    class Meta:
        model = Quiet
        fields = (
            "id", "change", "status", "services", "environment", "matchers", "starts_at", "ends_at", "lifted_at", "why",
            "hidden", "copies", "version",
        )  # fmt: skip

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_services(self, quiet: Quiet) -> list[str]:
        known = every_service().filter(pk__in=quiet.services).order_by("slug")
        return list(known.values_list("slug", flat=True))


class QuietFilter(Listed):
    status = django_filters.ChoiceFilter(choices=QuietStatus.choices)
    change = django_filters.CharFilter(field_name="change_reference", max_length=40)

    class Meta:
        model = Quiet
        fields = ("status", "change")


class QuietViewSet(Readable):
    """What is kept quiet while changes are at work, here and in Alertmanagers."""

    policy: ClassVar = {
        "list": Entry(permissions.readers),
        "retrieve": Entry(permissions.readers),
        "lift": Entry(permissions.responders, scopes.INCIDENTS_WRITE),
    }
    serializer_class = QuietShown
    filterset_class = QuietFilter
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[Quiet]:
        return stream.quiets(self.actor)

    @extend_schema(request=Lifting, responses=QuietShown)
    @action(detail=True, methods=["post"])
    def lift(self, request: Request, pk: str) -> Response:
        """End it now: what fires still opens its incident at once."""
        words = self.validated(Lifting)
        return self.respond(quiets.lift(self.get_object(), actor=self.actor, reason=words["reason"]))
