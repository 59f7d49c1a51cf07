"""The page of the report, among the others."""

from django.urls import path

from itsm.oncall.views.reports import on_call_report

app_name = "oncall_report"
urlpatterns = [path("", on_call_report, name="report")]
