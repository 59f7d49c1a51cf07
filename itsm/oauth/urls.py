"""OAuth 2.1: see views.py."""

from django.urls import path, re_path

from itsm.oauth import views

app_name = "oauth"
urlpatterns = [
    path("authorize", views.authorize, name="authorize"),
    path("token", views.token, name="token"),
    path("register", views.register, name="register"),
    path("revoke", views.revoke, name="revoke"),
    path("consents/<int:pk>/end/", views.end_consent, name="end_consent"),
    re_path(r"^consents/of/(?P<login>[\w.@+-]{1,150})/$", views.consents, name="consents"),
]
