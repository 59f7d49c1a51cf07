"""The one address of software agents."""

from django.urls import path

from itsm.agents.door.views import door

app_name = "mcp"
urlpatterns = [path("mcp", door, name="door")]
