"""Pages: see views.py."""

from django.urls import path

from catalog.environments import views

app_name = "environments"
urlpatterns = [
    path("", views.environments, name="list"),
    path("<slug:name>/", views.edit, name="edit"),
    path("<slug:name>/remove/", views.remove, name="remove"),
]
