"""The secret by which a receiver knows that a callback is ours."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from changes.change import permissions
from changes.change.models import Evaluation
from changes.change.operations import callbacks
from itsm.accounts import scopes
from itsm.api.filters import refuse_unknown
from itsm.api.permissions import Entry
from itsm.api.viewsets import Rows
from itsm.kernel.errors import NotPermitted
from itsm.workload_identity.queries import was_exchanged


class CallbackSecretShown(serializers.Serializer[Any]):
    """`secret`: of Standard Webhooks, `whsec_` and base64; it changes when every way into the account is ended."""

    secret = serializers.CharField()


class CallbackSecretViewSet(Rows):
    """What callbacks of one's own questions to the gate are signed with."""

    policy: ClassVar = {"retrieve": Entry(permissions.askers, scopes.GATE_ASK)}
    serializer_class = CallbackSecretShown

    def visible_rows(self) -> QuerySet[Evaluation]:
        return Evaluation.objects.none()

    def get_queryset(self) -> QuerySet[Evaluation]:
        return self.visible_rows()

    @extend_schema(responses=CallbackSecretShown, operation_id="callback_secret_retrieve")
    def retrieve(self, request: Request) -> Response:
        """The caller's own."""
        refuse_unknown(request.query_params, (), whole=True)
        if was_exchanged(request.auth):
            # It lasts: who held a token for ten minutes would sign callbacks for ever.
            raise NotPermitted(gettext("A pipeline's token of ten minutes does not read a secret that outlives it."))
        return Response(CallbackSecretShown({"secret": callbacks.secret_in_words(self.actor.account_id)}).data)
