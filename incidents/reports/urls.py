"""Pages: see views/."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from incidents.reports.views import pages
from itsm.ui.context import Entry, offers

app_name = "reports"
urlpatterns = [
    path("", pages.desk, name="desk"),
    path("incidents/", pages.rows, name="rows"),
    path("incidents.csv", pages.export, {"form": "csv"}, name="csv"),
    path("incidents.jsonl", pages.export, {"form": "jsonl"}, name="jsonl"),
]

offers(Entry(_("Reports"), "reports:desk", "chart-bar", "r", place=55, for_requesters=False))
