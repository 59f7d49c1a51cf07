"""Teams as queues over REST: what they take, and who else may do what in them."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import operations, permissions, scopes
from itsm.accounts.models import Grant, QueueRight, Role, Team
from itsm.accounts.queues import keeps_queue
from itsm.api import fields
from itsm.api.calendars import CalendarField
from itsm.api.idempotency import idempotent
from itsm.api.people import PersonField, TeamField
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.versions import version_read
from itsm.kernel.errors import NotFound

_KEEP = Entry(permissions.colleagues, scopes.PEOPLE_WRITE, over=keeps_queue)
QUEUE_ENTRIES: dict[str, Entry] = {
    "queue": Entry(permissions.colleagues),
    "edit_queue": _KEEP,
    "grants": Entry(permissions.colleagues),
    "give": _KEEP,
    "withdraw": _KEEP,
}


class QueueEditing(Strict):
    """`close_after_days`: working days, by `calendar`, until what is resolved closes. `triage`: takes what nothing
    else places. `shares_asks`: its members see what each of them asks for themselves, from now on; a lead says so."""

    takes_work = fields.YesNo(required=False)
    confidential = fields.YesNo(required=False)
    tier = fields.Whole(min_value=1, max_value=3, required=False)
    close_after_days = fields.Whole(min_value=1, max_value=20, required=False)
    calendar = CalendarField(required=False, allow_null=True)
    triage = fields.YesNo(required=False)
    shares_asks = fields.YesNo(required=False)


class GrantGiven(Strict):
    """One holder: `user`, `role` or `member_of`. Without `until` for good."""

    right = fields.Choice(choices=QueueRight.choices)
    user = PersonField(required=False, allow_null=True)
    role = fields.Choice(choices=Role.choices, required=False)
    member_of = TeamField(required=False, allow_null=True)
    until = fields.Instant(required=False, allow_null=True)


class GrantShown(Shown):
    """A right in a queue; two of user, role and member_of are null."""

    right = fields.Choice(choices=QueueRight.choices)
    user = PersonField(read_only=True, allow_null=True)
    role = serializers.SerializerMethodField()
    member_of = TeamField(read_only=True, allow_null=True)
    until = fields.Instant(allow_null=True)
    granted_by = PersonField(read_only=True, allow_null=True)
    granted_at = fields.Instant()

    class Meta:
        model = Grant
        fields = ("id", "right", "user", "role", "member_of", "until", "granted_by", "granted_at")

    def get_role(self, grant: Grant) -> str | None:
        return grant.role or None


class DrawsQueues:
    """The actions of a team that is a queue."""

    policy: ClassVar[Any]

    @extend_schema(operation_id="teams_queue")
    @action(detail=True, methods=["get"])
    def queue(self: Any, request: Request, slug: str) -> Response:
        """The team with what its queue takes, and the version to send with a change of it."""
        return self.respond(self.get_object())  # type: ignore[no-any-return]

    @extend_schema(request=QueueEditing, operation_id="teams_edit_queue")
    @queue.mapping.patch
    def edit_queue(self: Any, request: Request, slug: str) -> Response:
        """Say what the queue takes. Administrators, and leads for their team."""
        said = self.validated(QueueEditing)
        kept = operations.edit_queue(self.get_object(), actor=self.actor, version=version_read(request), **said)
        return self.respond(self._fresh(kept))  # type: ignore[no-any-return]

    @extend_schema(responses={200: GrantShown(many=True)}, operation_id="teams_grants")
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def grants(self: Any, request: Request, slug: str) -> Response:
        """Rights in the queue beside its members', who have all of them."""
        return Response(GrantShown(_grants(self.get_object()), many=True, context=self.get_serializer_context()).data)

    @extend_schema(request=GrantGiven, responses={201: GrantShown}, operation_id="teams_grant")
    @grants.mapping.post
    @idempotent()
    def give(self: Any, request: Request, slug: str) -> Response:
        """Give one right to a person, a role or the members of another team."""
        said = {name: value for name, value in self.validated(GrantGiven).items() if value is not None}
        made = operations.grant(self.get_object(), actor=self.actor, **said)
        return Response(GrantShown(made, context=self.get_serializer_context()).data, status=201)

    @extend_schema(request=Nothing, operation_id="teams_withdraw_grant")
    @action(detail=True, methods=["post"], url_path="grants/(?P<grant>[0-9]{1,18})/withdraw", url_name="withdraw-grant")
    def withdraw(self: Any, request: Request, slug: str, grant: str) -> Response:
        """The right ends now."""
        self.validated(Nothing)
        given = _grants(self.get_object()).filter(pk=int(grant)).first()
        if given is None:
            raise NotFound(_("This queue has no such grant."))
        return self.respond(self._fresh(operations.withdraw_grant(given, actor=self.actor)))  # type: ignore[no-any-return]


def _grants(team: Team) -> QuerySet[Grant]:
    return team.grants.select_related("user", "member_of", "granted_by", "team").order_by("right", "id")
