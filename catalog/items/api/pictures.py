"""The picture of a catalog item over REST."""

from typing import ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.items import operations, permissions, queries
from catalog.items.api.shapes import CatalogItemShown
from catalog.items.models import CatalogItem
from itsm.accounts import scopes
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Strict
from itsm.api.versions import version_read
from itsm.files.api import FileSent, sent_with_file
from itsm.files.receiving import ONE_FILE, takes_attachments


class ItemPictureSent(Strict):
    file = serializers.FileField(allow_empty_file=True)


@takes_attachments(ONE_FILE)
class CatalogItemPictureViewSet(FileSent):
    """What its draft shows, and its readers once that is published."""

    policy: ClassVar = {"create": Entry(permissions.staff, scopes.CATALOG_WRITE, over=permissions.writers)}
    serializer_class = CatalogItemShown

    def visible_rows(self) -> QuerySet[CatalogItem]:
        return queries.read_items(self.actor).order_by()

    def get_object(self) -> CatalogItem:
        return queries.read_item(self.actor, self.kwargs["slug"])

    @extend_schema(
        request={"multipart/form-data": ItemPictureSent}, responses={201: CatalogItemShown},
        operation_id="catalog_items_set_picture",
    )  # fmt: skip
    @idempotent()
    def create(self, request: Request, slug: str) -> Response:
        """Send one; of a live item its draft shows it. `If-Match`: the version of the item that you read."""
        item = self.get_object()
        sent = sent_with_file(self, ItemPictureSent)["file"]
        version = version_read(request)
        made = operations.set_picture(item, sent, actor=self.actor, version=version, at=timezone.now())
        return self.respond(self.visible_rows().get(pk=made.pk), 201, {"Location": made.get_absolute_url()})
