"""Pages: see views.py."""

from django.urls import path

from itsm.security import views

app_name = "security"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("asvs/", views.verification, name="verification"),
]
