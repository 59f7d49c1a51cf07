"""Kept reports over REST, and who gets them by mail."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.reports import operations, permissions
from incidents.reports.models import ReportMail, SavedReport
from incidents.reports.queries.saved import visible_reports
from incidents.reports.vocabulary import Every, Group, Measure, Span
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.people import PersonField
from itsm.api.permissions import Entry
from itsm.api.routing import Router
from itsm.api.serializers import Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable

_MAKE = Entry(permissions.makers, scopes.INCIDENTS_WRITE)
_KEEP = Entry(permissions.makers, scopes.INCIDENTS_WRITE, over=permissions.owners)


class ReportEditing(Strict):
    """`query`: terms as in an address, such as priority=1,2&team=network."""

    name = fields.Text(max_length=80, required=False)
    query = fields.Text(max_length=2000, allow_blank=True, required=False)
    measures = serializers.ListField(
        child=fields.Choice(choices=Measure.choices), min_length=1, max_length=len(Measure), required=False
    )
    group_by = fields.Choice(choices=Group.choices, required=False)
    span = fields.Choice(choices=Span.choices, required=False)


class NewReport(ReportEditing):
    name = fields.Text(max_length=80)


class Mailing(Strict):
    """`reader`: oneself where nobody is named."""

    every = fields.Choice(choices=Every.choices)
    reader = PersonField(required=False)


class MailStopping(Strict):
    reader = PersonField(required=False)


class MailShown(Shown):
    reader = PersonField(read_only=True)

    class Meta:
        model = ReportMail
        fields = ("reader", "every", "sent_at")


class ReportShown(Shown):
    owner = PersonField(read_only=True)
    mails = serializers.SerializerMethodField()
    url = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = SavedReport
        fields = ("id", "name", "owner", "query", "measures", "group_by", "span", "mails", "version", "url")

    @extend_schema_field(MailShown(many=True))
    def get_mails(self, report: SavedReport) -> Any:
        """Its owner sees all of them, each reader their own."""
        actor = self.context["view"].actor
        mails = report.mails.select_related("reader")
        shown = mails if permissions.owners(actor, report) else mails.filter(reader=actor.id)
        return MailShown(shown, many=True).data


class SavedReportViewSet(Readable):
    """Reports that are kept under a name."""

    policy: ClassVar = {
        "list": Entry(permissions.staff),
        "retrieve": Entry(permissions.staff),
        "create": _MAKE,
        "partial_update": _KEEP,
        "destroy": _KEEP,
        "mail": _MAKE,
        "stop_mail": _MAKE,
    }
    serializer_class = ReportShown
    lookup_value_regex = "[0-9]{1,12}"

    def visible_rows(self) -> QuerySet[SavedReport]:
        return visible_reports(self.actor).order_by()

    @extend_schema(request=NewReport, responses={201: ReportShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        made = operations.save_report(actor=self.actor, **self.validated(NewReport))
        return self.respond(made, 201, {"Location": f"/api/v1/reports/saved/{made.pk}/"})

    @extend_schema(request=ReportEditing, responses={200: ReportShown})
    def partial_update(self, request: Request, pk: str) -> Response:
        said: dict[str, Any] = self.validated(ReportEditing)
        return self.respond(
            operations.edit_report(self.get_object(), actor=self.actor, version=version_read(request), **said)
        )

    def destroy(self, request: Request, pk: str) -> Response:
        """Gone, and nobody gets it by mail."""
        operations.remove_report(self.get_object(), actor=self.actor, version=version_read(request))
        return Response(status=204)

    @extend_schema(request=Mailing, responses={200: ReportShown}, operation_id="reports_mail")
    @action(detail=True, methods=["post"])
    def mail(self, request: Request, pk: str) -> Response:
        """Send it each morning, Monday or first of a month, at seven where the reader is."""
        report = self.get_object()
        operations.mail_to(report, actor=self.actor, **self.validated(Mailing))
        return self.respond(report)

    @extend_schema(request=MailStopping, responses={204: None}, operation_id="reports_stop_mail")
    @action(detail=True, methods=["post"], url_path="stop-mail")
    def stop_mail(self, request: Request, pk: str) -> Response:
        """Who is not its owner no longer sees it then, so nothing is answered."""
        operations.no_more_mail(self.get_object(), actor=self.actor, **self.validated(MailStopping))
        return Response(status=204)


def register(router: Router) -> None:
    router.register("reports/saved", SavedReportViewSet, basename="saved-report")
