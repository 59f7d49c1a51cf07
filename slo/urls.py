"""Pages: see views/."""

from django.urls import path

from slo.views import fleet, objective, parts

app_name = "slo"
urlpatterns = [
    path("", fleet.objectives, name="list"),
    path("new/", objective.new, name="new"),
    path("badges/", parts.fleet_badges, name="fleet_badges"),
    path("of/<slug:slug>/", parts.for_service, name="for_service"),
    path("<slug:slug>/", objective.detail, name="detail"),
    path("<slug:slug>/edit/", objective.edit, name="edit"),
    path("<slug:slug>/burn-down/", objective.burn_down, name="burn_down"),
]
