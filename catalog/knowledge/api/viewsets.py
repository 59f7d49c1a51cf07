"""Articles over REST: everybody reads what is live for them, writers write, a second person publishes."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.knowledge import operations, permissions, queries
from catalog.knowledge.api.shapes import (
    ArticleEditing,
    ArticleForReader,
    ArticleShown,
    ArticleVersionShown,
    MarkdownSent,
    MarkdownShown,
    NewArticle,
    SuggestionsShown,
    Vote,
)
from catalog.knowledge.filters import ArticleFilter
from catalog.knowledge.models import Article
from catalog.knowledge.queries.searching import suggest
from catalog.knowledge.queries.shown import excerpt_of
from catalog.knowledge.workflow import WORKFLOW
from catalog.services.queries import visible_services
from itsm import markdown
from itsm.accounts import scopes
from itsm.accounts.permissions import anyone
from itsm.api.filters import refuse_unknown
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.steps import draws_steps
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.kernel.errors import InvalidInput

_WRITE = Entry(permissions.writers, scopes.CATALOG_WRITE)


@draws_steps(
    WORKFLOW, record="an article", scope=scopes.CATALOG_WRITE, who=permissions.staff,
    publish=Entry(permissions.writers, scopes.APPROVE, over=permissions.reviewers),
)  # fmt: skip
class ArticleViewSet(Readable):
    """What is known, for whom it is. Keyed by number (KNO-00031)."""

    policy: ClassVar = {
        "list": Entry(anyone),
        "retrieve": Entry(anyone),
        "suggest": Entry(anyone),
        "versions": Entry(permissions.staff),
        "create": _WRITE,
        "partial_update": Entry(permissions.staff, scopes.CATALOG_WRITE, over=permissions.editors),
        "preview": _WRITE,
        "vote": Entry(permissions.voters, scopes.CATALOG_WRITE, over=permissions.voters),
    }
    serializer_class = ArticleShown
    filterset_class = ArticleFilter
    lookup_field = "number"
    lookup_value_regex = "[A-Za-z]{3}-[0-9]{1,12}"

    def get_serializer_class(self) -> Any:
        whole = getattr(self, "swagger_fake_view", False) or permissions.staff(self.actor)
        return ArticleShown if whole else ArticleForReader

    def visible_rows(self) -> QuerySet[Article]:
        return queries.visible_articles(self.actor).order_by()

    def get_object(self) -> Article:
        return queries.by_reference(self.actor, self.kwargs["number"])

    def respond(self, record: Any, *args: Any, **kwargs: Any) -> Response:
        """As it stands now; without a version for who may not edit."""
        response = super().respond(self.visible_rows().get(pk=record.pk), *args, **kwargs)
        if not permissions.staff(self.actor):
            del response["ETag"]
        return response

    @extend_schema(request=NewArticle, responses={201: ArticleShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        made = operations.create_article(actor=self.actor, at=timezone.now(), **self.validated(NewArticle))
        return self.respond(made, 201, {"Location": f"/api/v1/articles/{made.reference}/"})

    @extend_schema(request=ArticleEditing, responses={200: ArticleShown})
    def partial_update(self, request: Request, number: str) -> Response:
        """Write in it: of a live article into a draft beside it."""
        edited = operations.edit_article(
            self.get_object(), actor=self.actor, version=version_read(request), at=timezone.now(),
            **self.validated(ArticleEditing),
        )  # fmt: skip
        return self.respond(edited)

    @extend_schema(responses={200: ArticleVersionShown(many=True)}, operation_id="articles_versions")
    @action(detail=True, methods=["get"], filter_backends=[])
    def versions(self, request: Request, number: str) -> Response:
        """Its versions, as far as the caller may read them, the newest first."""
        refuse_unknown(request.query_params, ())
        page = self.paginate_queryset(queries.versions_for(self.get_object(), self.actor).order_by("-pk"))
        context = self.get_serializer_context()
        return self.get_paginated_response(ArticleVersionShown(page, many=True, context=context).data)

    @extend_schema(
        parameters=[
            OpenApiParameter("q", str, description="What was typed, from three characters on."),
            OpenApiParameter("service", str, description="The slug of the service that was chosen."),
        ],
        responses={200: SuggestionsShown},
        operation_id="articles_suggest",
    )
    @action(detail=False, methods=["get"], pagination_class=None, filter_backends=[])
    def suggest(self, request: Request) -> Response:
        """The three articles that answer best; what is asked is kept nowhere."""
        refuse_unknown(request.query_params, ["q", "service"], whole=True)
        slug = request.query_params.get("service", "")[:64]
        service = visible_services(self.actor).filter(slug=slug).values_list("pk", flat=True).first() if slug else None
        found = suggest(self.actor, request.query_params.get("q", ""), service_id=service)
        results = [
            {"reference": one.reference, "title": one.title, "excerpt": excerpt_of(one), "url": one.get_absolute_url()}
            for one in found.articles
        ]
        return Response(SuggestionsShown({"results": results, "instead": found.instead}).data)

    @extend_schema(request=MarkdownSent, responses={200: MarkdownShown}, operation_id="articles_preview")
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        """Markdown as it will be shown; nothing is written."""
        body = self.validated(MarkdownSent)["body"]
        if (sentence := markdown.refusal(body)) is not None:
            raise InvalidInput.about("body", sentence)
        return Response(MarkdownShown({"html": markdown.to_html(body)}).data)

    @extend_schema(request=Vote, responses={200: ArticleShown}, operation_id="articles_vote")
    @action(detail=True, methods=["post"])
    def vote(self, request: Request, number: str) -> Response:
        """Whether it helped; said again it replaces what was said."""
        helped = self.validated(Vote)["helped"]
        return self.respond(operations.vote(self.get_object(), actor=self.actor, helped=helped, at=timezone.now()))
