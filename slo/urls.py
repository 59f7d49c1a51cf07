"""Pages: see views/."""

from django.urls import path, re_path
from django.utils.translation import gettext_lazy as _

from itsm.ui.context import Entry, offers
from slo.measuring.views import indicators, measurers, sources
from slo.objectives.views import (
    corrections,
    downloads,
    forecast,
    objective,
    outages,
    overview,
    parts,
    quarantine,
    self_measuring,
    terms,
    trying,
    wall,
)
from slo.openslo import views

app_name = "slo"
urlpatterns = [
    path("", overview.objectives, name="list"),
    path("overview.csv", downloads.overview_csv, name="overview_csv"),
    path("wall/", wall.wall, name="wall"),
    path("new/", terms.new, name="new"),
    path("new/preview/", terms.preview, name="preview"),
    path("new/try/", trying.try_queries, name="try_queries"),
    path("openslo/", views.apply, name="openslo"),
    path("sources/", sources.sources, name="sources"),
    path("sources/new/", sources.new, name="new_source"),
    path("sources/<slug:slug>/edit/", sources.edit, name="edit_source"),
    path("sources/<slug:slug>/try/", sources.try_it, name="try_source"),
    path("indicators/", indicators.indicators, name="indicators"),
    path("indicators/<slug:slug>/", indicators.indicator, name="indicator"),
    path("indicators/<slug:slug>/upload/", indicators.upload, name="upload"),
    path("indicators/<slug:slug>/minutes.csv", downloads.minutes, name="minutes_csv"),
    path("indicators/<slug:slug>/template.csv", downloads.template, name="template_csv"),
    path("indicators/<slug:slug>/measurers/", measurers.measurers, name="measurers"),
    path("quarantine/<int:pk>/<slug:action>/", quarantine.quarantine_step, name="quarantine_step"),
    path("badges/", parts.overview_badges, name="overview_badges"),
    path("of/<slug:slug>/", parts.for_service, name="for_service"),
    path("<slug:slug>/", objective.detail, name="detail"),
    path("<slug:slug>/edit/", terms.edit, name="edit"),
    path("<slug:slug>/edit/preview/", terms.preview, name="edit_preview"),
    path("<slug:slug>/retire/", terms.retire, name="retire"),
    path("<slug:slug>/revive/", terms.revive, name="revive"),
    path("<slug:slug>/download.csv", downloads.window, name="window_csv"),
    path("<slug:slug>/self-measuring/", self_measuring.self_measuring, name="self_measuring"),
    path("<slug:slug>/self-measuring/end/", self_measuring.end_self_measuring, name="end_self_measuring"),
    path("<slug:slug>/burn-down/", objective.burn_down, name="burn_down"),
    path("<slug:slug>/what-if/", forecast.ask, name="what_if"),
    path("<slug:slug>/corrections/new/", corrections.propose, name="propose_correction"),
    path("<slug:slug>/corrections/effect/", corrections.effect, name="correction_effect"),
    path("<slug:slug>/corrections/<int:pk>/effect/", corrections.effect_of_one, name="effect_of_correction"),
    path("<slug:slug>/corrections/<int:pk>/<slug:action>/", corrections.step, name="correction_step"),
    path("<slug:slug>/outages/<int:pk>/decide/", outages.decide_cause, name="decide_cause"),
    # Capitals, so that no objective's own pages are hidden.
    re_path(r"^cost/(?P<reference>[A-Z]+-[0-9]+)/$", outages.cost, name="cost"),
]

offers(Entry(_("SLOs"), "slo:list", "target", "o", place=50, for_requesters=False))
