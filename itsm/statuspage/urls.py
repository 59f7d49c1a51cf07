"""Pages of who publishes; the public's own addresses are in `public_urls`."""

from django.urls import path, re_path
from django.utils.translation import gettext_lazy as _

from itsm.statuspage.views import keeping, speaking
from itsm.ui.context import Entry, offers

app_name = "statuspage"
urlpatterns = [
    path("", keeping.pages, name="list"),
    path("new/", keeping.new, name="create"),
    re_path(r"^about/(?P<reference>(?:INC|CHG)-[0-9]{1,12})/$", speaking.about, name="about"),
    path("updates/<int:pk>/withdraw/", speaking.withdraw, name="withdraw"),
    path("<slug:slug>/", keeping.page, name="detail"),
    path("<slug:slug>/edit/", keeping.edit, name="edit"),
    path("<slug:slug>/rekey/", keeping.rekey, name="rekey"),
    path("<slug:slug>/retire/", keeping.retire, name="retire"),
    path("<slug:slug>/components/new/", keeping.add_component, name="add_component"),
    path("<slug:slug>/components/<int:pk>/", keeping.component, name="component"),
    path("<slug:slug>/components/<int:pk>/retire/", keeping.retire_component, name="retire_component"),
    path("<slug:slug>/components/<int:pk>/state/", keeping.set_state, name="set_state"),
    path("<slug:slug>/incidents/new/", speaking.new_incident, name="new_incident"),
    path("<slug:slug>/incidents/<int:pk>/", speaking.incident, name="incident"),
    path("<slug:slug>/maintenance/new/", speaking.new_maintenance, name="new_maintenance"),
    path("<slug:slug>/maintenance/<int:pk>/", speaking.maintenance, name="maintenance"),
    path("<slug:slug>/maintenance/<int:pk>/reschedule/", speaking.reschedule, name="reschedule"),
]

offers(
    Entry(
        _("Status pages"), "statuspage:list", "activity", "u", place=26, for_requesters=False, under="incidents:list"
    )
)  # fmt: skip
