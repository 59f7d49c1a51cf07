"""Pages: see views/."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from itsm.proposals.queries import waiting_count
from itsm.proposals.views import one, queue
from itsm.ui.context import Entry, offers

app_name = "proposals"
urlpatterns = [
    path("", queue.queue, name="list"),
    path("report/", queue.report, name="report"),
    path("beside/<slug:record_kind>/<int:record_id>/", queue.beside, name="beside"),
    path("<int:number>/", one.detail, name="detail"),
    path("<int:number>/accept/", one.accept, name="accept"),
    path("<int:number>/dismiss/", one.dismiss, name="dismiss"),
    path("<int:number>/undo/", one.undo, name="undo"),
]

offers(
    Entry(
        _("Proposals"), "proposals:list", "robot", "g", place=25,
        for_requesters=False, count=waiting_count, under="home:desk",
    )
)  # fmt: skip
