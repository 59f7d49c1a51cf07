"""Pages: see views.py."""

from django.urls import path

from itsm.workload_identity import views

app_name = "workloads"
urlpatterns = [
    path("", views.issuers, name="list"),
    path("trust/", views.trust, name="trust"),
    path("<int:pk>/", views.issuer, name="detail"),
    path("<int:pk>/map/", views.map_workload, name="map"),
    path("<int:pk>/withdraw/", views.withdraw_issuer, name="withdraw"),
    path("mappings/<int:pk>/withdraw/", views.withdraw_mapping, name="withdraw_mapping"),
]
