"""Pages: see views/."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter
from django.utils.translation import gettext_lazy as _

from incidents.major import queries
from incidents.major.views import listing, room, steps, together
from itsm.ui.context import Entry, offers


class ReferenceConverter(StringConverter):
    """INC-00042, in whatever case: that of the incident."""

    regex = "[Ii][Nn][Cc]-[0-9]{1,12}"


register_converter(ReferenceConverter, "major")

app_name = "majors"
urlpatterns = [
    path("", listing.majors, name="list"),
    path("rules/", listing.rules, name="rules"),
    path("rules/<slug:rule>/", listing.keep_rule, name="keep_rule"),
    path("about/<str:reference>/", together.for_incident, name="for_incident"),
    path("<major:reference>/", room.detail, name="detail"),
    path("<major:reference>/live/", room.live, name="live"),
    path("<major:reference>/edit/", together.edit, name="edit"),
    path("<major:reference>/say/", together.say, name="say"),
    path("<major:reference>/stakeholders/", together.add_stakeholder, name="add_stakeholder"),
    path("<major:reference>/stakeholders/<int:one>/remove/", together.remove_stakeholder, name="remove_stakeholder"),
    path("<major:reference>/pins/", together.pin, name="pin"),
    path("<major:reference>/pins/<int:one>/remove/", together.unpin, name="unpin"),
    path("<major:reference>/tasks/", together.add_task, name="add_task"),
    path("<major:reference>/tasks/<int:task>/<slug:verb>/", together.task, name="task"),
    path("<major:reference>/<slug:action>/", steps.step, name="step"),
]

offers(
    Entry(
        _("Majors"), "majors:list", "flame", "M", place=25, for_requesters=False, under="incidents:list",
        count=queries.waiting_for,
    )
)  # fmt: skip
