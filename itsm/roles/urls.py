"""Pages: see views.py, looking.py and why.py."""

from django.urls import path

from itsm.roles import views

app_name = "roles"
urlpatterns = [
    path("", views.roles, name="list"),
    path("new/", views.new, name="new"),
    path("built-in/<slug:name>/", views.built_in, name="built_in"),
    path("<slug:slug>/", views.role, name="detail"),
    path("<slug:slug>/edit/", views.edit, name="edit"),
    path("<slug:slug>/retire/", views.retire, name="retire"),
]
