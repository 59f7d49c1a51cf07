"""Pages: see views.py."""

from django.urls import path

from incidents.macros import views

app_name = "incident_macros"
urlpatterns = [
    path("<str:reference>/macro/", views.menu, name="menu"),
    path("<str:reference>/macro/<slug:slug>/", views.macro, name="macro"),
    path("<str:reference>/macro/<slug:slug>/text/", views.text, name="text"),
]
