"""Pages: see views.py."""

from django.urls import path

from itsm.fields import views

app_name = "fields"
urlpatterns = [
    path("", views.fields, name="list"),
    path("new/", views.new, name="new_field"),
    path("<int:pk>/", views.field, name="field"),
    path("<int:pk>/narrow/<str:owner>/", views.narrow, name="narrow"),
    path("<int:pk>/retire/", views.retire, name="retire"),
    path("<int:pk>/revive/", views.revive, name="revive"),
    path("<int:pk>/purge/", views.purge, name="purge"),
]
