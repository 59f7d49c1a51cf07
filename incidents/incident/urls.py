"""Pages: see views/."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from incidents.incident.views import (
    attachments,
    board,
    fresh,
    list_views,
    moving,
    parts,
    queue,
    record,
    routing,
    row,
    steps,
    tabs,
    time_worked,
    together,
)
from itsm.ui.context import Entry, offers

app_name = "incidents"
urlpatterns = [
    path("", queue.queue, name="list"),
    path("board/", board.board, name="board"),
    path("fresh/", fresh.rows, name="fresh"),
    path("new/", record.new, name="new"),
    path("views/new/", list_views.save, name="save_view"),
    path("views/count/", list_views.count, name="count_view"),
    path("columns/", list_views.choose, name="columns"),
    path("views/<slug:slug>/edit/", list_views.edit, name="edit_view"),
    path("views/<slug:slug>/", list_views.keep, name="keep_view"),
    path("choices/", parts.choices, name="choices"),
    path("open-counts/", parts.open_counts, name="open_counts"),
    path("of/<slug:slug>/", parts.for_service, name="for_service"),
    path("<str:reference>/", record.detail, name="detail"),
    path("<str:reference>/events/", record.events, name="events"),
    path("<str:reference>/edit/", record.edit, name="edit"),
    path("<str:reference>/rewrite/", record.rewrite, name="rewrite"),
    path("<str:reference>/move/", moving.move, name="move"),
    path("<str:reference>/row/", row.row, name="row"),
    path("<str:reference>/look/", fresh.look, name="look"),
    path("<str:reference>/note/", record.note, name="note"),
    path("<str:reference>/files/<uuid:key>/withdraw/", attachments.withdraw, name="withdraw_file"),
    path("<str:reference>/time/", time_worked.add, name="add_time"),
    path("<str:reference>/time/<int:entry>/", time_worked.correct, name="correct_time"),
    path("<str:reference>/time/<int:entry>/withdraw/", time_worked.withdraw, name="withdraw_time"),
    path("<str:reference>/parent/", together.parent, name="parent"),
    path("<str:reference>/tasks/", together.add_task, name="add_task"),
    path("<str:reference>/tasks/<int:task>/<slug:verb>/", together.task, name="task"),
    path("<str:reference>/watchers/", together.watch, name="watch"),
    path("<str:reference>/watchers/leave/", together.unwatch, name="unwatch"),
    path("<str:reference>/links/", together.add_link, name="add_link"),
    path("<str:reference>/together/", together.together, name="together"),
    path("<str:reference>/who-feels-it/", together.who_feels_it, name="who_feels_it"),
    path("<str:reference>/links/<int:link>/remove/", together.unlink, name="unlink"),
    path("<str:reference>/routing/", routing.routing, name="routing"),
    path("<str:reference>/<slug:action>/", steps.step, name="step"),
]

offers(
    Entry(
        _("Incidents"), "incidents:list", "alert-triangle", "i", place=20,
        for_requesters=False, count=tabs.mine_count,
        marked_in=(
            "answers", "next_up", "sla", "incident_macros", "imports", "placing", "bulk", "macros", "rules",
            "calendars", "incident_mail",
        ),
    )
)  # fmt: skip
