"""The desk and what belongs to the whole house."""

from django.urls import path

from itsm.home import queries, views
from itsm.ui.context import counts

app_name = "home"
urlpatterns = [
    path("", views.desk, name="desk"),
    path("search/", views.search, name="search"),
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/read/", views.mark_read, name="mark_read"),
]

counts("home:desk", queries.waiting_count)
