"""Pages: see views."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from incidents.alerts_in.views import keeping, stream
from itsm.ui.context import Entry, offers

app_name = "alerts"
urlpatterns = [
    path("", stream.alerts, name="list"),
    path("<int:pk>/", stream.alert, name="detail"),
    path("parked/", stream.parked, name="parked"),
    path("parked/<int:pk>/", stream.body, name="body"),
    path("parked/<int:pk>/decide/", stream.decide, name="decide"),
    path("quiets/", stream.held, name="quiets"),
    path("quiets/<int:pk>/lift/", stream.lift, name="lift"),
    path("sources/", keeping.sources, name="sources"),
    path("sources/new/", keeping.new_source, name="new_source"),
    path("sources/<slug:slug>/", keeping.source, name="source"),
    path("sources/<slug:slug>/retire/", keeping.retire, name="retire_source"),
    path("routing/", keeping.routing, name="routing"),
    path("routing/bench/", keeping.try_routing, name="bench"),
    path("of/<str:reference>/", stream.of_incident, name="of_incident"),
]

offers(
    Entry(_("Alerts"), "alerts:list", "activity", "x", place=20, for_requesters=False, under="incidents:list")
)  # fmt: skip
