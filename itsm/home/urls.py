"""The desk and what belongs to the whole house."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from itsm.home import keys, probes, views
from itsm.ui.context import Entry, offers

app_name = "home"
urlpatterns = [
    path("", views.desk, name="desk"),
    path("healthz/", probes.healthz, name="healthz"),
    path("search/", views.search, name="search"),
    path("keys/", keys.keys, name="keys"),
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/read/", views.mark_read, name="mark_read"),
]

offers(
    Entry(
        _("Desk"), "home:desk", "layout-dashboard", "d", place=10, for_requesters=False,
    )
)  # fmt: skip
