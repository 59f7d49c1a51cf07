"""Pages: see views/."""

from django.urls import path

from changes.change.queries.marks import deployed
from changes.change.views import asking, attesting, parts, queue, record, register, steps
from itsm.ui.context import counts
from slo.objectives.queries import marks

app_name = "changes"
urlpatterns = [
    path("", queue.changes, name="list"),
    path("new/", asking.new, name="new"),
    path("calendar/", register.calendar, name="calendar"),
    path("calendar/<int:pk>/lift/", register.lift, name="lift"),
    path("models/", register.models, name="models"),
    path("models/<slug:slug>/certify/", register.certify, name="certify"),
    path("attestors/", attesting.attestors, name="attestors"),
    path("attestors/<int:pk>/dismiss/", attesting.dismiss, name="dismiss_attestor"),
    path("attestations/<int:pk>/withdraw/", attesting.withdraw, name="withdraw_attestation"),
    path("probe/<slug:slug>/", parts.probe, name="probe"),
    path("of/<slug:slug>/", parts.for_service, name="for_service"),
    path("near/<str:reference>/", parts.for_incident, name="for_incident"),
    path("<str:reference>/", record.detail, name="detail"),
    path("<str:reference>/note/", record.note, name="note"),
    path("<str:reference>/news/", record.news, name="news"),
    path("<str:reference>/reach/<int:decision>/", record.reach, name="reach"),
    path("<str:reference>/<slug:action>/", steps.step, name="step"),
]

counts("changes:list", queue.waiting_count)
marks.come_from(deployed)
