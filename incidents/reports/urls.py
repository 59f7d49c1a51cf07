"""Pages: see views/."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from incidents.reports.views import pages, saved
from itsm.ui.context import Entry, offers

app_name = "reports"
urlpatterns = [
    path("", pages.desk, name="desk"),
    path("incidents.csv", pages.export, {"form": "csv"}, name="csv"),
    path("incidents.jsonl", pages.export, {"form": "jsonl"}, name="jsonl"),
    path("saved/", saved.listed, name="saved_list"),
    path("saved/new/", saved.new, name="new"),
    path("saved/<int:report_id>/", saved.detail, name="saved"),
    path("saved/<int:report_id>/edit/", saved.edit, name="edit"),
    path("saved/<int:report_id>/remove/", saved.remove, name="remove"),
    path("saved/<int:report_id>/mail/", saved.mail, name="mail"),
    path("saved/<int:report_id>/no-more-mail/", saved.no_more_mail, name="no_more_mail"),
]

offers(
    Entry(
        _("Reports"), "reports:desk", "chart-bar", "r", place=55, for_requesters=False, marked_in=("satisfaction",),
    )
)  # fmt: skip
