"""Pages: see views."""

from django.urls import path, re_path
from django.utils.translation import gettext_lazy as _

from itsm.oncall import views
from itsm.ui.context import Entry, offers

app_name = "oncall"
_SLUG = "schedules/<slug:slug>/"
urlpatterns = [
    path("", views.now, name="now"),
    path("mine/", views.mine, name="mine"),
    path("schedules/new/", views.new, name="new"),
    path(_SLUG, views.schedule, name="schedule"),
    path(f"{_SLUG}edit/", views.edit, name="edit"),
    path(f"{_SLUG}override/", views.override, name="override"),
    re_path(
        r"^schedules/(?P<slug>[-a-zA-Z0-9_]+)/swap/(?P<layer>[0-9]{1,18})/(?P<turn>[0-9]{1,9})/$",
        views.swap,
        name="swap",
    ),
    path(f"{_SLUG}step/<slug:action>/", views.step_of_schedule, name="step"),
    re_path(r"^overrides/(?P<pk>[0-9]{1,18})/withdraw/$", views.withdraw, name="withdraw"),
    re_path(r"^swaps/(?P<reference>[A-Za-z]{3}-[0-9]{1,12})/(?P<action>[a-z_]+)/$", views.swap_step, name="swap_step"),
    path("time-off/", views.time_off, name="time_off"),
    re_path(r"^time-off/(?P<pk>[0-9]{1,18})/cancel/$", views.cancel_off, name="cancel_off"),
    path("feeds/", views.feeds, name="feeds"),
    re_path(r"^feeds/(?P<pk>[0-9]{1,18})/revoke/$", views.revoke, name="revoke_feed"),
    re_path(r"^feeds/(?P<token>[-A-Za-z0-9_]{20,100})\.ics$", views.feed, name="feed"),
]

offers(
    Entry(
        _("On call"), "oncall:now", "clock-hour-4", "w", place=28, for_requesters=False,
        marked_in=("oncall_report", "escalation_routes"),
    )
)  # fmt: skip
