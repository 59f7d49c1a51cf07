"""The life of policies over REST: drafts in JSON or YAML, proposed, approved by another person, made to rule."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import renderers, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from changes.policies import operations as policies
from changes.policies import permissions
from changes.policies import queries as policy_queries
from changes.policies.api.files import PARSERS, PolicyFileRenderer
from changes.policies.models import GatePolicy
from changes.policies.workflow import POLICY
from itsm.accounts import scopes
from itsm.accounts.permissions import staff
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.people import PersonField
from itsm.api.permissions import Entry
from itsm.api.serializers import Shown, Strict
from itsm.api.steps import draws_steps
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable

_BODIES: dict[Any, Any] = {"application/yaml": OpenApiTypes.STR}


class NewPolicy(Strict):
    """`content`: the whole policy, or the text of a YAML file; without it the draft begins as what rules now."""

    title = fields.Text(max_length=200, required=False)
    content = fields.Anything(required=False)


class EditedPolicy(Strict):
    title = fields.Text(max_length=200, required=False)
    content = fields.Anything(required=False)


class PolicyShown(Shown):
    """`number`: of the version that it was proposed as, which never changes. `shadow_since`: it runs in shadow."""

    author = PersonField(read_only=True)
    number = serializers.IntegerField(source="frozen.number", read_only=True, allow_null=True, default=None)
    hash = serializers.SerializerMethodField()

    class Meta:
        model = GatePolicy
        fields = (
            "id", "title", "status", "number", "hash", "content", "author", "created_at", "shadow_since", "version",
        )  # fmt: skip

    def get_hash(self, policy: GatePolicy) -> str:
        return policy_queries.content_hash(policy)


_APPROVE = Entry(staff, scopes.CHANGES_APPROVE, over=permissions.policy_deciders)


@draws_steps(
    POLICY,
    record="a policy",
    scope=scopes.CHANGES_WRITE,
    who=permissions.policy_keepers,
    approve=_APPROVE,
    decline=_APPROVE,
)
class PolicyViewSet(Readable):
    """What the gate is ruled by, from draft to superseded; as JSON, or as YAML (`Accept: application/yaml`)."""

    policy: ClassVar = {
        "list": Entry(staff),
        "retrieve": Entry(staff),
        "create": Entry(permissions.policy_keepers, scopes.CHANGES_WRITE),
        "partial_update": Entry(permissions.policy_keepers, scopes.CHANGES_WRITE),
    }
    serializer_class = PolicyShown
    parser_classes = PARSERS
    lookup_value_regex = "[0-9]{1,18}"

    def get_renderers(self) -> Any:
        found: list[Any] = [renderers.JSONRenderer()]
        return [*found, PolicyFileRenderer()] if getattr(self, "action", None) == "retrieve" else found

    def visible_rows(self) -> QuerySet[GatePolicy]:
        return policy_queries.visible_policies(self.actor).order_by()

    @extend_schema(request={"application/json": NewPolicy, **_BODIES}, responses={201: PolicyShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """Begin a draft, as a change manager. Every hole is refused with its line and path."""
        words = self.validated(NewPolicy)
        at = timezone.now()
        title = words.get("title") or gettext("Draft of %(day)s") % {"day": at.date()}
        draft = policies.start_draft(actor=self.actor, title=title, content=words.get("content"), at=at)
        return self.respond(draft, 201, {"Location": f"/api/v1/policies/{draft.pk}/"})

    @extend_schema(request={"application/json": EditedPolicy, **_BODIES}, responses={200: PolicyShown})
    def partial_update(self, request: Request, pk: str) -> Response:
        """Edit a draft."""
        words = self.validated(EditedPolicy)
        edited = policies.edit_draft(self.get_object(), actor=self.actor, version=version_read(request), **words)
        return self.respond(edited)
