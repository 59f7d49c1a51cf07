"""Pages: see views/."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from changes.back_tests import views as back_tests
from changes.boards.views import boards, meetings, waiting
from changes.cab_value import views as cab_value
from changes.calendar import views as calendar
from changes.change.queries.marks import deployed
from changes.change.views import (
    asking,
    attesting,
    editing,
    moving,
    overriding,
    parts,
    planning,
    questions,
    queue,
    record,
    steps,
    tasks,
    windows,
)
from changes.change.views import calendar as planned
from changes.change_models import views as change_models
from changes.chaos import views as chaos
from changes.delivery.views import completeness as of_completeness
from changes.delivery.views import doors, matrix
from changes.delivery.views import sources as delivery_sources
from changes.dora.views import pages as dora
from changes.feeds import views as feeds
from changes.ledger import views as ledger
from changes.model_review import views as model_review
from changes.policies.views import authorities, policies, questionnaires
from changes.quieting import views as quieting
from changes.start_up import views as start_up
from itsm.ui.context import Entry, offers
from slo.objectives.queries.objective_page import chart

app_name = "changes"
urlpatterns = [
    path("", queue.changes, name="list"),
    path("new/", asking.new, name="new"),
    path("calendar/", calendar.calendar, name="calendar"),
    *(
        path(f"calendar/{shown}/", planned.calendar, {"shown": shown}, name=f"calendar_{shown}")
        for shown in planned.VIEWS
    ),
    path("calendar/preview/", planned.preview, name="calendar_preview"),
    path("calendar/feeds/", feeds.feeds, name="feeds"),
    path("calendar/feeds/subscribe/", feeds.subscribe, name="subscribe"),
    path("calendar/feeds/<int:pk>/revoke/", feeds.revoke, name="revoke_feed"),
    path("calendar/feeds/calendars/<int:pk>/<slug:action>/", feeds.calendar_step, name="calendar_step"),
    path("calendar/feeds/events/<int:pk>/take-in/", feeds.take_in, name="take_in"),
    path("calendar/feeds/events/<int:pk>/<slug:action>/", feeds.event_step, name="event_step"),
    path("calendar/feeds/<str:token>.ics", feeds.feed, name="feed"),
    path("calendar/<int:pk>/lift/", calendar.lift, name="lift"),
    path("calendar/<str:reference>/", windows.window, name="window"),
    path("calendar/<str:reference>/edit/", windows.edit, name="edit_window"),
    path("calendar/<str:reference>/steps/<slug:action>/", windows.step, name="window_step"),
    path("start/", start_up.overview, name="start_up"),
    path("start/<slug:slug>/", start_up.service, name="past_of"),
    path("start/<slug:slug>/shadow/", start_up.shadow, name="shadow_service"),
    path("start/<slug:slug>/enforce/", start_up.enforce, name="enforce_service"),
    path("experiments/", chaos.experiments, name="experiments"),
    path("experiments/new/", chaos.new, name="new_experiment"),
    path("questions/", questions.asked, name="questions"),
    path("models/", change_models.models, name="models"),
    path("models/figures/", model_review.figures, name="model_figures"),
    path("models/<slug:slug>/", change_models.model, name="model"),
    path("models/<slug:slug>/versions/<int:number>/", change_models.version, name="model_version"),
    path("models/<slug:slug>/stop/", change_models.stop, name="stop_model"),
    path("models/<slug:slug>/certify/", change_models.certify, name="certify"),
    path("policies/", policies.policies_page, name="policies"),
    path("policies/<int:pk>/", policies.policy, name="policy"),
    path("policies/<int:pk>/cells/<str:place>/", policies.cell, name="policy_cell"),
    path("policies/<int:pk>/authorities/<str:decider>/", authorities.authority, name="policy_authority"),
    path("policies/<int:pk>/questions/", questionnaires.questionnaire, name="questionnaire"),
    path("policies/<int:pk>/questions/try/", questionnaires.tried, name="try_questionnaire"),
    path("policies/<int:pk>/text/", policies.policy_text, name="policy_text"),
    path("policies/<int:pk>/back-test/", back_tests.back_test, name="back_test"),
    path("policies/<int:pk>/back-test/cancel/", back_tests.cancel, name="cancel_back_test"),
    path("policies/<int:pk>/back-test/<int:difference>/", back_tests.differing, name="differing"),
    path("policies/<int:pk>/shadow/", back_tests.shadow, name="shadow"),
    path("policies/<str:reference>/steps/<slug:action>/", policies.step, name="policy_step"),
    path("waiting/", waiting.queue, name="waiting"),
    path("boards/", boards.boards, name="boards"),
    path("reports/cost/", ledger.report, name="cost_report"),
    path("reports/cab-value/", cab_value.report, name="cab_value"),
    path("reports/dora/", dora.report, name="dora"),
    path("reports/dora/<slug:measure>/", dora.rows, name="dora_rows"),
    path("reports/dora/<slug:measure>.csv", dora.file, name="dora_csv"),
    path("reports/completeness/", of_completeness.report, name="completeness"),
    path("delivery/", doors.deliveries, name="deliveries"),
    path("delivery/<int:pk>/", doors.delivery, name="delivery"),
    path("delivery/<int:pk>/decide/", doors.decide, name="decide_delivery"),
    path("delivery/unmapped/", doors.unmapped, name="unmapped"),
    path("delivery/routes/", doors.routes, name="routes"),
    path("delivery/routes/<int:pk>/unmap/", doors.unmap, name="unmap"),
    path("delivery/sources/", delivery_sources.sources, name="delivery_sources"),
    path("delivery/sources/new/", delivery_sources.new, name="new_delivery_source"),
    path("delivery/sources/<slug:slug>/", delivery_sources.source, name="delivery_source"),
    path("delivery/sources/<slug:slug>/rotate/", delivery_sources.rotate, name="rotate_delivery_source"),
    path("delivery/sources/<slug:slug>/retire/", delivery_sources.retire, name="retire_delivery_source"),
    path("boards/<slug:slug>/", boards.board, name="board"),
    path("boards/<slug:slug>/edit/", boards.edit, name="edit_board"),
    path("boards/<slug:slug>/meetings/", boards.plan, name="plan_meeting"),
    path("meetings/<int:pk>/", meetings.meeting, name="meeting"),
    path("meetings/<int:pk>/live/", meetings.live, name="meeting_live"),
    path("meetings/<int:pk>/minutes/", meetings.minutes, name="minutes"),
    path("meetings/<int:pk>/minutes.pdf", meetings.minutes_as_pdf, name="minutes_pdf"),
    path("meetings/<int:pk>/items/<int:ask>/vote/", meetings.vote, name="vote"),
    path("meetings/<int:pk>/items/<slug:action>/", meetings.item, name="meeting_item"),
    path("meetings/<int:pk>/move/", meetings.move, name="move_meeting"),
    path("meetings/<int:pk>/<slug:action>/", meetings.step, name="meeting_step"),
    path("attestors/", attesting.attestors, name="attestors"),
    path("attestors/<int:pk>/dismiss/", attesting.dismiss, name="dismiss_attestor"),
    path("attestations/<int:pk>/withdraw/", attesting.withdraw, name="withdraw_attestation"),
    path("impacted-preview/", parts.newly, name="newly_impacted"),
    path("probe/<slug:slug>/", parts.probe, name="probe"),
    path("of/<slug:slug>/", parts.for_service, name="for_service"),
    path("on/<str:reference>/", parts.for_item, name="for_item"),
    path("near/<str:reference>/", parts.for_incident, name="for_incident"),
    path("near/<str:reference>/cost/", ledger.of_incident, name="cost_of_incident"),
    path("<str:reference>/", record.detail, name="detail"),
    path("<str:reference>/edit/", editing.edit, name="edit"),
    path("<str:reference>/rewrite/", editing.rewrite, name="rewrite"),
    path("<str:reference>/override/", overriding.override, name="override"),
    path("<str:reference>/attest/", attesting.attest, name="attest"),
    path("<str:reference>/note/", record.note, name="note"),
    path("<str:reference>/news/", record.news, name="news"),
    path("<str:reference>/reach/<int:decision>/", record.reach, name="reach"),
    path("<str:reference>/impacted/refresh/", parts.refresh_impact, name="refresh_impact"),
    path("<str:reference>/impacted/by-hand/", parts.impacted_by_hand, name="impacted_by_hand"),
    path("<str:reference>/impacted/", parts.impacted, name="impacted"),
    path("<str:reference>/tasks/", tasks.tasks, name="tasks"),
    path("<str:reference>/tasks/add/", tasks.add_task, name="add_task"),
    path("<str:reference>/tasks/<int:task>/<slug:verb>/", tasks.task, name="task"),
    path("<str:reference>/cost/", ledger.of_change, name="cost"),
    path("<str:reference>/cost/refund/<slug:slug>/", ledger.refund, name="refund"),
    path("<str:reference>/quiet/", quieting.of_change, name="quiet"),
    path("<str:reference>/experiment/", chaos.of_change, name="experiment"),
    path("<str:reference>/experiment/<slug:verb>/", chaos.step, name="experiment_step"),
    path("<str:reference>/conflicts/", planning.conflicts, name="conflicts"),
    path("<str:reference>/questions/", questions.answer, name="answer_questions"),
    path("<str:reference>/slots/", planning.slots, name="slots"),
    path("<str:reference>/schedule/", planning.schedule, name="schedule"),
    path("<str:reference>/move/", moving.move, name="move"),
    path("<str:reference>/move/free/", moving.free, name="move_free"),
    path("<str:reference>/<slug:action>/", steps.step, name="step"),
]

# Under /deployments/.
DEPLOYMENTS = (
    [
        path("", matrix.services, name="services"),
        path("of/<slug:slug>/", matrix.for_service, name="for_service"),
        path("<slug:slug>/", matrix.service, name="service"),
    ],
    "deployments",
)

offers(
    Entry(
        _("Changes"), "changes:list", "git-pull-request", "c", place=30,
        for_requesters=False, count=queue.waiting_count, marked_in=("deployments", "allowances"),
    )
)  # fmt: skip
chart.register_source(deployed)
