"""Settings: under /settings/factors/."""

from django.urls import path, re_path

from itsm.second_factors.views import rules

app_name = "factor_rules"
urlpatterns = [
    path("", rules.rules, name="rules"),
    path("break-glass/", rules.sealed, name="break_glass"),
    re_path(r"^reset/(?P<login>[\w.@+-]{1,150})/$", rules.reset, name="reset"),
    re_path(r"^resets/(?P<pk>[0-9]{1,18})/stop/$", rules.stop_reset, name="stop"),
]
