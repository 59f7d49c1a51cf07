"""Catalog items in bodies and answers."""

from typing import Any, cast

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.agreements.api.fields import AgreementField
from catalog.items.api.tokens import TokenField
from catalog.items.models import CatalogItem, CatalogItemVersion, Entitlement
from catalog.items.queries import read_items
from catalog.items.vocabulary import MAX_CATEGORY, MAX_NAME, MAX_SUMMARY, PricePeriod
from catalog.services.api.fields import ServiceField
from catalog.services.queries import visible_services
from itsm.api import fields
from itsm.api.people import PersonField, TeamField
from itsm.api.serializers import Shown, ShownByReader, Strict
from itsm.markdown import to_html
from itsm.slugs import slug_shape

_ENOUGH = 60_000  # what is longer than it may be is told by the operation, in the same words on every door


class EntitlementSent(Strict):
    """`allow` false keeps out whom the token means, whatever else lets them in."""

    token = TokenField()
    allow = fields.YesNo(required=False, default=True)


class CatalogItemEditing(Strict):
    """Content goes into a draft; terms (owner, team, entitlements) change at once. `form`, `approval`, `fulfilment` are
    documents: what is wrong with one is named by its path."""

    name = fields.Text(max_length=MAX_NAME, required=False)
    summary = fields.Text(max_length=MAX_SUMMARY, allow_blank=True, required=False)
    description = fields.Text(max_length=_ENOUGH, allow_blank=True, required=False, trim_whitespace=False)
    category = fields.Text(max_length=MAX_CATEGORY, allow_blank=True, required=False)
    service = ServiceField(required=False, allow_null=True)
    keywords = serializers.ListField(child=fields.Text(max_length=200), max_length=100, required=False)
    expected_hours = fields.Whole(required=False, allow_null=True, min_value=1, max_value=100_000)
    form = fields.Anything(required=False)
    approval = fields.Anything(required=False)
    fulfilment = fields.Anything(required=False)
    bundle = serializers.ListField(child=fields.Text(max_length=63), max_length=100, required=False)
    price_minor = fields.Whole(required=False, min_value=0, max_value=10**12)
    currency = fields.Text(max_length=3, allow_blank=True, required=False)
    price_period = fields.Choice(choices=PricePeriod.choices, required=False)
    asks_cost_centre = fields.YesNo(required=False)
    agreement = AgreementField(required=False, allow_null=True)
    owner = PersonField(required=False, allow_null=True)
    team = TeamField(required=False)
    entitlements = EntitlementSent(many=True, required=False)


class NewCatalogItem(CatalogItemEditing):
    """`slug`: its name in addresses for good; made of the name where it is not said."""

    name = fields.Text(max_length=MAX_NAME)
    team = TeamField()
    slug = fields.Text(max_length=63, validators=[slug_shape], required=False)


class AnswersSent(Strict):
    """`answers`: key -> answer, as JSON has it. `as_requester`: as who does not work here would be asked."""

    answers = serializers.DictField(child=fields.Anything(), required=False)
    as_requester = fields.YesNo(required=False, default=True)


class AnswersShown(serializers.Serializer[Any]):
    """`shown`: keys of the questions that are asked. `dropped`: keys of answers to what is not. `refused`: key ->
    sentences. `price_minor`: with the surcharges of what was chosen."""

    shown = serializers.ListField(child=serializers.CharField())
    dropped = serializers.ListField(child=serializers.CharField())
    refused = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    price_minor = serializers.IntegerField()


class FormShown(serializers.Serializer[Any]):
    """What is asked: `sections` of questions with their conditions. `begins`: key -> what a question begins with."""

    item = serializers.CharField()
    number = serializers.IntegerField()
    sections = serializers.ListField(child=serializers.DictField(child=fields.Anything()))
    begins = serializers.DictField(child=fields.Anything())


class CatalogItemForRequester(ShownByReader):
    """What can be asked for, by who is entitled to it. `bundle`: slugs of what is asked for together."""

    for_everybody = frozenset(
        {"slug", "name", "summary", "html", "category", "keywords", "service", "expected_hours", "price_minor",
         "currency", "price_period", "asks_cost_centre", "bundle", "picture", "url"}
    )  # fmt: skip

    name = serializers.CharField(source="text.name")
    summary = serializers.CharField(source="text.summary")
    category = serializers.CharField(source="text.category")
    keywords = serializers.ListField(child=serializers.CharField(), source="text.keywords")
    html = serializers.SerializerMethodField()
    service = serializers.SerializerMethodField()
    expected_hours = serializers.IntegerField(source="text.expected_hours", allow_null=True)
    price_minor = serializers.IntegerField(source="text.price_minor")
    currency = serializers.CharField(source="text.currency")
    price_period = serializers.CharField(source="text.price_period")
    asks_cost_centre = serializers.BooleanField(source="text.asks_cost_centre")
    bundle = serializers.SerializerMethodField()
    picture = serializers.SerializerMethodField()
    url = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = CatalogItem
        fields: tuple[str, ...] = (
            "slug", "name", "summary", "html", "category", "keywords", "service", "expected_hours", "price_minor",
            "currency", "price_period", "asks_cost_centre", "bundle", "picture", "url",
        )  # fmt: skip

    def get_html(self, item: CatalogItem) -> str:
        return to_html(item.text.description)

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_bundle(self, item: CatalogItem) -> list[str]:
        """Of its items those that the caller reads too."""
        if not item.text.bundle:
            return []
        context = cast(dict[str, Any], self.context)
        if "items read" not in context:
            seen = read_items(context["view"].actor).order_by()
            context["items read"] = set(seen.values_list("slug", flat=True))
        return [slug for slug in item.text.bundle if slug in context["items read"]]

    @extend_schema_field({"type": "string", "nullable": True})
    def get_picture(self, item: CatalogItem) -> str | None:
        """Where its picture is, for who may ask for it."""
        return item.text.picture_url or None

    @extend_schema_field({"type": "string", "nullable": True})
    def get_service(self, item: CatalogItem) -> str | None:
        """Its slug, where the reader may see the service."""
        service = item.text.service
        if service is None:
            return None
        context = cast(dict[str, Any], self.context)
        if "services seen" not in context:
            seen = visible_services(context["view"].actor).order_by()
            context["services seen"] = set(seen.values_list("pk", flat=True))
        return service.slug if service.pk in context["services seen"] else None


class EntitlementShown(Shown):
    token = TokenField(read_only=True)

    class Meta:
        model = Entitlement
        fields = ("token", "allow")


class CatalogItemShown(CatalogItemForRequester):
    """`live`: the number of the version that can be asked for, null for none; `number`: of the newest, whose state is
    `status`. What is shown of the content is the live one's; of the newest see `versions/`. `needs_second`: whether
    another person than its writers publishes the newest."""

    owner = PersonField(read_only=True)
    team = TeamField(read_only=True)
    entitlements = EntitlementShown(many=True, read_only=True)

    class Meta:
        model = CatalogItem
        fields = (
            *CatalogItemForRequester.Meta.fields, "status", "number", "live", "needs_second", "owner", "team",
            "entitlements", "created_at", "edited_at", "published_at", "version",
        )  # fmt: skip


class CatalogItemVersionShown(Shown):
    service = ServiceField(read_only=True)
    agreement = AgreementField(read_only=True)
    form = fields.Anything(read_only=True)
    approval = fields.Anything(read_only=True)
    fulfilment = fields.Anything(read_only=True)
    proposed_by = PersonField(read_only=True)
    published_by = PersonField(read_only=True)

    class Meta:
        model = CatalogItemVersion
        fields = (
            "number", "state", "name", "summary", "description", "category", "service", "keywords", "expected_hours",
            "form", "approval", "fulfilment", "bundle", "price_minor", "currency", "price_period", "asks_cost_centre",
            "agreement", "hash", "written_at", "proposed_by", "proposed_at", "published_by", "published_at",
        )  # fmt: skip
