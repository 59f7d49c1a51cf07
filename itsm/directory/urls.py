"""Pages below /settings/identity/SHORT-NAME/."""

from django.urls import path

from itsm.directory import views

app_name = "directory"
urlpatterns = [
    path("<slug:slug>/sync/", views.sync, name="sync"),
    path("<slug:slug>/sync/<int:pk>/", views.run, name="run"),
    path("<slug:slug>/sync/let-go/", views.let_go, name="let_go"),
]
