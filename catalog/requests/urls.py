"""Pages: see views/."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter
from django.utils.translation import gettext_lazy as _

from catalog.requests import queries
from catalog.requests.views import items, listing, record, report
from itsm.ui.context import Entry, offers


class RequestConverter(StringConverter):
    """REQ-00042, in whatever case."""

    regex = "[Rr][Ee][Qq]-[0-9]{1,12}"


class ItemConverter(StringConverter):
    """REQ-00042.1: the first item of it."""

    regex = r"[Rr][Ee][Qq]-[0-9]{1,12}\.[0-9]{1,4}"


register_converter(RequestConverter, "request")
register_converter(ItemConverter, "requested_item")

app_name = "requests"
urlpatterns = [
    path("", listing.requests, name="list"),
    path("report/", report.report, name="report"),
    path("<request:reference>/", record.detail, name="detail"),
    path("<request:reference>/say/", record.say, name="say"),
    path("<request:reference>/follow/", record.follow, name="follow"),
    path("<requested_item:reference>/decide/", items.decide, name="decide"),
    path("<requested_item:reference>/assign/", items.assign, name="assign"),
    path("<requested_item:reference>/tasks/", items.add_task, name="add_task"),
    path("<requested_item:reference>/tasks/<int:task>/<slug:verb>/", items.task, name="task"),
    path("<requested_item:reference>/<slug:action>/", items.item_step, name="item_step"),
    path("<request:reference>/<slug:action>/", record.step, name="step"),
]
offers(
    Entry(_("Requests"), "requests:list", "inbox", "q", place=22, for_requesters=False, count=queries.waiting_for_us)
)  # fmt: skip
