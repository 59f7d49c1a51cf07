"""Pages: see views/. Addresses beside these explain refusals (`itsm.urls`): only references are records."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter
from django.utils.translation import gettext_lazy as _

from incidents.problem import queries
from incidents.problem.views import listing, parts, record, steps, telling, together
from itsm.ui.context import Entry, offers


class ReferenceConverter(StringConverter):
    """PRB-00042, in whatever case."""

    regex = "[Pp][Rr][Bb]-[0-9]{1,12}"


register_converter(ReferenceConverter, "problem")

app_name = "problems"
urlpatterns = [
    path("", listing.problems, name="list"),
    path("new/", record.new, name="new"),
    path("unowned/", parts.unowned, name="unowned"),
    path("behind/<str:reference>/", parts.for_incident, name="for_incident"),
    path("<problem:reference>/", record.detail, name="detail"),
    path("<problem:reference>/events/", record.events, name="events"),
    path("<problem:reference>/edit/", record.edit, name="edit"),
    path("<problem:reference>/rewrite/", record.rewrite, name="rewrite"),
    path("<problem:reference>/note/", record.note, name="note"),
    path("<problem:reference>/burn/", parts.burn, name="burn"),
    path("<problem:reference>/broadcast/", telling.broadcast, name="broadcast"),
    path("<problem:reference>/apply/", telling.apply, name="apply"),
    path("<problem:reference>/together/", together.together, name="together"),
    path("<problem:reference>/tasks/", together.add_task, name="add_task"),
    path("<problem:reference>/tasks/<int:task>/<slug:verb>/", together.task, name="task"),
    path("<problem:reference>/links/", together.add_link, name="add_link"),
    path("<problem:reference>/links/<int:link>/remove/", together.unlink, name="unlink"),
    path("<problem:reference>/<slug:action>/", steps.step, name="step"),
]

offers(
    Entry(
        _("Problems"), "problems:list", "bug", "b", place=35, for_requesters=False, count=queries.proposed_for,
    )
)  # fmt: skip
