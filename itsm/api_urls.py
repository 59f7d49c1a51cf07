"""The API, composed: every app registers its part."""

from django.urls import URLPattern, URLResolver, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

import catalog.api_urls
import changes.api_urls
import incidents.api_urls
import slo.api_urls
from itsm.api.routing import Router
from itsm.approvals.api import urls as approvals_urls

router = Router()
for app in (catalog, slo, changes, incidents):
    app.api_urls.register(router)
approvals_urls.register(router)

urlpatterns: list[URLPattern | URLResolver] = [
    re_path(r"^schema/?$", SpectacularAPIView.as_view(), name="schema"),
    re_path(r"^docs/?$", SpectacularSwaggerSplitView.as_view(url_name="api:schema"), name="docs"),
    *changes.api_urls.urlpatterns,
    *router.urls,
]
app_name = "api"
