"""By whom people come in, over REST."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.people import PersonField
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable, made
from itsm.approvals.api.viewsets import AwaitingShown, awaiting
from itsm.identity import operations, permissions, protocols
from itsm.identity.api.entries import READ, WRITE
from itsm.identity.models import MAX_DOMAINS, MAX_GROUP, IdentityProvider
from itsm.identity.operations.facts import mappings_of
from itsm.identity.operations.planning import preview_known, preview_newcomer
from itsm.identity.operations.plans import PersonPlan, Plan
from itsm.identity.vocabulary import How, Protocol, Refusal, SignUp, Standing

_MOST_SHOWN = 500  # people of a preview


class IdentityProviderEditing(Strict):
    """`configuration`: all of it, as its protocol takes it; secrets by the names of their files."""

    name = fields.Text(max_length=80, required=False)
    sign_up = fields.Choice(choices=SignUp.choices, required=False)
    domains = serializers.ListField(child=fields.Text(max_length=253), max_length=MAX_DOMAINS, required=False)
    manages_roles = fields.YesNo(required=False)
    manages_teams = fields.YesNo(required=False)
    configuration = serializers.DictField(child=fields.Anything(), required=False)


class NewIdentityProvider(IdentityProviderEditing):
    name = fields.Text(max_length=80)
    slug = fields.Text(max_length=40)
    protocol = fields.Choice(choices=Protocol.choices)
    configuration = serializers.DictField(child=fields.Anything())


class ToldShown(serializers.Serializer[Any]):
    """`name`: what such an address is called at the provider."""

    name = serializers.CharField()
    address = serializers.CharField()


class IdentityProviderShown(Shown):
    """Who says who somebody is. `told`: our addresses, for the provider."""

    protocol = fields.Choice(choices=Protocol.choices)
    sign_up = fields.Choice(choices=SignUp.choices)
    standing = fields.Choice(choices=Standing.choices)
    configuration = serializers.DictField(child=fields.Anything())
    domains = serializers.ListField(child=serializers.CharField())
    made_by = PersonField(read_only=True)
    told = serializers.SerializerMethodField()
    page = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = IdentityProvider
        fields = (
            "slug", "name", "protocol", "standing", "sign_up", "domains", "manages_roles", "manages_teams",
            "configuration", "told", "made_by", "asked_at", "trusted_at", "withdrawn_at", "last_used_at", "last_error",
            "version", "page",
        )  # fmt: skip

    @extend_schema_field(ToldShown(many=True))
    def get_told(self, provider: IdentityProvider) -> list[dict[str, str]]:
        addresses = protocols.of(provider.protocol).addresses
        told = addresses(provider.protocol, provider.slug) if addresses is not None else []
        return [{"name": label, "address": address} for label, address in told]


class PersonPlanShown(serializers.Serializer[Any]):
    """What would happen to one person. `reason`: why they are not let in."""

    subject = serializers.CharField(source="identified.subject")
    how = fields.Choice(choices=How.choices)
    username = serializers.CharField()
    reason = fields.Choice(choices=Refusal.choices, allow_null=True)
    roles_gained = serializers.ListField(child=serializers.CharField())
    roles_lost = serializers.ListField(child=serializers.CharField())
    teams_joined = serializers.ListField(child=serializers.CharField())
    teams_left = serializers.ListField(child=serializers.CharField())
    keeps_desk = serializers.BooleanField()


class PlanShown(serializers.Serializer[Any]):
    """Nothing is changed by looking. `changed`: how many people; `people`: the first 500 of them."""

    changed = serializers.IntegerField()
    widens = serializers.BooleanField()
    people = PersonPlanShown(many=True)


class PreviewAsked(Strict):
    """`groups`: of somebody new, who would come with them; without it, of everybody whom the provider knows."""

    groups = serializers.ListField(child=fields.Text(max_length=MAX_GROUP), max_length=100, required=False)


class IdentityProviderViewSet(Readable):
    """By whom people come in. Keyed by its short name."""

    policy: ClassVar = {
        "list": READ, "retrieve": READ, "create": WRITE, "partial_update": WRITE, "trust": WRITE,
        "withdraw": WRITE,
        "preview": Entry(permissions.readers, scopes.PEOPLE_WRITE),
    }  # fmt: skip
    serializer_class = IdentityProviderShown
    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9-]{1,40}"

    def visible_rows(self) -> QuerySet[IdentityProvider]:
        return IdentityProvider.objects.visible_to(self.actor).select_related("made_by").order_by()

    @extend_schema(request=NewIdentityProvider, responses={201: IdentityProviderShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """Set one up: it lets nobody in before it is trusted."""
        kept = operations.set_up(actor=self.actor, at=timezone.now(), **self.validated(NewIdentityProvider))
        return self.respond(kept, 201, {"Location": f"/api/v1/identity-providers/{kept.slug}/"})

    @extend_schema(request=IdentityProviderEditing, responses={200: IdentityProviderShown, 202: AwaitingShown})
    def partial_update(self, request: Request, slug: str, **kwargs: Any) -> Response:
        """202: what lets more people in, a second administrator confirms. Where there is none, the page asks who you
        are."""
        said = self.validated(IdentityProviderEditing)
        return self._answer(
            operations.change(
                self.get_object(), actor=self.actor, version=version_read(request), at=timezone.now(), **said
            )
        )

    @extend_schema(request=Nothing, responses={200: IdentityProviderShown, 202: AwaitingShown})
    @action(detail=True, methods=["post"])
    def trust(self, request: Request, slug: str) -> Response:
        """Let people in by it. 202: a second administrator confirms it."""
        self.validated(Nothing)
        version = version_read(request)
        return self._answer(operations.trust(self.get_object(), actor=self.actor, version=version, at=timezone.now()))

    @extend_schema(request=Nothing, responses=IdentityProviderShown)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, slug: str) -> Response:
        """Nobody comes in by it any more, and sessions that began by it end."""
        self.validated(Nothing)
        version = version_read(request)
        return self.respond(
            operations.withdraw(self.get_object(), actor=self.actor, version=version, at=timezone.now())
        )

    @extend_schema(request=PreviewAsked, responses=PlanShown)
    @action(detail=True, methods=["post"])
    def preview(self, request: Request, slug: str) -> Response:
        """What its mappings would change, those included that are not confirmed yet. Nothing is written."""
        said, provider = self.validated(PreviewAsked), self.get_object()
        mappings = mappings_of(provider, drafts=True)
        if "groups" not in said:
            return Response(_told(preview_known(provider, mappings=mappings)))
        return Response(_told(preview_newcomer(provider, said["groups"], mappings)))

    def _answer(self, kept: IdentityProvider) -> Response:
        return made(awaiting(kept.awaits), kept) if kept.awaits is not None else self.respond(kept)


def _told(plan: Plan) -> dict[str, Any]:
    people = [_person(one, plan) for one in plan.changed[:_MOST_SHOWN]]
    said = PlanShown({"changed": len(plan.changed), "widens": plan.widens, "people": people})
    return dict(said.data)


def _person(one: PersonPlan, plan: Plan) -> dict[str, Any]:
    names = plan.team_names
    return {
        "identified": one.identified, "how": one.how, "username": one.username, "reason": one.reason,
        "roles_gained": one.roles_gained, "roles_lost": one.roles_lost,
        "teams_joined": [names.get(team, "") for team in one.teams_joined],
        "teams_left": [names.get(team, "") for team in one.teams_left],
        "keeps_desk": one.keeps_desk,
    }  # fmt: skip
