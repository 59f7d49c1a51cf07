"""What software agents propose, over REST: read, accepted and dismissed by people with tokens of their own."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter

from itsm.accounts import scopes
from itsm.accounts.reading import was_read
from itsm.api.fields import Instant, OurAddress, Text
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.kernel.errors import VersionRequired
from itsm.proposals import operations, permissions, queries
from itsm.proposals.filters import ProposalFilter
from itsm.proposals.models import MOST_PARTS, Proposal, ProposalPart

_DECIDE = Entry(permissions.people, (scopes.INCIDENTS_WRITE, scopes.CATALOG_WRITE), over=queries.may_decide)


@extend_schema_field({"type": ["string", "number", "boolean", "array", "object"], "items": {}})
class AnyValue(serializers.JSONField):
    """A value as the record's own REST has it."""


@extend_schema_field({"type": "object", "additionalProperties": True})
class ValuesField(serializers.Field[dict[str, Any], Any, Any, Any]):
    """Values by field, as the record's own REST has them."""

    default_error_messages = {"invalid": _("Send an object: the name of each field with its value.")}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict) or len(data) > MOST_PARTS:
            self.fail("invalid")
        return data

    def to_representation(self, value: dict[str, Any]) -> dict[str, Any]:
        return value


class PartShown(Shown):
    """One field. `before`: as it stood then; `written`: what was accepted, where it is another value than `value`."""

    before = AnyValue(read_only=True)
    value = AnyValue(read_only=True)
    written = AnyValue(read_only=True)
    decided_by = serializers.SerializerMethodField()

    class Meta:
        model = ProposalPart
        fields = ("field", "label", "before", "value", "state", "decided_by", "decided_at", "why", "written")

    def get_decided_by(self, part: ProposalPart) -> str | None:
        return part.decided_by.username if part.decided_by is not None else None


class ProposalShown(Shown):
    """A proposal. `about`: the record; `agent` for `owner`; `reason`, `source`: words of the agent, to be weighed.

    `overtaken`: of what waits, by field, why it does not fit the record any more.
    """

    kind = serializers.CharField(source="sort")
    agent = serializers.CharField(source="agent.username")
    owner = serializers.CharField(source="owner.username")
    proposed_at = Instant(source="at")
    parts = PartShown(many=True)
    overtaken = serializers.SerializerMethodField()
    url = OurAddress(source="get_absolute_url")

    class Meta:
        model = Proposal
        fields = (
            "id", "kind", "about", "agent", "owner", "reason", "source", "proposed_at", "closes_at", "state", "parts",
            "overtaken", "version", "url",
        )  # fmt: skip

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
    def get_overtaken(self, proposal: Proposal) -> dict[str, str]:
        """Read once for all of a page."""
        context: Any = self.context
        known = context.setdefault("told of proposals", {})
        if proposal.pk not in known:
            instance = self.parent.instance if isinstance(self.parent, serializers.ListSerializer) else None
            page = instance if isinstance(instance, list) else [proposal]
            known.update({one.proposal.pk: one for one in queries.told(page, context["view"].actor)})
        return dict(known[proposal.pk].why_not)


class Accepting(Strict):
    """`fields`: of these alone; left out: all that waits. `values`: what is written instead, by field."""

    fields = serializers.ListField(child=Text(max_length=80), required=False, max_length=MOST_PARTS)  # type: ignore[assignment]
    values = ValuesField(required=False)


class Dismissing(Strict):
    """`why` is told to the agent."""

    fields = serializers.ListField(child=Text(max_length=80), required=False, max_length=MOST_PARTS)  # type: ignore[assignment]
    why = Text(max_length=300, allow_blank=True, default="")


class ProposalViewSet(Readable):
    """What software agents propose, for people to decide. Keyed by number. If-Match says which version was read."""

    policy: ClassVar = {
        "list": Entry(permissions.readers),
        "retrieve": Entry(permissions.readers),
        "accept": _DECIDE,
        "dismiss": _DECIDE,
        "undo": _DECIDE,
    }
    serializer_class = ProposalShown
    filterset_class = ProposalFilter
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[Proposal]:
        return queries.visible_to(self.actor)

    def get_object(self) -> Proposal:
        return queries.named(self.actor, int(self.kwargs["pk"]))

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """With what overtook it, where anything did."""
        proposal = self.get_object()
        was_read(queries.record_about(proposal, self.actor), self.actor)
        return self.respond(proposal)

    @extend_schema(request=Accepting, responses={200: ProposalShown}, operation_id="proposals_accept")
    @action(detail=True, methods=["post"])
    @idempotent()
    def accept(self, request: Request, pk: str) -> Response:
        """Write what was proposed, in the name and by the rights of who accepts it. A reply is sent by hand."""
        proposal, said = self.get_object(), self.validated(Accepting)
        operations.accept(proposal, actor=self.actor, at=timezone.now(), version=_named(version_read(request)), **said)
        return self.respond(self.get_object())

    @extend_schema(request=Dismissing, responses={200: ProposalShown}, operation_id="proposals_dismiss")
    @action(detail=True, methods=["post"])
    @idempotent()
    def dismiss(self, request: Request, pk: str) -> Response:
        """Say no. The record stays as it is."""
        proposal, said = self.get_object(), self.validated(Dismissing)
        operations.dismiss(proposal, actor=self.actor, at=timezone.now(), version=_named(version_read(request)), **said)
        return self.respond(self.get_object())

    @extend_schema(request=Nothing, responses={200: ProposalShown}, operation_id="proposals_undo")
    @action(detail=True, methods=["post"])
    @idempotent()
    def undo(self, request: Request, pk: str) -> Response:
        """Take one's newest word of the last half hour back, with what it wrote."""
        proposal = self.get_object()
        self.validated(Nothing)
        operations.take_back(proposal, actor=self.actor, at=timezone.now())
        return self.respond(self.get_object())


def _named(version: int | None) -> int:
    """What was read is named by who decides it."""
    if version is None:
        raise VersionRequired(gettext("Send If-Match with the version of the proposal that you read."))
    return version


def register(router: BaseRouter) -> None:
    router.register("proposals", ProposalViewSet, basename="proposal")
