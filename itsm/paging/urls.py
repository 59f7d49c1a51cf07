"""Pages: see views/. Whoever holds a link needs no account."""

from django.urls import re_path

from itsm.paging.views import answering

app_name = "paging"
urlpatterns = [
    re_path(r"^answer/(?P<token>[\w:-]{8,100})/$", answering.answer, name="answer"),
]
