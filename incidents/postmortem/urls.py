"""Pages: see views/."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter
from django.utils.translation import gettext_lazy as _

from incidents.postmortem import queries
from incidents.postmortem.views import listing, record, steps, together, writing
from itsm.ui.context import Entry, offers


class ReferenceConverter(StringConverter):
    """PM-00042, in whatever case."""

    regex = "[Pp][Mm]-[0-9]{1,12}"


register_converter(ReferenceConverter, "postmortem")

app_name = "postmortems"
urlpatterns = [
    path("", listing.postmortems, name="list"),
    path("actions/", listing.actions, name="actions"),
    path("new/", writing.new, name="new"),
    path("about/<str:reference>/", record.for_incident, name="for_incident"),
    path("<postmortem:reference>/", record.detail, name="detail"),
    path("<postmortem:reference>/write/", writing.write, name="write"),
    path("<postmortem:reference>/wording/", writing.wording, name="wording"),
    path("<postmortem:reference>/versions/<int:number>/", record.version, name="version"),
    path("<postmortem:reference>/compare/", record.compare, name="compare"),
    path("<postmortem:reference>/file.md", record.as_markdown, name="md"),
    path("<postmortem:reference>/file.pdf", record.as_pdf, name="pdf"),
    path("<postmortem:reference>/events/", together.add_event, name="add_event"),
    path("<postmortem:reference>/events/<int:event>/", together.edit_event, name="edit_event"),
    path("<postmortem:reference>/events/<int:event>/remove/", together.remove_event, name="remove_event"),
    path("<postmortem:reference>/actions/", together.add_action, name="add_action"),
    path("<postmortem:reference>/actions/<int:one>/", together.edit_action, name="edit_action"),
    path("<postmortem:reference>/actions/<int:one>/<slug:verb>/", together.action, name="action"),
    path("<postmortem:reference>/<slug:action>/", steps.step, name="step"),
]

offers(
    Entry(
        _("Postmortems"), "postmortems:list", "report", "t", place=26, for_requesters=False, under="problems:list",
        count=queries.waiting_for,
    )
)  # fmt: skip
