"""Pages: see views.py."""

from django.urls import path

from incidents.sla import views

app_name = "sla"
urlpatterns = [path("<str:reference>/clocks/", views.clocks, name="clocks")]
