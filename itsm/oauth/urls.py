"""OAuth 2.1: see views.py."""

from django.urls import path

from itsm.oauth import views

app_name = "oauth"
urlpatterns = [
    path("authorize", views.authorize, name="authorize"),
    path("token", views.token, name="token"),
    path("register", views.register, name="register"),
    path("revoke", views.revoke, name="revoke"),
]
