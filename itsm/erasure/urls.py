"""Pages: see views.py."""

from django.urls import re_path

from itsm.erasure import views

app_name = "erasure"
urlpatterns = [re_path(r"^(?P<login>[\w.@+-]{1,150})/$", views.person, name="person")]
