"""Signing in and out; one's own profile and tokens."""

from django.urls import path

from itsm.accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign_in"),
    path("sign-out/", views.SignOut.as_view(), name="sign_out"),
    path("profile/", views.profile, name="profile"),
    path("profile/edit/", views.edit_profile, name="edit_profile"),
    path("profile/tokens/", views.issue_token, name="issue_token"),
    path("profile/tokens/<slug:prefix>/revoke/", views.revoke_token, name="revoke_token"),
]
