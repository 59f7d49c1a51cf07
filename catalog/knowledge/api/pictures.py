"""Pictures of an article over REST."""

from typing import Any, ClassVar, cast

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.knowledge import operations, permissions, queries
from catalog.knowledge.api.shapes import PictureSent, PictureShown
from catalog.knowledge.models import Article
from itsm.accounts import scopes
from itsm.api.filters import refuse_unknown
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.viewsets import Rows
from itsm.files import operations as files
from itsm.files import queries as file_queries
from itsm.files.models import Attachment
from itsm.files.receiving import ONE_FILE, Received, takes_attachments
from itsm.kernel.errors import InvalidInput


@takes_attachments(ONE_FILE)
class ArticlePictureViewSet(Rows):
    """Pictures that an article may show; its readers get those that stand in what is live."""

    policy: ClassVar = {
        "list": Entry(permissions.staff),
        "create": Entry(permissions.writers, scopes.CATALOG_WRITE),
        "destroy": Entry(permissions.writers, scopes.CATALOG_WRITE),
    }
    serializer_class = PictureShown
    parser_classes = (MultiPartParser,)
    filter_backends = ()
    lookup_field = "key"
    lookup_value_regex = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

    @property
    def article(self) -> Article:
        return queries.by_reference(self.actor, self.kwargs["number"])

    def visible_rows(self) -> QuerySet[Attachment]:
        article = self.article
        return file_queries.live().filter(record_kind=article.kind, record_id=article.pk)

    def list(self, request: Request, number: str) -> Response:
        """In the order in which they came."""
        refuse_unknown(request.query_params, ())
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        request={"multipart/form-data": PictureSent}, responses={201: PictureShown}, operation_id="articles_add_picture"
    )
    @idempotent()
    def create(self, request: Request, number: str) -> Response:
        """Send one; its text then shows it by `markdown`."""
        article, body = self.article, cast(QueryDict, self.request.data)
        if any(len(values) > 1 for _name, values in body.lists()):
            raise InvalidInput(gettext("Send each part once."))
        if (one := body.get("file")) is not None and isinstance(one, Received):
            files.require_usable([one])  # 413 and 503 before the shape of the rest
        given = PictureSent(data=body.dict(), context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        sent: Any = given.validated_data["file"]
        made = operations.add_picture(article, sent, actor=self.actor)
        return self.respond(file_queries.live().get(pk=made.pk), 201, {"Location": made.get_absolute_url()})

    @extend_schema(request=None, responses={204: None}, operation_id="articles_withdraw_picture")
    def destroy(self, request: Request, number: str, key: str) -> Response:
        """Take it away at once, from what is live too: who writes articles."""
        article = self.article
        operations.withdraw_picture(article, queries.picture_named(article, key), actor=self.actor)
        return Response(status=204)
