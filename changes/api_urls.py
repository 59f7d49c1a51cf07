"""The changes' part of the API."""

from django.urls import URLPattern, re_path

from changes.allowances import api as allowances
from changes.back_tests.api import BackTestViewSet, ShadowViewSet
from changes.boards.api.viewsets import BoardViewSet, ItemViewSet, MeetingViewSet
from changes.cab_value.api import CabValueViewSet
from changes.calendar.api import CalendarViewSet
from changes.change.api.attesting import AttestationViewSet, AttestorViewSet, ProbeViewSet
from changes.change.api.calendar import CalendarOfPeriodViewSet, CalendarPreviewViewSet
from changes.change.api.callbacks import CallbackSecretViewSet
from changes.change.api.viewsets import ChangeViewSet, EvaluationViewSet
from changes.change_models.api import ModelViewSet
from changes.chaos.api import ExperimentViewSet
from changes.delivery.api import urls as delivery
from changes.dora.api import DoraViewSet
from changes.feeds.api import CalendarFeedViewSet, ProposedEventViewSet, SubscribedCalendarViewSet
from changes.ledger.api import ChangeCostViewSet
from changes.model_review.api import ModelReviewViewSet
from changes.policies.api import PolicyVersionViewSet, PolicyViewSet
from changes.quieting.api import QuietPreviewViewSet
from changes.start_up.api import StartUpViewSet
from changes.statements.api import StatementViewSet
from itsm.api.routing import Router

_SLUG = r"(?P<slug>[a-z0-9-]{1,63})"

urlpatterns: list[URLPattern] = [
    *delivery.urlpatterns,
    re_path(r"^reports/cab-value/?$", CabValueViewSet.as_view({"get": "retrieve"}), name="cab-value"),
    re_path(r"^reports/dora/?$", DoraViewSet.as_view({"get": "retrieve"}), name="dora"),
    re_path(r"^reports/dora/rows/?$", DoraViewSet.as_view({"get": "rows"}), name="dora-rows"),
    re_path(
        r"^services/(?P<slug>[a-z0-9-]{1,63})/gate/?$", ProbeViewSet.as_view({"get": "retrieve"}), name="service-gate"
    ),
    re_path(r"^change-model-review/?$", ModelReviewViewSet.as_view({"get": "retrieve"}), name="change-model-review"),
    re_path(
        r"^policies/(?P<pk>[0-9]{1,18})/backtest/?$",
        BackTestViewSet.as_view({"get": "retrieve", "post": "create"}),
        name="policy-backtest",
    ),
    re_path(
        r"^policies/(?P<pk>[0-9]{1,18})/backtest/cancel/?$",
        BackTestViewSet.as_view({"post": "cancel"}),
        name="policy-backtest-cancel",
    ),
    re_path(
        r"^policies/(?P<pk>[0-9]{1,18})/shadow/?$",
        ShadowViewSet.as_view({"get": "retrieve", "post": "create"}),
        name="policy-shadow",
    ),
    re_path(
        r"^calendar-windows/preview/?$",
        CalendarPreviewViewSet.as_view({"post": "preview"}),
        name="calendar-window-preview",
    ),
    re_path(
        r"^changes/(?P<number>[A-Za-z]{3}-[0-9]{1,12})/quiet-preview/?$",
        QuietPreviewViewSet.as_view({"get": "retrieve"}),
        name="change-quiet-preview",
    ),
    re_path(r"^callback-secret/?$", CallbackSecretViewSet.as_view({"get": "retrieve"}), name="callback-secret"),
    re_path(
        r"^gate-evaluations/(?P<pk>[0-9a-fA-F-]{36})/statement/?$",
        StatementViewSet.as_view({"get": "retrieve"}),
        name="evaluation-statement",
    ),
    re_path(
        r"^changes/(?P<number>[A-Za-z]{3}-[0-9]{1,12})/cost/?$",
        ChangeCostViewSet.as_view({"get": "retrieve"}),
        name="change-cost",
    ),
    re_path(
        r"^changes/(?P<number>[A-Za-z]{3}-[0-9]{1,12})/refunds/?$",
        ChangeCostViewSet.as_view({"post": "refund"}),
        name="change-refund",
    ),
    re_path(r"^start-up/?$", StartUpViewSet.as_view({"get": "retrieve"}), name="start-up"),
    re_path(rf"^start-up/{_SLUG}/past/?$", StartUpViewSet.as_view({"get": "past"}), name="start-up-past"),
    re_path(rf"^start-up/{_SLUG}/shadow/?$", StartUpViewSet.as_view({"post": "shadow"}), name="start-up-shadow"),
    re_path(rf"^start-up/{_SLUG}/enforce/?$", StartUpViewSet.as_view({"post": "enforce"}), name="start-up-enforce"),
    re_path(r"^calendar/?$", CalendarOfPeriodViewSet.as_view({"get": "retrieve"}), name="calendar-of-period"),
]


def register(router: Router) -> None:
    delivery.register(router)
    allowances.register(router)
    router.register("gate-evaluations", EvaluationViewSet, basename="evaluation")
    router.register("changes", ChangeViewSet, basename="change")
    router.register("change-models", ModelViewSet, basename="change-model")
    router.register("attestations", AttestationViewSet, basename="attestation")
    router.register("attestors", AttestorViewSet, basename="attestor")
    router.register("policies", PolicyViewSet, basename="policy")
    router.register("policy-versions", PolicyVersionViewSet, basename="policy-version")
    router.register("boards", BoardViewSet, basename="board")
    router.register("meetings", MeetingViewSet, basename="meeting")
    router.register("items", ItemViewSet, basename="item")
    router.register("calendar-windows", CalendarViewSet, basename="calendar-window")
    router.register("calendar-feeds", CalendarFeedViewSet, basename="calendar-feed")
    router.register("subscribed-calendars", SubscribedCalendarViewSet, basename="subscribed-calendar")
    router.register("chaos-experiments", ExperimentViewSet, basename="chaos-experiment")
    router.register("proposed-events", ProposedEventViewSet, basename="proposed-event")
