"""Pages: see views/."""

from django.urls import path

from incidents.escalation import views

app_name = "escalation_routes"
urlpatterns = [
    path("", views.listing, name="list"),
    path("new/", views.new, name="new"),
    path("preset/", views.preset, name="preset"),
    path("for/<str:reference>/", views.for_incident, name="for_incident"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/move/", views.move, name="move"),
]
