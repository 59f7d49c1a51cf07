"""Pages: see views.py."""

from django.urls import path

from itsm.retention import views

app_name = "retention"
urlpatterns = [path("", views.rules, name="rules"), path("holds/", views.holds, name="holds")]
