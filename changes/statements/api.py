"""A decision as a signed statement, over REST."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from changes.change import permissions
from changes.change.models import Evaluation
from changes.change.queries import listing
from changes.statements.queries import signed
from itsm.accounts import scopes
from itsm.api.filters import refuse_unknown
from itsm.api.permissions import Entry
from itsm.api.viewsets import Rows


class SignatureShown(serializers.Serializer[Any]):
    keyid = serializers.CharField(help_text="names a key of /.well-known/headroom-signing-keys.json")
    sig = serializers.CharField(help_text="base64")


class SignedStatementShown(serializers.Serializer[Any]):
    """A DSSE envelope; its payload is an in-toto Statement v1."""

    payloadType = serializers.CharField()  # noqa: N815 - DSSE names it
    payload = serializers.CharField(help_text="base64")
    signatures = SignatureShown(many=True)


class StatementViewSet(Rows):
    """What the gate answered, signed, for whoever verifies it without us."""

    policy: ClassVar = {"retrieve": Entry(permissions.anyone, (scopes.READ, scopes.GATE_ASK))}
    serializer_class = SignedStatementShown

    def visible_rows(self) -> QuerySet[Evaluation]:
        return listing.evaluations(self.actor)

    def get_queryset(self) -> QuerySet[Evaluation]:
        return Evaluation.objects.none() if getattr(self, "swagger_fake_view", False) else self.visible_rows()

    @extend_schema(operation_id="gate_evaluations_statement", responses=SignedStatementShown)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Of what was decided; 404 while it waits."""
        refuse_unknown(request.query_params, (), whole=True)
        return Response(SignedStatementShown(signed(self.get_object(), timezone.now())).data)
