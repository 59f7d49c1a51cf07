"""What sources say of one item over REST: why each value holds, pinning, merging, splitting."""

from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.cmdb.api.fields import ItemField
from catalog.cmdb.api.serializers import ItemShown
from catalog.cmdb.models import CI
from catalog.cmdb.permissions import item_editors
from catalog.cmdb.queries.items import by_reference, listed
from catalog.engine.reconcile import Lost
from catalog.reconciliation import operations, permissions
from catalog.reconciliation.models import SourceRecord
from catalog.reconciliation.queries.explained import Explained, explained, waiting_relations
from catalog.reconciliation.vocabulary import Direction
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.filters import refuse_unknown
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Shown, Strict
from itsm.api.viewsets import Rows
from itsm.kernel.errors import InvalidInput


class ClaimSaidShown(serializers.Serializer[Any]):
    """`lost`: by what it is behind; null of the claim that holds. `rank`: the lower, the sooner believed."""

    source = serializers.CharField()  # type: ignore[assignment]
    record = serializers.CharField()
    value = fields.Anything()
    observed_at = fields.Instant()
    rank = serializers.IntegerField()
    lost = fields.Choice(choices=[str(one.value) for one in Lost], allow_null=True)
    why = serializers.CharField(source="words")
    agrees = serializers.BooleanField()


class ClaimedValueShown(serializers.Serializer[Any]):
    """A key with what holds and all that was said of it, the strongest first. `pinned`: people wrote it."""

    key = serializers.CharField()
    value = fields.Anything()
    pinned = serializers.BooleanField()
    said = ClaimSaidShown(many=True)


class SourceRecordShown(Shown):
    """One record of a source that speaks of the item. `identified_by`: what it is known by."""

    source = serializers.CharField(source="source.slug")  # type: ignore[assignment]
    identified_by = serializers.SerializerMethodField()

    class Meta:
        model = SourceRecord
        fields = ("source", "key", "identified_by", "observed_at", "last_seen_at", "gone_at")

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
    def get_identified_by(self, record: SourceRecord) -> Any:
        return record.values


class WaitingRelationShown(serializers.Serializer[Any]):
    """A relation that a source claims, whose other end nobody has brought yet."""

    source = serializers.CharField(source="record.source.slug")  # type: ignore[assignment]
    type = serializers.CharField()
    direction = fields.Choice(choices=Direction.choices)
    by = serializers.CharField()
    target = serializers.CharField()


@extend_schema_serializer(many=False)
class ClaimsShown(serializers.Serializer[Any]):
    reference = serializers.CharField()
    values = ClaimedValueShown(many=True)
    records = SourceRecordShown(many=True)
    waiting = WaitingRelationShown(many=True)


class ClaimKeySent(Strict):
    """`key` as claims have it: name, environment, team, description, attributes.<key>."""

    key = fields.Text(max_length=80)


class ItemMergeSent(Strict):
    into = ItemField()
    why = fields.Text(max_length=500, allow_blank=True, default="")


class SplitRecordSent(Strict):
    source = fields.Text(max_length=63)  # type: ignore[assignment]
    key = fields.Text(max_length=500)


class ItemSplitSent(Strict):
    """The records that speak of another thing than the rest."""

    records = serializers.ListField(child=SplitRecordSent(), min_length=1, max_length=100)
    why = fields.Text(max_length=500, allow_blank=True, default="")


class OfItem(Rows):
    """Something about one item, which is found as the list of items finds it."""

    serializer_class = ItemShown
    filter_backends = ()
    pagination_class = None

    def visible_rows(self) -> QuerySet[CI]:
        return listed(self.actor)

    def get_object(self) -> CI:
        return by_reference(self.actor, self.kwargs["reference"])


_EDIT = Entry(permissions.importers, scopes.CATALOG_WRITE, over=item_editors)


class ClaimViewSet(OfItem):
    """Why each value of an item is what it is."""

    policy: ClassVar = {"list": Entry(permissions.run_readers), "pin": _EDIT, "unpin": _EDIT}

    @extend_schema(responses={200: ClaimsShown}, operation_id="cis_claims")
    def list(self, request: Request, reference: str) -> Response:
        """Every claim on every key, the strongest first."""
        refuse_unknown(request.query_params, (), whole=True)
        return self._claims(self.get_object())

    @extend_schema(request=ClaimKeySent, responses={200: ClaimsShown}, operation_id="cis_claims_pin")
    @action(detail=False, methods=["post"])
    def pin(self, request: Request, reference: str) -> Response:
        """What holds now is the word of people: no source moves it."""
        return self._claims(operations.pin(self.get_object(), self.validated(ClaimKeySent)["key"], actor=self.actor))

    @extend_schema(request=ClaimKeySent, responses={200: ClaimsShown}, operation_id="cis_claims_unpin")
    @action(detail=False, methods=["post"])
    def unpin(self, request: Request, reference: str) -> Response:
        """Sources are believed again."""
        return self._claims(operations.unpin(self.get_object(), self.validated(ClaimKeySent)["key"], actor=self.actor))

    def _claims(self, item: CI) -> Response:
        found: list[Explained] = explained(item)
        records = item.records.select_related("source").order_by("source__rank", "key")
        shown = {
            "reference": item.reference, "values": found, "records": records, "waiting": waiting_relations(item),
        }  # fmt: skip
        return Response(ClaimsShown(shown, context=self.get_serializer_context()).data)


class MergeViewSet(OfItem):
    """Two items are one thing."""

    policy: ClassVar = {"create": Entry(permissions.deciders, scopes.CATALOG_WRITE)}

    @extend_schema(request=ItemMergeSent, responses={200: ItemShown}, operation_id="cis_merge")
    @idempotent()
    def create(self, request: Request, reference: str) -> Response:
        """Answers with the one that lives on; the other one's reference answers 308 from now on."""
        said = self.validated(ItemMergeSent)
        survivor = operations.merge(self.get_object(), said["into"], actor=self.actor, why=said["why"])
        return self.respond(by_reference(self.actor, survivor.reference))


class SplitViewSet(OfItem):
    """Some records of an item are of another thing."""

    policy: ClassVar = {"create": Entry(permissions.deciders, scopes.CATALOG_WRITE)}

    @extend_schema(request=ItemSplitSent, responses={201: ItemShown}, operation_id="cis_split")
    @idempotent()
    def create(self, request: Request, reference: str) -> Response:
        """Answers with the item that these records speak of now."""
        item, said = self.get_object(), self.validated(ItemSplitSent)
        wanted = {(one["source"], one["key"]) for one in said["records"]}
        asked = Q()
        for source, key in wanted:
            asked |= Q(source__slug=source, key=key)
        records = list(item.records.filter(asked))
        if len(records) != len(wanted):
            raise InvalidInput.about("records", gettext("Not all of these are records of this item."))
        parted = operations.split(item, records, actor=self.actor, why=said["why"])
        where = f"/api/v1/cis/{parted.reference}/"
        return self.respond(by_reference(self.actor, parted.reference), 201, {"Location": where})
