"""The incidents' part of the API."""

from django.urls import URLPattern, re_path

from incidents.alerts_in.api import urls as alerts
from incidents.answers import api as answers
from incidents.escalation import api as escalation
from incidents.incident.api import attachments, placing, routing
from incidents.incident.api.viewsets import IncidentViewSet
from incidents.incident.models import Incident
from incidents.major.api.viewsets import CandidateRuleViewSet, MajorViewSet
from incidents.next_up.api import NextUpViewSet
from incidents.postmortem.api.files import PostmortemFileViewSet
from incidents.postmortem.api.viewsets import PostmortemActionViewSet, PostmortemViewSet
from incidents.problem.api.viewsets import ProblemViewSet
from incidents.reports.api import saved
from incidents.reports.api.desk import DeskReportViewSet
from incidents.reports.api.exports import IncidentExportViewSet
from incidents.reports.api.viewsets import IncidentReportViewSet
from incidents.sla import api as sla
from incidents.toil.api import ToilReportViewSet
from itsm.api.routing import Router
from itsm.bulk.api import bulk_of

_file = IncidentExportViewSet.as_view
_postmortem = PostmortemFileViewSet.as_view
_PM = r"^postmortems/(?P<number>[A-Za-z]{2}-[0-9]{1,12})"

urlpatterns: list[URLPattern] = [
    *alerts.urlpatterns,
    re_path(r"^incidents/next/?$", NextUpViewSet.as_view({"get": "retrieve"}), name="incident-next"),
    re_path(r"^reports/incidents/?$", IncidentReportViewSet.as_view({"get": "retrieve"}), name="incident-report"),
    re_path(r"^reports/toil/?$", ToilReportViewSet.as_view({"get": "retrieve"}), name="toil-report"),
    re_path(r"^reports/desk/?$", DeskReportViewSet.as_view({"get": "retrieve"}), name="desk-report"),
    re_path(r"^incidents\.csv$", _file({"get": "retrieve"}, form="csv"), name="incident-csv"),
    re_path(r"^incidents\.jsonl$", _file({"get": "retrieve"}, form="jsonl"), name="incident-jsonl"),
    re_path(_PM + r"\.md$", _postmortem({"get": "retrieve"}, form="md"), name="postmortem-md"),
    re_path(_PM + r"\.pdf$", _postmortem({"get": "retrieve"}, form="pdf"), name="postmortem-pdf"),
]


def register(router: Router) -> None:
    router.register("incidents/bulk", bulk_of(Incident.kind), basename="incident-bulk")
    router.register("incidents", IncidentViewSet, basename="incident")
    router.register("majors", MajorViewSet, basename="major")
    router.register("candidate-rules", CandidateRuleViewSet, basename="candidate-rule")
    router.register("problems", ProblemViewSet, basename="problem")
    alerts.register(router)
    answers.register(router)
    escalation.register(router)
    router.register("postmortems/actions", PostmortemActionViewSet, basename="postmortem-actions")
    router.register("postmortems", PostmortemViewSet, basename="postmortem")
    sla.register(router)
    attachments.register(router)
    routing.register(router)
    placing.register(router)
    saved.register(router)
