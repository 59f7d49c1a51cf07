"""The page of toil, among the reports."""

from django.urls import path

from incidents.toil import views

app_name = "toil"
urlpatterns = [path("", views.report, name="report")]
