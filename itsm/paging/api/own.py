"""How one is reached oneself, over REST: phones and rules."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.versions import refuse_if_match
from itsm.api.viewsets import Readable, Rows
from itsm.paging import permissions
from itsm.paging.models import ContactPoint
from itsm.paging.models.people import MAX_AFTER
from itsm.paging.operations import contacts
from itsm.paging.vocabulary import PHONE_CHOICES, Channel, Urgency

# No token is narrowed to this: only one that carries all rights of its owner may change what is theirs.
_ALL_RIGHTS = "account:own"
_READ, _WRITE = Entry(permissions.anyone), Entry(permissions.anyone, _ALL_RIGHTS)
_OVER = Entry(permissions.anyone, _ALL_RIGHTS, over=permissions.anyone)  # whose it is not finds nothing there


class NewContactPoint(Strict):
    """`address`: a number with its country, such as +4915112345678."""

    channel = fields.Choice(choices=PHONE_CHOICES)
    address = fields.Text(max_length=30)
    name = fields.Text(max_length=60, required=False, allow_blank=True)


class CodeSent(Strict):
    code = fields.Text(max_length=12)


class ContactPointShown(Shown):
    """A phone. `verified_at` null: nothing but a code goes there."""

    channel = fields.Choice(choices=PHONE_CHOICES)

    class Meta:
        model = ContactPoint
        fields = ("id", "channel", "address", "name", "verified_at", "code_sent_at", "created_at")


class ContactPointViewSet(Readable):
    """One's own phones."""

    policy: ClassVar = {
        "list": _READ, "retrieve": _READ, "create": _WRITE, "destroy": _OVER, "verify": _OVER, "send_code": _OVER,
    }  # fmt: skip
    serializer_class = ContactPointShown
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[ContactPoint]:
        return contacts.own_contacts(self.actor).order_by()

    @extend_schema(request=NewContactPoint, responses={201: ContactPointShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """A code is sent there."""
        made = contacts.add(actor=self.actor, at=timezone.now(), **self.validated(NewContactPoint))
        return self.respond(made, 201, {"Location": f"/api/v1/me/contact-points/{made.pk}/"})

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Rules that name it go with it."""
        contacts.remove(self.get_object().pk, actor=self.actor)
        return Response(status=204)

    @extend_schema(request=CodeSent, responses={200: ContactPointShown}, operation_id="me_contact_points_verify")
    @action(detail=True, methods=["post"])
    def verify(self, request: Request, pk: str) -> Response:
        """The code that came there."""
        found = self.get_object()
        return self.respond(
            contacts.verify(found.pk, actor=self.actor, at=timezone.now(), **self.validated(CodeSent))
        )  # fmt: skip

    @extend_schema(request=Nothing, responses={200: ContactPointShown}, operation_id="me_contact_points_send_code")
    @action(detail=True, methods=["post"], url_path="send-code")
    def send_code(self, request: Request, pk: str) -> Response:
        """Another code; the one before is worth nothing."""
        self.validated(Nothing)
        return self.respond(contacts.send_code(self.get_object().pk, actor=self.actor, at=timezone.now()))


class PagingRuleShown(serializers.Serializer[Any]):
    """So many seconds after a page began, by this way; `contact`: the phone's id."""

    channel = fields.Choice(choices=Channel.choices)
    after = serializers.IntegerField(source="after_s")
    contact = serializers.IntegerField(source="contact_id", allow_null=True)


class PagingRulesShown(serializers.Serializer[Any]):
    """Rules by urgency. An empty list: mail and devices at once, where it is urgent phones after two minutes."""

    high = PagingRuleShown(many=True)
    low = PagingRuleShown(many=True)


class PagingRuleSent(Strict):
    channel = fields.Choice(choices=Channel.choices)
    after = fields.Whole(min_value=0, max_value=MAX_AFTER, required=False)
    contact = fields.Whole(min_value=1, required=False, allow_null=True)


class PagingRulesSent(Strict):
    """What is left out stays as it is."""

    high = PagingRuleSent(many=True, required=False)
    low = PagingRuleSent(many=True, required=False)


class PagingRulesViewSet(Rows):
    """By which ways one is called, and how long after a page began."""

    http_method_names = ["get", "head", "put"]
    policy: ClassVar = {"retrieve": _READ, "update": _WRITE}
    serializer_class = PagingRulesShown

    @extend_schema(responses={200: PagingRulesShown}, operation_id="me_paging_rules_retrieve")
    def retrieve(self, request: Request) -> Response:
        """One's own."""
        return self._shown()

    @extend_schema(request=PagingRulesSent, responses={200: PagingRulesShown}, operation_id="me_paging_rules_update")
    def update(self, request: Request) -> Response:
        """All rules of an urgency at once."""
        refuse_if_match(request)
        for urgency, said in self.validated(PagingRulesSent).items():
            rules = [contacts.NewRule(**dict(one)) for one in said]
            contacts.set_rules(actor=self.actor, urgency=urgency, rules=rules)
        return self._shown()

    def _shown(self) -> Response:
        rules = list(contacts.own_rules(self.actor))
        said = {urgency: [one for one in rules if one.urgency == urgency] for urgency in Urgency.values}
        return Response(PagingRulesShown(said).data)
