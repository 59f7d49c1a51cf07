"""People and teams over REST: find, parse, call one operation, render."""

from typing import ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import operations, permissions, scopes, team_references
from itsm.accounts.models import Team, User
from itsm.accounts.queries import listing
from itsm.accounts.queries.departures import departure
from itsm.api.filters import refuse_unknown
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.kernel.errors import InvalidInput
from itsm.people.api.queues import QUEUE_ENTRIES, DrawsQueues
from itsm.people.api.rights import RightsShown, rights_of
from itsm.people.api.serializers import (
    DepartureShown,
    Leaving,
    MergeShown,
    Merging,
    MergingPerson,
    NewPerson,
    NewTeam,
    PersonEditing,
    PersonShown,
    TeamEditing,
    TeamOrphansShown,
    TeamShown,
)
from itsm.people.filters import PersonFilter, TeamFilter

_KEEP = Entry(permissions.people_keepers, scopes.PEOPLE_WRITE)


class PersonViewSet(Readable):
    """Accounts: people, and the programs that belong to them. Keyed by user name."""

    policy: ClassVar = {
        "list": Entry(permissions.anyone),
        "retrieve": Entry(permissions.anyone),
        "rights": Entry(permissions.anyone, over=permissions.rights_readers),
        "orphans": Entry(permissions.people_keepers),
        "merge_preview": Entry(permissions.people_keepers),
        **dict.fromkeys(
            ("create", "partial_update", "deactivate", "reactivate", "invite", "reset_password", "merge"), _KEEP
        ),
    }
    serializer_class = PersonShown
    filterset_class = PersonFilter
    lookup_field = "username__iexact"
    lookup_url_kwarg = "login"
    lookup_value_regex = r"[\w.@+-]{1,150}"

    def visible_rows(self) -> QuerySet[User]:
        return listing.people(self.actor).order_by()

    def _fresh(self, person: User, link: str = "") -> User:
        found = self.visible_rows().get(pk=person.pk)
        if link:
            found.invitation_link = link  # type: ignore[attr-defined]  # shown this once, kept nowhere
        return found

    @extend_schema(request=NewPerson, responses={201: PersonShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        said = self.validated(NewPerson)
        teams, invite = said.pop("teams", []), said.pop("invite")
        made = operations.add_user(
            actor=self.actor,
            username=said.pop("login"),
            account_type=said.pop("account_type"),
            teams=[one["team"] for one in teams],
            leads=[one["team"] for one in teams if one["lead"]],
            **said,
        )
        link = operations.invite(made, actor=self.actor) if invite else ""
        return self.respond(self._fresh(made, link), 201, {"Location": f"/api/v1{made.get_absolute_url()}"})

    @extend_schema(request=PersonEditing)
    def partial_update(self, request: Request, login: str) -> Response:
        said = self.validated(PersonEditing)
        if "teams" in said:
            said["memberships"] = {one["team"]: one["lead"] for one in said.pop("teams")}
        kept = operations.edit_person(self.get_object(), actor=self.actor, version=version_read(request), **said)
        return self.respond(self._fresh(kept))

    @extend_schema(request=Leaving, operation_id="people_deactivate")
    @action(detail=True, methods=["post"])
    def deactivate(self, request: Request, login: str) -> Response:
        """End the account's ways in and pass on what the person answered for."""
        return self.respond(
            self._fresh(operations.deactivate(self.get_object(), actor=self.actor, **self.validated(Leaving)))
        )

    @extend_schema(request=Nothing, operation_id="people_reactivate")
    @action(detail=True, methods=["post"])
    def reactivate(self, request: Request, login: str) -> Response:
        """The account works again; what ended stays ended."""
        self.validated(Nothing)
        return self.respond(self._fresh(operations.reactivate(self.get_object(), actor=self.actor)))

    @extend_schema(request=MergingPerson, operation_id="people_merge")
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, login: str) -> Response:
        """Make one person of two accounts: this one ends, and what is theirs goes to the other."""
        said = self.validated(MergingPerson)
        return self.respond(self._fresh(operations.merge_people(self.get_object(), actor=self.actor, **said)))

    @extend_schema(
        parameters=[OpenApiParameter("into", str, description="the account that would go on")],
        responses=MergeShown, operation_id="people_merge_preview",
    )  # fmt: skip
    @action(detail=True, methods=["get"], url_path="merge-preview", url_name="merge-preview", filter_backends=[])
    def merge_preview(self, request: Request, login: str) -> Response:
        """What a merge would do. Changes nothing."""
        refuse_unknown(request.query_params, ("into",))
        name = request.query_params.get("into", "")
        into = self.visible_rows().filter(username__iexact=name[:150].replace("\0", "")).first()
        if into is None and name:
            raise InvalidInput.about("into", gettext("There is no account of this name."))
        found = operations.merge_preview(self.get_object(), into=into, actor=self.actor)
        moves = [{"what": title, "number": number} for title, number in found.moves]
        body = {"moves": moves, "addresses": found.addresses, "duties": found.duties, "ends": found.ends}
        return Response(MergeShown({**body, "blocked": found.blocked or None}).data)

    @extend_schema(request=Nothing, operation_id="people_invite")
    @action(detail=True, methods=["post"])
    def invite(self, request: Request, login: str) -> Response:
        """Send, or show, a link to choose the first password. Earlier links are void."""
        self.validated(Nothing)
        person = self.get_object()
        link = operations.invite(person, actor=self.actor)
        return self.respond(self._fresh(person, link))

    @extend_schema(request=Nothing, operation_id="people_reset_password")
    @action(detail=True, methods=["post"], url_path="reset-password", url_name="reset-password")
    def reset_password(self, request: Request, login: str) -> Response:
        """Send, or show, a link to choose another password. Nothing ends until it is used."""
        self.validated(Nothing)
        person = self.get_object()
        return self.respond(self._fresh(person, operations.send_reset(person, actor=self.actor)))

    @extend_schema(responses=RightsShown, operation_id="people_rights")
    @action(detail=True, methods=["get"])
    def rights(self, request: Request, login: str) -> Response:
        """What this account may do, and why."""
        return Response(RightsShown(rights_of(self.get_object())).data)

    @extend_schema(responses=DepartureShown, operation_id="people_orphans")
    @action(detail=True, methods=["get"])
    def orphans(self, request: Request, login: str) -> Response:
        """What a deactivation would end and leave behind. Changes nothing."""
        found = departure(self.get_object())
        body = {"sessions": found.sessions, "tokens": found.tokens, "duties": found.duties}
        return Response(DepartureShown({**body, "blocked": found.blocked or None}).data)


class TeamViewSet(DrawsQueues, Readable):
    """Teams. Keyed by slug."""

    policy: ClassVar = {
        **dict.fromkeys(("list", "retrieve", "orphans"), Entry(permissions.colleagues)),
        **dict.fromkeys(("create", "partial_update", "merge", "retire", "revive"), _KEEP),
        **QUEUE_ENTRIES,
    }
    serializer_class = TeamShown
    filterset_class = TeamFilter
    lookup_field = "slug"
    lookup_value_regex = "[A-Za-z0-9_-]{1,63}"

    def visible_rows(self) -> QuerySet[Team]:
        return listing.teams(self.actor).order_by()

    def _fresh(self, team: Team) -> Team:
        return self.visible_rows().get(pk=team.pk)

    @extend_schema(request=NewTeam, responses={201: TeamShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        said = self.validated(NewTeam)
        members = {one["login"]: one["lead"] for one in said.pop("members", [])}
        made = operations.add_team(actor=self.actor, members=members, **said)
        return self.respond(self._fresh(made), 201, {"Location": f"/api/v1{made.get_absolute_url()}"})

    @extend_schema(request=TeamEditing)
    def partial_update(self, request: Request, slug: str) -> Response:
        said = self.validated(TeamEditing)
        if "members" in said:
            said["members"] = {one["login"]: one["lead"] for one in said["members"]}
        kept = operations.edit_team(self.get_object(), actor=self.actor, version=version_read(request), **said)
        return self.respond(self._fresh(kept))

    @extend_schema(request=Merging, operation_id="teams_merge")
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, slug: str) -> Response:
        """Everybody and everything open moves to another team; this one is retired."""
        return self.respond(
            self._fresh(operations.merge_teams(self.get_object(), actor=self.actor, **self.validated(Merging)))
        )

    @extend_schema(request=Nothing, operation_id="teams_retire")
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, slug: str) -> Response:
        """It takes nothing new from now on."""
        self.validated(Nothing)
        return self.respond(self._fresh(operations.retire_team(self.get_object(), actor=self.actor)))

    @extend_schema(request=Nothing, operation_id="teams_revive")
    @action(detail=True, methods=["post"])
    def revive(self, request: Request, slug: str) -> Response:
        """A retired team works again."""
        self.validated(Nothing)
        return self.respond(self._fresh(operations.revive_team(self.get_object(), actor=self.actor)))

    @extend_schema(responses=TeamOrphansShown, operation_id="teams_orphans")
    @action(detail=True, methods=["get"])
    def orphans(self, request: Request, slug: str) -> Response:
        """What refers to the team and would stay with it. Changes nothing."""
        return Response(TeamOrphansShown({"duties": team_references.referring_to(self.get_object())}).data)
