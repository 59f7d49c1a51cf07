"""One's own: under /profile/factors/."""

from django.urls import path, re_path

from itsm.second_factors.views import own

app_name = "factors"
urlpatterns = [
    path("", own.factors, name="list"),
    path("app/", own.add_app, name="add_app"),
    re_path(r"^add/(?P<how>key|passkey)/$", own.add_key, name="add_key"),
    re_path(r"^add/(?P<how>key|passkey)/options/$", own.key_options, name="key_options"),
    path("ask/", own.ask, name="ask"),
    path("codes/", own.renew_codes, name="codes"),
    path("keep/", own.stop_reset, name="keep"),
    re_path(r"^(?P<kind>app|key)/(?P<number>[0-9]{1,18})/remove/$", own.remove, name="remove"),
]
