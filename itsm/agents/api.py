"""Software agents of people over REST. What a person's own program may not give, it gives to no agent either."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.accounts.models import Token
from itsm.agents import operations, permissions, queries
from itsm.agents.capabilities import Capability
from itsm.agents.models import Agent
from itsm.agents.operations.checks import LONGEST_NAME, LONGEST_PURPOSE, LONGEST_REASON
from itsm.agents.operations.tokens import LONGEST_HOURS
from itsm.agents.vocabulary import State
from itsm.api import fields
from itsm.api.filters import refuse_unknown
from itsm.api.idempotency import idempotent
from itsm.api.people import PersonField
from itsm.api.permissions import Entry
from itsm.api.routing import Router
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.kernel.errors import NotFound

_READ = Entry(permissions.readers)
_OWN = Entry(permissions.people, scopes.PEOPLE_WRITE, over=permissions.owners)
_STOP = Entry(permissions.people, scopes.PEOPLE_WRITE, over=permissions.stoppers)
_DOOR = Entry(permissions.door_keepers, scopes.PEOPLE_WRITE)


class _Capabilities(serializers.ListField):
    """Words of `Capability`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(child=fields.Choice(choices=Capability.choices), max_length=len(Capability), **options)


class NewAgent(Strict):
    """An agent of the caller."""

    name = fields.Text(max_length=LONGEST_NAME)
    purpose = fields.Text(max_length=LONGEST_PURPOSE, allow_blank=True, default="")
    capabilities = _Capabilities()
    outward_after_reading = _Capabilities(default=list)


class AgentEditing(Strict):
    name = fields.Text(max_length=LONGEST_NAME, required=False)
    purpose = fields.Text(max_length=LONGEST_PURPOSE, allow_blank=True, required=False)
    capabilities = _Capabilities(required=False)
    outward_after_reading = _Capabilities(required=False)


class NewAgentToken(Strict):
    """`capabilities`: a part of what the agent may do; without them all of it."""

    capabilities = _Capabilities(required=False)
    hours = fields.Whole(min_value=1, max_value=LONGEST_HOURS, default=8)


class StoppingAgent(Strict):
    reason = fields.Text(max_length=LONGEST_REASON, allow_blank=True, default="")


class StoppingAllAgents(Strict):
    reason = fields.Text(max_length=LONGEST_REASON)


class AgentTokenNamed(Strict):
    """`token`: its reference, `hr_` and twelve characters, never the whole of it."""

    token = fields.Text(max_length=20)


class AgentTokenShown(serializers.Serializer[Token]):
    """A token that is alive. `token`: its whole text where it was made just now, shown this once; else null."""

    reference = serializers.CharField()
    name = serializers.CharField()
    capabilities = serializers.ListField(child=fields.Choice(choices=Capability.choices), source="scopes")
    expires_at = fields.Instant()
    last_used_at = fields.Instant(allow_null=True)
    token = serializers.SerializerMethodField()

    def get_token(self, token: Token) -> str | None:
        return getattr(token, "fresh_text", None)


class AgentShown(Shown):
    """A software agent. `state`: active, stopped (resume it) or ended (for good)."""

    login = serializers.CharField(source="reference")
    name = serializers.CharField()
    owner = PersonField(source="account.owner", read_only=True)
    state = fields.Choice(choices=State.choices)
    capabilities = serializers.ListField(child=fields.Choice(choices=Capability.choices))
    outward_after_reading = serializers.ListField(child=fields.Choice(choices=Capability.choices))
    stopped_by = PersonField(read_only=True, allow_null=True)
    tokens = AgentTokenShown(many=True, source="account.alive")
    page = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = Agent
        fields = (
            "login", "name", "purpose", "owner", "state", "capabilities", "outward_after_reading", "stopped_at",
            "stopped_by", "stop_reason", "last_called_at", "read_outside_at", "created_at", "tokens", "version", "page",
        )  # fmt: skip


class AgentDoorShown(serializers.Serializer[Any]):
    """Whether the door is shut for every agent, since when, by whom and why."""

    is_shut = serializers.BooleanField()
    stopped_at = fields.Instant(allow_null=True)
    stopped_by = PersonField(read_only=True, allow_null=True)
    reason = serializers.CharField()


class AgentViewSet(Readable):
    """Software agents. Keyed by login."""

    policy: ClassVar = {
        "list": _READ,
        "retrieve": _READ,
        "create": Entry(permissions.people, scopes.PEOPLE_WRITE),
        **dict.fromkeys(("partial_update", "issue_token"), _OWN),
        **dict.fromkeys(("revoke_token", "stop", "resume", "end"), _STOP),
        "door": _READ,
        **dict.fromkeys(("stop_all", "resume_all"), _DOOR),
    }
    serializer_class = AgentShown
    lookup_field = "account__username"
    lookup_url_kwarg = "login"
    lookup_value_regex = r"[\w.@+-]{1,150}"

    def get_serializer_class(self) -> Any:
        return AgentTokenShown if self.action == "issue_token" else AgentShown

    def visible_rows(self) -> QuerySet[Agent]:
        return queries.listed(self.actor, timezone.now()).order_by()

    def _fresh(self, agent: Agent) -> Agent:
        return self.visible_rows().get(pk=agent.pk)

    @extend_schema(request=NewAgent, responses={201: AgentShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """It acts for the caller, and opens nothing before a token is issued."""
        kept = operations.connect(actor=self.actor, at=timezone.now(), **self.validated(NewAgent))
        return self.respond(self._fresh(kept), 201, {"Location": f"/api/v1{kept.get_absolute_url()}"})

    @extend_schema(request=AgentEditing)
    def partial_update(self, request: Request, login: str) -> Response:
        """What is taken from it is gone at its next call."""
        said = self.validated(AgentEditing)
        kept = operations.edit(self.get_object(), actor=self.actor, version=version_read(request), **said)
        return self.respond(self._fresh(kept))

    @extend_schema(request=NewAgentToken, responses={201: AgentTokenShown}, operation_id="agents_issue_token")
    @action(detail=True, methods=["post"], url_path="tokens", url_name="tokens")
    @idempotent()
    def issue_token(self, request: Request, login: str) -> Response:
        """A token for the agents' door, for 1 to 24 hours. Its text is answered this once."""
        said = self.validated(NewAgentToken)
        token, text = operations.issue_token(self.get_object(), actor=self.actor, at=timezone.now(), **said)
        token.fresh_text = text  # type: ignore[attr-defined]  # kept nowhere
        answer = self.respond(token, 201)
        answer["Cache-Control"] = "no-store"
        return answer

    @extend_schema(request=AgentTokenNamed, responses=AgentShown, operation_id="agents_revoke_token")
    @action(detail=True, methods=["post"], url_path="revoke-token", url_name="revoke-token")
    def revoke_token(self, request: Request, login: str) -> Response:
        """It opens nothing from now on."""
        agent, said = self.get_object(), self.validated(AgentTokenNamed)
        token = Token.objects.filter(owner=agent.account_id, prefix=said["token"][3:15]).first()
        if token is None or token.reference != said["token"]:
            raise NotFound(_("This agent has no such token."))
        operations.revoke_token(token, actor=self.actor, at=timezone.now())
        return self.respond(self._fresh(agent))

    @extend_schema(request=StoppingAgent)
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, login: str) -> Response:
        """Its tokens end at once, and it gets none."""
        said = self.validated(StoppingAgent)
        kept = operations.stop(self.get_object(), actor=self.actor, at=timezone.now(), **said)
        return self.respond(self._fresh(kept))

    @extend_schema(request=Nothing)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, login: str) -> Response:
        """It may be given tokens again."""
        self.validated(Nothing)
        return self.respond(self._fresh(operations.resume(self.get_object(), actor=self.actor, at=timezone.now())))

    @extend_schema(request=Nothing)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, login: str) -> Response:
        """For good; what it asked and proposed stays told."""
        self.validated(Nothing)
        return self.respond(self._fresh(operations.end(self.get_object(), actor=self.actor, at=timezone.now())))

    @extend_schema(responses=AgentDoorShown, filters=False, operation_id="agents_door")
    @action(detail=False, methods=["get"], pagination_class=None)
    def door(self, request: Request) -> Response:
        """Whether the door stands open."""
        refuse_unknown(request.query_params, ())
        return self._door()

    @extend_schema(request=StoppingAllAgents, responses=AgentDoorShown, operation_id="agents_stop_all")
    @action(detail=False, methods=["post"], url_path="stop-all", url_name="stop-all")
    def stop_all(self, request: Request) -> Response:
        """Shut the door for every agent at once."""
        operations.stop_all(actor=self.actor, at=timezone.now(), **self.validated(StoppingAllAgents))
        return self._door()

    @extend_schema(request=Nothing, responses=AgentDoorShown, operation_id="agents_resume_all")
    @action(detail=False, methods=["post"], url_path="resume-all", url_name="resume-all")
    def resume_all(self, request: Request) -> Response:
        """Open it again: on the page, by who has just shown who they are; a token is not enough."""
        self.validated(Nothing)
        operations.resume_all(actor=self.actor, at=timezone.now())
        return self._door()

    def made_before(self, key: str) -> Any:
        """An agent; of a token that was issued, which is shown once, what may be shown of it again."""
        if self.action == "issue_token":
            return Token.objects.filter(pk=key).first()
        return super().made_before(key)

    @staticmethod
    def _door() -> Response:
        shut = operations.is_door_shut()
        return Response(
            AgentDoorShown(
                {
                    "is_shut": shut is not None,
                    "stopped_at": shut and shut.stopped_at,
                    "stopped_by": shut and shut.stopped_by,
                    "reason": shut.reason if shut else "",
                }
            ).data
        )


def register(router: Router) -> None:
    router.register("agents", AgentViewSet, basename="agent")
