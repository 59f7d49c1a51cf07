"""Pages of bulk: see views.py."""

from django.urls import path

from itsm.bulk import views

app_name = "bulk"
urlpatterns = [
    path("<int:pk>/", views.result, name="result"),
    path("<int:pk>/undo/", views.undo, name="undo"),
    path("<int:pk>/again/", views.again, name="again"),
    path("of/<slug:record_kind>/", views.send, name="send"),
    path("of/<slug:record_kind>/<slug:name>/", views.ask, name="ask"),
]
