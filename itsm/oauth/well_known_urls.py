"""Where clients look first (RFC 8615): the resource with and without its path."""

from django.urls import path

from itsm.oauth import views

app_name = "oauth_metadata"
urlpatterns = [
    path("oauth-protected-resource", views.protected_resource, name="protected_resource"),
    path("oauth-protected-resource/mcp", views.protected_resource, name="protected_resource_of_mcp"),
    path("oauth-authorization-server", views.authorization_server, name="authorization_server"),
]
