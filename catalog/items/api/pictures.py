"""The picture of a catalog item over REST."""

from typing import Any, ClassVar, cast

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
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
from itsm.api.viewsets import Rows
from itsm.files import operations as files
from itsm.files.receiving import ONE_FILE, Received, takes_attachments
from itsm.kernel.errors import InvalidInput


class ItemPictureSent(Strict):
    file = serializers.FileField(allow_empty_file=True)


@takes_attachments(ONE_FILE)
class CatalogItemPictureViewSet(Rows):
    """What its draft shows, and its readers once that is published."""

    policy: ClassVar = {"create": Entry(permissions.staff, scopes.CATALOG_WRITE, over=permissions.writers)}
    serializer_class = CatalogItemShown
    parser_classes = (MultiPartParser,)
    filter_backends = ()

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
        item, body = self.get_object(), cast(QueryDict, self.request.data)
        if any(len(values) > 1 for _name, values in body.lists()):
            raise InvalidInput(gettext("Send each part once."))
        if (one := body.get("file")) is not None and isinstance(one, Received):
            files.require_usable([one])  # 413 and 503 before the shape of the rest
        given = ItemPictureSent(data=body.dict(), context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        sent: Any = given.validated_data["file"]
        version = version_read(request)
        made = operations.set_picture(item, sent, actor=self.actor, version=version, at=timezone.now())
        return self.respond(self.visible_rows().get(pk=made.pk), 201, {"Location": made.get_absolute_url()})
