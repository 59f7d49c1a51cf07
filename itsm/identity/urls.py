"""Pages below /settings/identity/."""

from django.urls import path

from itsm.identity.views import people, providers

app_name = "identity"
urlpatterns = [
    path("", providers.providers, name="list"),
    path("add/", providers.add, name="choose"),
    path("add/<slug:protocol>/", providers.add, name="add"),
    path("mappings/<int:pk>/end/", people.end_mapping, name="end_mapping"),
    path("<slug:slug>/", providers.provider, name="detail"),
    path("<slug:slug>/edit/", providers.edit, name="edit"),
    path("<slug:slug>/trust/", providers.trust, name="trust"),
    path("<slug:slug>/withdraw/", providers.withdraw, name="withdraw"),
    path("<slug:slug>/preview/", providers.preview_page, name="preview"),
    path("<slug:slug>/map/", people.map_group, name="map"),
    path("<slug:slug>/people/", people.people, name="people"),
    path("<slug:slug>/links/", people.links, name="links"),
    path("<slug:slug>/refused/", people.refused, name="refused"),
]
