"""Doors below /sign-in/with/: see views.py."""

from django.urls import path

from itsm.single_sign_on import views

app_name = "single_sign_on"
urlpatterns = [
    path("<slug:slug>/", views.begin, name="begin"),
    path("<slug:slug>/back/", views.back, name="back"),
    path("<slug:slug>/acs/", views.acs, name="acs"),
    path("<slug:slug>/finish/", views.finish, name="finish"),
    path("<slug:slug>/metadata/", views.metadata, name="metadata"),
    path("<slug:slug>/logout/", views.logout, name="logout"),
    path("<slug:slug>/signed-out/", views.signed_out, name="signed_out"),
]
