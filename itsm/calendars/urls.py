"""Pages: see views.py."""

from django.urls import path, re_path

from itsm.calendars import views

app_name = "calendars"
urlpatterns = [
    path("", views.calendars, name="list"),
    path("new/", views.new, name="create"),
    re_path(r"^(?P<pk>[0-9]{1,18})/$", views.calendar, name="detail"),
    re_path(r"^(?P<pk>[0-9]{1,18})/import/$", views.bring_in, name="import"),
]
