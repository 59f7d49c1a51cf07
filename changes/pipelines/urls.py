"""What pipelines fetch: see views.py."""

from django.urls import path

from changes.pipelines import views

app_name = "pipelines"
urlpatterns = [
    path("headroom", views.command, name="command"),
    path("headroom.sha256", views.checksum, name="checksum"),
    path("changes/deliver/<slug:slug>/", views.deliver, name="deliver"),
]
