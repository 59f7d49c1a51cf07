"""Pages: see views.py."""

from django.urls import path

from itsm.webhooks import views

app_name = "webhooks"
urlpatterns = [
    path("", views.endpoints, name="list"),
    path("new/", views.new, name="create"),
    path("<int:pk>/", views.endpoint, name="detail"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/rotate/", views.rotate, name="rotate"),
    path("<int:pk>/test/", views.test, name="test"),
    path("<int:pk>/switch/", views.switch, name="switch"),
    path("<int:pk>/delete/", views.delete, name="delete"),
    path("<int:pk>/deliveries/<int:delivery>/", views.delivery, name="delivery"),
    path("<int:pk>/deliveries/<int:delivery>/replay/", views.replay, name="replay"),
]
