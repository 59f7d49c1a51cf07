"""Schedules over REST, and who is on call."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.api.filters import refuse_unknown
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable, Rows
from itsm.oncall import operations, permissions, queries
from itsm.oncall.api.serializers import (
    FinalAsked,
    FinalShown,
    NewSchedule,
    OnCallAsked,
    OnCallShown,
    ScheduleEditing,
    SchedulePreview,
    ScheduleShown,
)
from itsm.oncall.api.showing import final_shown
from itsm.oncall.models import Schedule
from itsm.oncall.queries.duty import names_of, require_near
from itsm.oncall.queries.listing import on_call_rows

FORTNIGHT = timedelta(days=14)
_READ = Entry(permissions.readers)
_KEEPS = Entry(permissions.contributors, scopes.ONCALL_WRITE, over=permissions.keepers)


def _layers(said: dict[str, Any]) -> dict[str, Any]:
    """The words of a body as operations take them."""
    if "layers" in said:
        said["layers"] = [operations.from_document(one) for one in said["layers"]]
    return said


class ScheduleViewSet(Readable):
    """Who of a team is on call when. Keyed by slug."""

    policy: ClassVar = {
        "list": _READ,
        "retrieve": _READ,
        "create": Entry(permissions.makers, scopes.ONCALL_WRITE),
        "partial_update": _KEEPS,
        "final": _READ,
        "preview": Entry(permissions.readers, scopes.ONCALL_WRITE),
        "go_live": _KEEPS,
        "retire": _KEEPS,
    }
    serializer_class = ScheduleShown
    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9-]{1,63}"

    def visible_rows(self) -> QuerySet[Schedule]:
        rows = Schedule.objects.visible_to(self.actor).select_related("team").order_by()
        return operations.with_layers(rows, timezone.now()) if self.action == "list" else rows

    @extend_schema(request=NewSchedule, responses={201: ScheduleShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        said = _layers(self.validated(NewSchedule))
        made = operations.create_schedule(actor=self.actor, at=timezone.now(), **said)
        return self.respond(made, 201, {"Location": f"/api/v1/schedules/{made.slug}/"})

    @extend_schema(request=ScheduleEditing, responses={200: ScheduleShown})
    def partial_update(self, request: Request, slug: str) -> Response:
        said = _layers(self.validated(ScheduleEditing))
        edited = operations.edit_schedule(
            self.get_object(), actor=self.actor, version=version_read(request), at=timezone.now(),
            from_=said.pop("effective_from", None), **said,
        )  # fmt: skip
        return self.respond(edited)

    @extend_schema(
        responses=FinalShown,
        parameters=[OpenApiParameter("from", datetime, description="now"), OpenApiParameter("to", datetime)],
    )
    @action(detail=True, methods=["get"], filter_backends=())
    def final(self, request: Request, slug: str) -> Response:
        """Who is on call between two instants, `from` and `to` (14 days later), without holes: gaps are listed too."""
        names = {"from": "begin", "to": "end"}
        refuse_unknown(request.query_params, names, whole=True)
        asked = FinalAsked(data={names[name]: value for name, value in request.query_params.items() if name in names})
        asked.is_valid(raise_exception=True)
        begin, end = _period(asked.validated_data)
        return Response(FinalShown(final_shown(queries.final_shifts(self.get_object(), begin, end))).data)

    @extend_schema(request=SchedulePreview, responses={200: FinalShown})
    @action(detail=True, methods=["post"])
    def preview(self, request: Request, slug: str) -> Response:
        """Who would be on call by other layers. Nothing is written."""
        said = _layers(self.validated(SchedulePreview))
        shifts = operations.previewed(self.get_object(), said["layers"], *_period(said))
        return Response(FinalShown(final_shown(shifts)).data)

    @extend_schema(request=Nothing, responses={200: ScheduleShown})
    @action(detail=True, methods=["post"], url_path="go-live")
    def go_live(self, request: Request, slug: str) -> Response:
        """From now on it pages."""
        self.validated(Nothing)
        version = version_read(request)
        return self.respond(
            operations.go_live(self.get_object(), actor=self.actor, version=version, at=timezone.now())
        )  # fmt: skip

    @extend_schema(request=Nothing, responses={200: ScheduleShown})
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, slug: str) -> Response:
        """It pages nobody any more; what was stays."""
        self.validated(Nothing)
        version = version_read(request)
        return self.respond(
            operations.retire_schedule(self.get_object(), actor=self.actor, version=version, at=timezone.now())
        )


def _period(said: dict[str, Any]) -> tuple[datetime, datetime]:
    begin = said.get("begin") or timezone.now().replace(microsecond=0)
    require_near(begin)
    return begin, said.get("end") or begin + FORTNIGHT


class OnCallViewSet(Rows):
    """Who is on call."""

    policy: ClassVar = {"retrieve": Entry(permissions.readers)}
    serializer_class = OnCallShown

    @extend_schema(responses=OnCallShown, parameters=[OnCallAsked], operation_id="on_call")
    def retrieve(self, request: Request) -> Response:
        """Of a `service`, of a `schedule`, or of all schedules; `at` an instant, now by default."""
        asked = OnCallAsked(data=request.query_params.dict())
        refuse_unknown(request.query_params, asked.fields, whole=True)
        asked.is_valid(raise_exception=True)
        said: Any = asked.validated_data
        at = said.get("at") or timezone.now()
        rows = on_call_rows(self.actor, at, service=said.get("service", ""), schedule=said.get("schedule", ""))
        names = names_of({person for row in rows for person in row.duty.people})
        shown = [
            {
                "schedule": row.schedule.slug, "name": row.schedule.name, "team": row.schedule.team.slug,
                "people": [names[person].username for person in row.duty.people], "until": row.duty.until,
                "is_gap": row.duty.is_gap, "why": row.duty.why, "live": row.schedule.live_at is not None,
            }
            for row in rows
        ]  # fmt: skip
        return Response(OnCallShown({"at": at, "on_call": shown}).data)
