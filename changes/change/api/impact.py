"""Whom a change would hit, over REST: actions that the viewset of changes takes in."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.services.api.fields import ServiceField
from catalog.services.queries import visible_services
from changes.change import permissions
from changes.change.operations import impact
from changes.change.queries.impact import impact_of
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.filters import refuse_unknown
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, Strict
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound

_PLAN = Entry(permissions.staff, scopes.CHANGES_WRITE, over=permissions.planners)

POLICY: dict[str, Entry] = {
    "impacted": Entry(permissions.staff),
    "refresh_impacted": _PLAN,
    "add_impacted": _PLAN,
    "remove_impacted": _PLAN,
}


class ImpactedServiceShown(serializers.Serializer[Any]):
    service = serializers.CharField(source="slug")
    state = serializers.CharField(help_text="what would become of it: down, degraded, at_risk")
    via = serializers.ListField(child=serializers.CharField(), help_text="from its neighbour to what changes")


class ImpactSnapshotShown(serializers.Serializer[Any]):
    """Whom it would hit now, beside what was kept."""

    taken_at = fields.Instant(allow_null=True, help_text="when it was kept; null: never")
    is_stale = serializers.BooleanField(help_text="others would feel it now, or other items are named")
    impacted = ImpactedServiceShown(many=True, source="now")
    came = serializers.ListField(child=serializers.CharField(), help_text="would feel it now, and are not kept")
    went = serializers.ListField(child=serializers.CharField(), help_text="are kept, and would feel it no more")
    by_hand = serializers.SerializerMethodField()

    def get_by_hand(self, found: Any) -> list[str]:
        """Slugs of the services that people added."""
        return [one["slug"] for one in found.by_hand]


class ImpactedByHand(Strict):
    service = ServiceField()


class WhomItHits:
    """The impact of one change."""

    actor: Actor
    get_object: Any
    validated: Any

    @extend_schema(responses=ImpactSnapshotShown, operation_id="changes_impacted")
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def impacted(self, request: Request, number: str) -> Response:
        """Read anew, beside what was kept."""
        refuse_unknown(request.query_params, (), whole=True)
        return self._impact(self.get_object())

    @extend_schema(request=ImpactedByHand, responses={201: ImpactSnapshotShown}, operation_id="changes_add_impacted")
    @impacted.mapping.post
    @idempotent()
    def add_impacted(self, request: Request, number: str) -> Response:
        """A service that would feel it though nothing tells of it."""
        change = self.get_object()
        impact.add_impacted(change, actor=self.actor, **self.validated(ImpactedByHand))
        return self._impact(change, status=201)

    @extend_schema(request=Nothing, responses=ImpactSnapshotShown, operation_id="changes_refresh_impacted")
    @action(detail=True, methods=["post"], url_path="impacted/refresh", url_name="impacted-refresh")
    def refresh_impacted(self, request: Request, number: str) -> Response:
        """Keep it as it stands now. What was added by hand stays."""
        self.validated(Nothing)
        change = self.get_object()
        impact.take_impact(change, actor=self.actor, at=timezone.now())
        return self._impact(change)

    @extend_schema(request=None, responses={204: None}, operation_id="changes_remove_impacted")
    @action(detail=True, methods=["delete"], url_path="impacted/(?P<slug>[a-z0-9-]{1,80})", url_name="impacted-by-hand")
    def remove_impacted(self, request: Request, number: str, slug: str) -> Response:
        """It was added by hand, and is no more."""
        change = self.get_object()
        service = visible_services(self.actor).filter(slug=slug).first()
        if service is None:
            raise NotFound(_("There is no such service, or you may not see it."))
        impact.remove_impacted(change, actor=self.actor, service=service)
        return Response(status=204)

    def _impact(self, change: Any, status: int = 200) -> Response:
        return Response(ImpactSnapshotShown(impact_of(change, self.actor)).data, status=status)
