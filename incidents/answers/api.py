"""Using an article on an incident over REST."""

from typing import ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.knowledge import queries as knowledge
from incidents.answers import operations
from incidents.incident import permissions, queries
from incidents.incident.api.serializers import IncidentShown
from incidents.incident.models import Incident
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.routing import Router
from itsm.api.serializers import Strict
from itsm.api.viewsets import Rows
from itsm.kernel.errors import InvalidInput, NotFound


class ArticleUsed(Strict):
    """`article`: its reference. `how`: reply with its link or its text, or note it for the team."""

    article = fields.Text(max_length=20)
    how = fields.Choice(choices=[operations.LINK, operations.TEXT, operations.NOTE])


class IncidentAnswerViewSet(Rows):
    """Answers from knowledge on an incident."""

    policy: ClassVar = {
        "create": Entry(permissions.responders, scopes.INCIDENTS_WRITE, over=permissions.workers),
    }
    serializer_class = IncidentShown
    filter_backends = ()

    def visible_rows(self) -> QuerySet[Incident]:
        return queries.listed(self.actor)

    def get_object(self) -> Incident:
        return queries.by_reference(self.actor, self.kwargs["number"])

    @extend_schema(request=ArticleUsed, responses={201: IncidentShown}, operation_id="incidents_use_article")
    @idempotent()
    def create(self, request: Request, number: str) -> Response:
        """Send an article to the caller, or note it for the team; the use is counted."""
        said, incident = self.validated(ArticleUsed), self.get_object()
        try:
            article = knowledge.by_reference(self.actor, said["article"])
        except NotFound as error:
            raise InvalidInput.about("article", error.detail) from error
        used = operations.use_article(incident, article, actor=self.actor, how=said["how"], at=timezone.now())
        return self.respond(used, 201)


def register(router: Router) -> None:
    router.register(
        r"incidents/(?P<number>[A-Za-z]{3}-[0-9]{1,12})/answers", IncidentAnswerViewSet, basename="incident-answer"
    )
