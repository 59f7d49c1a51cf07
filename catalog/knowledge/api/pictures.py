"""Pictures of an article over REST."""

from typing import ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.knowledge import operations, permissions, queries
from catalog.knowledge.api.shapes import PictureSent, PictureShown
from catalog.knowledge.models import Article
from itsm.accounts import scopes
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.files import queries as file_queries
from itsm.files.api import FileRows, sent_with_file
from itsm.files.models import Attachment
from itsm.files.receiving import ONE_FILE, takes_attachments


@takes_attachments(ONE_FILE)
class ArticlePictureViewSet(FileRows):
    """Pictures that an article may show; its readers get those that stand in what is live."""

    policy: ClassVar = {
        "list": Entry(permissions.staff),
        "create": Entry(permissions.writers, scopes.CATALOG_WRITE),
        "destroy": Entry(permissions.writers, scopes.CATALOG_WRITE),
    }
    serializer_class = PictureShown

    @property
    def article(self) -> Article:
        return queries.by_reference(self.actor, self.kwargs["number"])

    def visible_rows(self) -> QuerySet[Attachment]:
        article = self.article
        return file_queries.live().filter(record_kind=article.kind, record_id=article.pk)

    @extend_schema(
        request={"multipart/form-data": PictureSent}, responses={201: PictureShown}, operation_id="articles_add_picture"
    )
    @idempotent()
    def create(self, request: Request, number: str) -> Response:
        """Send one; its text then shows it by `markdown`."""
        article = self.article
        sent = sent_with_file(self, PictureSent)["file"]
        made = operations.add_picture(article, sent, actor=self.actor)
        return self.respond(file_queries.live().get(pk=made.pk), 201, {"Location": made.get_absolute_url()})

    @extend_schema(request=None, responses={204: None}, operation_id="articles_withdraw_picture")
    def destroy(self, request: Request, number: str, key: str) -> Response:
        """Take it away at once, from what is live too: who writes articles."""
        article = self.article
        operations.withdraw_picture(article, queries.picture_named(article, key), actor=self.actor)
        return Response(status=204)
