"""SCIM's addresses, with and without a slash at the end; beside the desk's own API, whose words they do not speak."""

from django.urls import re_path

from itsm.scim import views

app_name = "scim"
_ID = r"(?P<key>[^/]{1,100})"
urlpatterns = [
    re_path(r"^ServiceProviderConfig/?$", views.Config.as_view(), name="config"),
    re_path(r"^ResourceTypes/?$", views.Described.as_view(of="types"), name="types"),
    re_path(rf"^ResourceTypes/{_ID}/?$", views.Described.as_view(of="types"), name="type"),
    re_path(r"^Schemas/?$", views.Described.as_view(of="schemas"), name="schemas"),
    re_path(rf"^Schemas/{_ID}/?$", views.Described.as_view(of="schemas"), name="schema"),
    re_path(r"^\.search/?$", views.SearchAll.as_view(), name="search"),
    re_path(r"^Users/\.search/?$", views.SearchUsers.as_view(), name="search_users"),
    re_path(r"^Groups/\.search/?$", views.SearchGroups.as_view(), name="search_groups"),
    re_path(r"^Users/?$", views.Users.as_view(), name="users"),
    re_path(rf"^Users/{_ID}/?$", views.OneUser.as_view(), name="user"),
    re_path(r"^Groups/?$", views.Groups.as_view(), name="groups"),
    re_path(rf"^Groups/{_ID}/?$", views.OneGroup.as_view(), name="group"),
    re_path(r"^.*$", views.Nowhere.as_view(), name="nowhere"),
]
