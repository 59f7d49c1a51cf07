"""Pages: see views.py."""

from django.urls import path

from itsm.assignment import views

app_name = "rules"
urlpatterns = [
    path("", views.rules, name="list"),
    path("new/", views.new, name="create"),
    path("matches/", views.matches, name="matches"),
    path("dry-run/", views.dry_run, name="dry_run"),
    path("<int:pk>/", views.rule, name="detail"),
    path("<int:pk>/move/", views.move, name="move"),
]
