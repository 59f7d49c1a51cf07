"""Of a sign-in: under /sign-in/."""

from django.urls import path, re_path

from itsm.second_factors.views import sign_in

app_name = "sign_in_factors"
urlpatterns = [
    path("second/", sign_in.second, name="second"),
    path("second/ask/", sign_in.ask, name="ask"),
    path("set-up/", sign_in.set_up, name="set_up"),
    re_path(r"^set-up/(?P<how>app|key|passkey)/$", sign_in.set_up, name="set_up_one"),
    re_path(r"^set-up/(?P<how>key|passkey)/options/$", sign_in.set_up_options, name="set_up_options"),
    path("passkey/", sign_in.passkey, name="passkey"),
    path("passkey/options/", sign_in.passkey_options, name="passkey_options"),
]
