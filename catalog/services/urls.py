"""Pages: see views.py."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from catalog.services import views
from itsm.ui.context import Entry, offers

app_name = "catalog"
urlpatterns = [
    path("", views.services, name="list"),
    path("new/", views.new, name="new"),
    path("<slug:slug>/", views.detail, name="detail"),
    path("<slug:slug>/edit/", views.edit, name="edit"),
    path("<slug:slug>/graph/", views.graph, name="graph"),
]

offers(
    Entry(
        _("Services"), "catalog:list", "server-2", "s", place=40, for_requesters=False,
        marked_in=("agreements", "offerings", "environments"),
    )
)  # fmt: skip
