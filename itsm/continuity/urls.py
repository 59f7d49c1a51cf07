"""Pages: see views.py."""

from django.urls import path

from itsm.continuity import views

app_name = "continuity"
urlpatterns = [path("", views.backups, name="backups")]
