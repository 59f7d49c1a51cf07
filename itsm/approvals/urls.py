"""Addresses of what waits for a second person."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from itsm.approvals import delegation_views, views, waiting_views
from itsm.approvals.counting import waiting_count
from itsm.approvals.queries import waiting_confirmations
from itsm.ui.context import Entry, offers

app_name = "approvals"
urlpatterns = [
    path("", views.confirmations, name="confirmations"),
    path("<str:reference>/", views.confirmation, name="confirmation"),
    path("<str:reference>/<slug:action>/", views.step, name="confirmation_step"),
]
DELEGATIONS = (
    [
        path("", delegation_views.delegations, name="list"),
        path("<str:reference>/end/", delegation_views.end, name="end"),
    ],
    "delegations",
)
WAITING = (
    [
        path("", waiting_views.queue, name="queue"),
        path("<int:ask>/", waiting_views.answer, name="answer"),
    ],
    "waiting",
)

offers(
    Entry(
        _("Approvals"), "waiting:queue", "thumb-up", "j", place=15,
        for_requesters=False, count=waiting_count, under="home:desk",  # the portal says itself what waits
    )
)  # fmt: skip
offers(
    Entry(
        _("Four eyes"), "approvals:confirmations", "user-check", "l", place=60,
        for_requesters=False, count=waiting_confirmations, marked_in=("delegations",), under="home:desk",
    )
)  # fmt: skip
