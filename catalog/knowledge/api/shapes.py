"""Articles in bodies and answers."""

from collections.abc import Callable
from typing import Any, cast

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.knowledge.models import Article, ArticleVersion
from catalog.knowledge.queries import own_votes, pictures_of_each
from catalog.knowledge.queries.origins import origins_of
from catalog.knowledge.vocabulary import MAX_SYMPTOMS, MAX_TITLE, Language
from catalog.services.api.fields import ServiceField
from catalog.services.queries import visible_services
from itsm.api import fields
from itsm.api.audiences import AudienceField
from itsm.api.people import PersonField, TeamField
from itsm.api.serializers import Shown, ShownByReader, Strict
from itsm.files.models import Attachment
from itsm.kernel.actors import Actor
from itsm.markdown import to_html

_ENOUGH = 60_000  # what is longer than it may be is told by the operation, in the same words on every door


class ArticleEditing(Strict):
    """Text goes into a draft; terms (owner, team, service, review_on, valid_to) change at once."""

    title = fields.Text(max_length=MAX_TITLE, required=False)
    symptoms = fields.Text(max_length=MAX_SYMPTOMS, allow_blank=True, required=False)
    body = fields.Text(max_length=_ENOUGH, allow_blank=True, required=False, trim_whitespace=False)
    audience = AudienceField(required=False)
    language = fields.Choice(choices=Language.choices, required=False)
    owner = PersonField(required=False, allow_null=True)
    team = TeamField(required=False, allow_null=True)
    service = ServiceField(required=False, allow_null=True)
    review_on = serializers.DateField(required=False, allow_null=True)
    valid_to = serializers.DateField(required=False, allow_null=True)


class NewArticle(ArticleEditing):
    """`origin`: the reference of the record that it is made from, which fills in what is not said."""

    origin = fields.Text(max_length=20, required=False)


class Vote(Strict):
    helped = fields.YesNo()


class MarkdownSent(Strict):
    body = fields.Text(max_length=_ENOUGH, allow_blank=True, trim_whitespace=False)


class MarkdownShown(serializers.Serializer[Any]):
    html = serializers.CharField()


class ArticleForReader(ShownByReader):
    """What an article says, for whom it is. `html`: its text as it is shown, cleaned. `your_vote`: null for none."""

    for_everybody = frozenset(
        {"reference", "title", "symptoms", "body", "html", "language", "service", "published_at", "your_vote", "url"}
    )

    title = serializers.CharField(source="text.title")
    symptoms = serializers.CharField(source="text.symptoms")
    body = serializers.CharField(source="text.body")
    language = serializers.CharField(source="text.language")
    html = serializers.SerializerMethodField()
    service = serializers.SerializerMethodField()
    your_vote = serializers.SerializerMethodField()
    url = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = Article
        fields: tuple[str, ...] = (
            "reference", "title", "symptoms", "body", "html", "language", "service", "published_at", "your_vote", "url",
        )  # fmt: skip

    def get_html(self, article: Article) -> str:
        found = self._of_all("pictures", lambda rows, actor: pictures_of_each(rows))
        return to_html(article.text.body, pictures=found.get(article.pk, ()))

    def _of_all(self, what: str, read: Callable[[list[Article], Actor], dict[int, Any]]) -> dict[int, Any]:
        """Of all articles of this answer at once, whatever their number."""
        context = cast(dict[str, Any], self.context)
        if what not in context:
            many = isinstance(self.parent, serializers.ListSerializer)
            rows: Any = self.parent.instance if many else [self.instance]
            context[what] = read(list(rows or []), context["view"].actor)
        return cast(dict[int, Any], context[what])

    @extend_schema_field({"type": "string", "nullable": True})
    def get_service(self, article: Article) -> str | None:
        """Its slug, where the reader may see the service."""
        if article.service is None:
            return None
        context = cast(dict[str, Any], self.context)
        if "services seen" not in context:
            seen = visible_services(context["view"].actor).order_by()
            context["services seen"] = set(seen.values_list("pk", flat=True))
        return article.service.slug if article.service.pk in context["services seen"] else None

    @extend_schema_field({"type": "boolean", "nullable": True})
    def get_your_vote(self, article: Article) -> bool | None:
        return cast(bool | None, self._of_all("votes", own_votes).get(article.pk))


class ArticleShown(ArticleForReader):
    """`live`: the number of the version that readers get, null for none; `number`: of the newest, whose state is
    `status`. Title, symptoms, text and audience are those that readers get; of the newest see `versions/`."""

    audience = AudienceField(read_only=True)
    owner = PersonField(read_only=True)
    team = TeamField(read_only=True)
    origin = serializers.SerializerMethodField()

    class Meta:
        model = Article
        fields = (
            *ArticleForReader.Meta.fields, "status", "number", "live", "audience", "owner", "team", "review_on",
            "valid_to", "origin", "helpful", "votes", "uses", "created_at", "edited_at", "version",
        )  # fmt: skip

    @extend_schema_field({"type": "string", "nullable": True})
    def get_origin(self, article: Article) -> str | None:
        """The reference of the record that it was made from, where the reader may see that one."""
        found = self._of_all("origins", origins_of).get(article.pk)
        return found.reference if found is not None else None


class ArticleVersionShown(Shown):
    audience = AudienceField(read_only=True)
    language = serializers.CharField()
    published_by = PersonField(read_only=True)

    class Meta:
        model = ArticleVersion
        fields = (
            "number", "state", "language", "title", "symptoms", "body", "audience", "written_at", "published_by",
            "published_at",
        )  # fmt: skip


class SuggestedShown(serializers.Serializer[Any]):
    """`excerpt`: how the symptoms begin, or the text."""

    reference = serializers.CharField()
    title = serializers.CharField()
    excerpt = serializers.CharField()
    url = fields.OurAddress()


class SuggestionsShown(serializers.Serializer[Any]):
    """`instead`: mistyped word -> the words that were looked for instead."""

    results = SuggestedShown(many=True)
    instead = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


class PictureSent(Strict):
    file = serializers.FileField(allow_empty_file=True)


class PictureShown(Shown):
    """`markdown`: what shows it, once it stands in the text."""

    markdown = serializers.SerializerMethodField()

    class Meta:
        model = Attachment
        fields = ("key", "name", "size", "markdown")

    def get_markdown(self, picture: Attachment) -> str:
        return f"![{picture.name}]({picture.get_absolute_url()})"
