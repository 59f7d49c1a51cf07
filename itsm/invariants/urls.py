"""Pages: see views.py."""

from django.urls import path

from itsm.invariants import views

app_name = "invariants"
urlpatterns = [
    path("", views.overview, name="list"),
    path("violations/<int:pk>/clear/", views.clear, name="clear"),
    path("<slug:name>/", views.detail, name="detail"),
]
