"""Pages: see views.py."""

from django.urls import path, re_path

from itsm.assignment import views

app_name = "rules"
urlpatterns = [
    path("", views.rules, name="list"),
    path("new/", views.new, name="new"),
    path("matches/", views.matches, name="matches"),
    path("dry-run/", views.dry_run, name="dry_run"),
    re_path(r"^(?P<pk>[0-9]{1,18})/$", views.rule, name="detail"),
    re_path(r"^(?P<pk>[0-9]{1,18})/move/$", views.move, name="move"),
]
