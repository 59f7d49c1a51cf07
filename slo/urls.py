"""Pages: see views.py."""

from django.urls import URLPattern

app_name = "slo"
urlpatterns: list[URLPattern] = []
