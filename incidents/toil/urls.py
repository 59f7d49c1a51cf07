"""The page of toil, among the reports."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from incidents.toil import views
from itsm.ui.context import Entry, offers

app_name = "toil"
urlpatterns = [path("", views.report, name="report")]

offers(Entry(_("Toil"), "toil:report", "clock", "e", place=57, for_requesters=False, under="reports:desk"))
