"""Pages: each sub-domain's own, below one address."""

from django.urls import path

from catalog.service_import.views import import_table
from catalog.services import urls as services

app_name = "catalog"
urlpatterns = [path("import/", import_table, name="import"), *services.urlpatterns]
