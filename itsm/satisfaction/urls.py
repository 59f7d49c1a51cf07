"""Pages: see views.py. Whoever holds a link needs no account."""

from django.urls import path, re_path

from itsm.satisfaction import views

app_name = "satisfaction"
_TOKEN = r"^feedback/(?P<token>[\w:-]{8,100})/"  # noqa: S105 -- a pattern
urlpatterns = [
    path("reports/satisfaction/", views.report, name="report"),
    re_path(rf"{_TOKEN}$", views.feedback, name="feedback"),
    re_path(rf"{_TOKEN}(?P<score>good|fair|bad)/$", views.feedback, name="chosen"),
    re_path(rf"{_TOKEN}comment/$", views.comment, name="comment"),
]
