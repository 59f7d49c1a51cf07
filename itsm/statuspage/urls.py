"""Pages of who publishes; the public's own addresses are in `public_urls`."""

from django.urls import URLPattern

app_name = "statuspage"
urlpatterns: list[URLPattern] = []
