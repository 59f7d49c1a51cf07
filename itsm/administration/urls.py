"""Pages: see views.py."""

from django.urls import path

from itsm.administration import views

app_name = "administration"
urlpatterns = [path("", views.settings, name="settings")]
