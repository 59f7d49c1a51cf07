"""Agreements over REST: who works here reads them, administrators keep them."""

from functools import cache
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.agreements import operations, permissions, queries
from catalog.agreements.api.shapes import AgreementEditing, AgreementShown, MatchShown, NewAgreement, SubjectSent
from catalog.agreements.models import Agreement
from itsm.accounts import scopes
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable

_KEEP = Entry(permissions.agreement_keepers, scopes.CATALOG_WRITE)


class AgreementViewSet(Readable):
    """What is promised, and to whom. Of those that match the narrowest holds; among equals the first by position."""

    policy: ClassVar = {
        "list": Entry(permissions.agreement_readers),
        "retrieve": Entry(permissions.agreement_readers),
        "create": _KEEP,
        "partial_update": _KEEP,
        "retire": _KEEP,
        "revive": _KEEP,
        "match": Entry(permissions.agreement_readers, scopes.CATALOG_WRITE),
    }
    serializer_class = AgreementShown
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[Agreement]:
        return queries.agreements().order_by()

    def get_serializer_context(self) -> dict[str, Any]:
        """`all` agreements are read once in an answer: what stands behind one is among them."""
        known = cache(lambda: list(queries.agreements()))
        return {**super().get_serializer_context(), "all": known, "at": timezone.now()}

    @extend_schema(request=NewAgreement, responses={201: AgreementShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        made = operations.create_agreement(actor=self.actor, at=timezone.now(), **self.validated(NewAgreement))
        return self.respond(made, 201, {"Location": f"/api/v1/agreements/{made.pk}/"})

    @extend_schema(request=AgreementEditing, responses={200: AgreementShown})
    def partial_update(self, request: Request, pk: str) -> Response:
        edited = operations.edit_agreement(
            self.get_object(), actor=self.actor, version=version_read(request), at=timezone.now(),
            **self.validated(AgreementEditing),
        )  # fmt: skip
        return self.respond(edited)

    @extend_schema(request=Nothing, responses={200: AgreementShown})
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: str) -> Response:
        """It holds for nothing new."""
        self.validated(Nothing)
        found, version = self.get_object(), version_read(request)
        return self.respond(operations.retire_agreement(found, actor=self.actor, version=version, at=timezone.now()))

    @extend_schema(request=Nothing, responses={200: AgreementShown})
    @action(detail=True, methods=["post"])
    def revive(self, request: Request, pk: str) -> Response:
        """It holds again."""
        self.validated(Nothing)
        found, version = self.get_object(), version_read(request)
        return self.respond(operations.revive_agreement(found, actor=self.actor, version=version))

    @extend_schema(request=SubjectSent, responses={200: MatchShown})
    @action(detail=False, methods=["post"])
    def match(self, request: Request) -> Response:
        """Which agreement would hold, and why each of the others not. Nothing is written."""
        said = self.validated(SubjectSent)
        subject = queries.subject(
            service=said.get("service"), offering=said.get("offering"), team=said.get("team"),
            priority=said.get("priority"), category=said["category"], channel=said["channel"],
        )  # fmt: skip
        traced = queries.trace(subject)
        held = next((agreement.name for agreement, words in traced if not words), None)
        rows = [
            {"agreement": agreement.name, "id": agreement.pk, "holds": not words, "why_not": words}
            for agreement, words in traced
        ]
        return Response(MatchShown({"agreement": held, "trace": rows}).data)
