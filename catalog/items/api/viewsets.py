"""Catalog items over REST: everybody reads what is offered to them, writers write and publish."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.items import operations, permissions, queries
from catalog.items.api.shapes import (
    AnswersSent,
    AnswersShown,
    CatalogItemEditing,
    CatalogItemForRequester,
    CatalogItemShown,
    CatalogItemVersionShown,
    FormShown,
    NewCatalogItem,
)
from catalog.items.filters import ItemFilter
from catalog.items.models import CatalogItem
from catalog.items.workflow import WORKFLOW
from itsm.accounts import scopes
from itsm.accounts.permissions import anyone
from itsm.api.filters import refuse_unknown
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.steps import draws_steps
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable


@draws_steps(
    WORKFLOW, record="a catalog item", scope=scopes.CATALOG_WRITE, who=permissions.staff,
    publish=Entry(permissions.authors, scopes.APPROVE, over=permissions.publishers),
)  # fmt: skip
class CatalogItemViewSet(Readable):
    """What people may ask for, by slug: for who works here every item, for others what is offered to them."""

    policy: ClassVar = {
        "list": Entry(anyone),
        "retrieve": Entry(anyone),
        "form": Entry(anyone),
        "versions": Entry(permissions.staff),
        "create": Entry(permissions.authors, scopes.CATALOG_WRITE),
        "partial_update": Entry(permissions.staff, scopes.CATALOG_WRITE, over=permissions.keepers),
        "preview": Entry(permissions.staff, scopes.CATALOG_WRITE),
    }
    serializer_class = CatalogItemShown
    filterset_class = ItemFilter
    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9][a-z0-9-]{0,62}"

    def get_serializer_class(self) -> Any:
        whole = getattr(self, "swagger_fake_view", False) or permissions.staff(self.actor)
        return CatalogItemShown if whole else CatalogItemForRequester

    def visible_rows(self) -> QuerySet[CatalogItem]:
        return queries.read_items(self.actor).order_by()

    def get_object(self) -> CatalogItem:
        return queries.read_item(self.actor, self.kwargs["slug"])

    def respond(self, record: Any, *args: Any, **kwargs: Any) -> Response:
        """As it stands now; without a version for who may not edit."""
        response = super().respond(self.visible_rows().get(pk=record.pk), *args, **kwargs)
        if not permissions.staff(self.actor):
            del response["ETag"]
        return response

    @extend_schema(request=NewCatalogItem, responses={201: CatalogItemShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        made = operations.create_item(actor=self.actor, at=timezone.now(), **self.validated(NewCatalogItem))
        return self.respond(made, 201, {"Location": f"/api/v1/catalog-items/{made.slug}/"})

    @extend_schema(request=CatalogItemEditing, responses={200: CatalogItemShown})
    def partial_update(self, request: Request, slug: str) -> Response:
        """Write in it: of one that can be asked for into a draft beside it."""
        edited = operations.edit_item(
            self.get_object(), actor=self.actor, version=version_read(request), at=timezone.now(),
            **self.validated(CatalogItemEditing),
        )  # fmt: skip
        return self.respond(edited)

    @extend_schema(responses={200: CatalogItemVersionShown(many=True)}, operation_id="catalog_items_versions")
    @action(detail=True, methods=["get"], filter_backends=[])
    def versions(self, request: Request, slug: str) -> Response:
        """Its versions with their documents, the newest first."""
        refuse_unknown(request.query_params, ())
        page = self.paginate_queryset(queries.versions_of(self.get_object()).order_by("-pk"))
        context = self.get_serializer_context()
        return self.get_paginated_response(CatalogItemVersionShown(page, many=True, context=context).data)

    @extend_schema(responses={200: FormShown}, operation_id="catalog_items_form")
    @action(detail=True, methods=["get"], filter_backends=[], pagination_class=None)
    def form(self, request: Request, slug: str) -> Response:
        """What is asked of whoever asks for it now: 404 where it is not offered to the caller."""
        refuse_unknown(request.query_params, ())
        item = queries.offered_by_slug(self.actor, self.kwargs["slug"])
        return Response(FormShown(queries.form_for(item.text, item, self.actor)).data)

    @extend_schema(request=AnswersSent, responses={200: AnswersShown}, operation_id="catalog_items_preview")
    @action(detail=True, methods=["post"])
    def preview(self, request: Request, slug: str) -> Response:
        """What would become of these answers, by the newest version: nothing is asked for, nothing is written."""
        said = self.validated(AnswersSent)
        newest = self.get_object().newest
        judged = queries.judge(
            newest, said.get("answers", {}), actor=self.actor, at=timezone.now(), as_requester=said["as_requester"]
        )
        shown = {
            "shown": judged.shown, "dropped": judged.dropped, "refused": judged.errors,
            "price_minor": newest.price_minor + judged.surcharge,
        }  # fmt: skip
        return Response(AnswersShown(shown).data)
