"""Pages: see views.py."""

from django.urls import path

from itsm.audit_trail import views

app_name = "audit"
urlpatterns = [
    path("", views.history, name="history"),
    path("export/", views.export, name="export"),
    path("check/", views.check, name="check"),
    path("<int:pk>/", views.entry, name="entry"),
]
