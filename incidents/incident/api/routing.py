"""Why an incident lies where it lies, over REST; and asking the rules again."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.incident import operations, permissions, queries
from incidents.incident.api.serializers import IncidentShown
from incidents.incident.models import Incident
from itsm.accounts import scopes
from itsm.api.filters import refuse_unknown
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.routing import Router
from itsm.api.serializers import Nothing
from itsm.api.viewsets import Rows
from itsm.assignment.api import RoutingShown, shown_routings


class IncidentRoutingViewSet(Rows):
    """What the rules said about an incident, newest first."""

    policy: ClassVar = {
        "list": Entry(permissions.staff),
        "create": Entry(permissions.responders, scopes.INCIDENTS_WRITE, over=permissions.workers),
    }
    serializer_class = IncidentShown
    pagination_class = None

    def visible_rows(self) -> QuerySet[Incident]:
        return queries.listed(self.actor)

    def get_object(self) -> Incident:
        return queries.by_reference(self.actor, self.kwargs["number"])

    @extend_schema(responses={200: RoutingShown(many=True)}, operation_id="incidents_routing", filters=False)
    def list(self, request: Request, number: str) -> Any:
        refuse_unknown(request.query_params, (), whole=True)
        return Response(RoutingShown(shown_routings(self.actor, self.get_object()), many=True).data)

    @extend_schema(request=Nothing, responses={200: IncidentShown}, operation_id="incidents_route_again")
    @idempotent()
    def create(self, request: Request, number: str) -> Response:
        """Route again: rules place what nobody chose, and what they override."""
        self.validated(Nothing)
        routed = operations.route_again(self.get_object(), actor=self.actor)
        return self.respond(queries.by_reference(self.actor, routed.reference))


def register(router: Router) -> None:
    router.register(
        "incidents/(?P<number>[A-Za-z]{3}-[0-9]{1,12})/routing", IncidentRoutingViewSet, basename="incident-routing"
    )
