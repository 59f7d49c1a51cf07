"""Saved views over REST: find, parse, call one operation, render."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import permissions, scopes
from itsm.api import fields
from itsm.api.filters import Listed
from itsm.api.idempotency import idempotent
from itsm.api.people import PersonField, TeamField
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.work import saved_views
from itsm.work.view_models import MAX_COLUMNS, View

_MAKE = Entry(permissions.contributors, scopes.INCIDENTS_WRITE)
_KEEP = Entry(permissions.contributors, scopes.INCIDENTS_WRITE, over=saved_views.keepers)


class ViewEditing(Strict):
    """`query`: terms as in an address, such as state=open&priority=1,2. `team` only where `share` is team."""

    name = fields.Text(max_length=60, required=False)
    query = fields.Text(max_length=2000, allow_blank=True, required=False)
    sort = fields.Text(max_length=20, allow_blank=True, required=False)
    columns = serializers.ListField(child=fields.Text(max_length=70), max_length=MAX_COLUMNS, required=False)
    layout = fields.Choice(choices=View.Layout.choices, required=False)
    group_by = fields.Text(max_length=20, allow_blank=True, required=False)
    share = fields.Choice(choices=View.Share.choices, required=False)
    team = TeamField(required=False, allow_null=True)


class NewView(ViewEditing):
    """A view of one kind of record, such as incident."""

    record_kind = fields.Text(max_length=40)
    name = fields.Text(max_length=60)


class ViewShown(Shown):
    """A saved view. `columns` empty: the list's own."""

    owner = PersonField(read_only=True)
    team = TeamField(read_only=True, allow_null=True)

    class Meta:
        model = View
        fields = (
            "record_kind", "slug", "name", "owner", "share", "team", "query", "sort", "columns", "layout", "group_by",
            "version",
        )  # fmt: skip


class ViewFilter(Listed):
    record_kind = django_filters.CharFilter(max_length=40)

    class Meta:
        model = View
        fields = ("record_kind",)


class ViewViewSet(Readable):
    """Saved views of lists. Keyed by slug."""

    policy: ClassVar = {
        "list": Entry(permissions.anyone),
        "retrieve": Entry(permissions.colleagues),
        "create": _MAKE,
        "partial_update": _KEEP,
        "destroy": _KEEP,
        "pin": Entry(saved_views.pinners, scopes.INCIDENTS_WRITE),
        "unpin": _MAKE,
    }
    serializer_class = ViewShown
    filterset_class = ViewFilter
    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9-]{1,63}"

    def visible_rows(self) -> QuerySet[View]:
        return saved_views.visible_views(self.actor).select_related("owner", "team").order_by()

    @extend_schema(request=NewView, responses={201: ViewShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        made = saved_views.save_view(actor=self.actor, **self.validated(NewView))
        return self.respond(made, 201, {"Location": f"/api/v1/views/{made.slug}/"})

    @extend_schema(request=ViewEditing, responses={200: ViewShown})
    def partial_update(self, request: Request, slug: str) -> Response:
        said: dict[str, Any] = self.validated(ViewEditing)
        return self.respond(
            saved_views.edit_view(self.get_object(), actor=self.actor, version=version_read(request), **said)
        )

    def destroy(self, request: Request, slug: str) -> Response:
        """Gone, with everybody's tab of it."""
        saved_views.delete_view(self.get_object(), actor=self.actor, version=version_read(request))
        return Response(status=204)

    @extend_schema(request=Nothing, responses={200: ViewShown}, operation_id="views_pin")
    @action(detail=True, methods=["post"])
    def pin(self, request: Request, slug: str) -> Response:
        """Keep it as a tab of one's own, at most nine."""
        self.validated(Nothing)
        return self.respond(saved_views.pin(self.get_object(), actor=self.actor))

    @extend_schema(request=Nothing, responses={200: ViewShown}, operation_id="views_unpin")
    @action(detail=True, methods=["post"])
    def unpin(self, request: Request, slug: str) -> Response:
        """It is a tab no longer."""
        self.validated(Nothing)
        return self.respond(saved_views.unpin(self.get_object(), actor=self.actor))
