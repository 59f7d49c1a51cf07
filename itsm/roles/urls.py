"""Pages: see views.py, looking.py and explaining.py."""

from django.urls import path

from itsm.roles import explaining, looking, views

app_name = "roles"
urlpatterns = [
    path("", views.roles, name="list"),
    path("new/", views.new, name="new"),
    path("why/", explaining.explain, name="why"),
    path("look/", looking.look, name="look"),
    path("look/end/", looking.stop, name="stop_looking"),
    path("built-in/<slug:name>/", views.built_in, name="built_in"),
    path("<slug:slug>/", views.role, name="detail"),
    path("<slug:slug>/edit/", views.edit, name="edit"),
    path("<slug:slug>/retire/", views.retire, name="retire"),
]
