"""Files: see views.py."""

from django.urls import path

from itsm.files import views

app_name = "files"
urlpatterns = [
    path("<uuid:key>/", views.file, name="file"),
    path("<uuid:key>/thumbnail/", views.thumbnail, name="thumbnail"),
]
