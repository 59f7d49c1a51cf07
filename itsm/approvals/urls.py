"""Addresses of what waits for a second person."""

from django.urls import path

from itsm.approvals import views

app_name = "approvals"
urlpatterns = [
    path("", views.confirmations, name="confirmations"),
    path("<str:reference>/", views.confirmation, name="confirmation"),
    path("<str:reference>/<slug:action>/", views.step, name="confirmation_step"),
]
