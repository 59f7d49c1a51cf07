"""Pages: see views/. Whoever holds a link to answer needs no account."""

from django.urls import path, re_path, register_converter
from django.urls.converters import StringConverter
from django.utils.translation import gettext_lazy as _

from itsm.paging.queries import reading
from itsm.paging.views import answering, calls, own, policies, providers
from itsm.ui.context import Entry, offers


class ReferenceConverter(StringConverter):
    """ESC-00042, in whatever case."""

    regex = "[Ee][Ss][Cc]-[0-9]{1,12}"


register_converter(ReferenceConverter, "escalation")

app_name = "paging"
urlpatterns = [
    re_path(r"^answer/(?P<token>[\w:-]{8,100})/$", answering.answer, name="answer"),
    path("pages/", calls.mine, name="mine"),
    path("pages/log/", calls.log, name="log"),
    path("pages/<int:pk>/", calls.detail, name="page"),
    path("pages/<int:pk>/acknowledge/", calls.acknowledge_page, name="acknowledge_page"),
    path("escalations/<escalation:reference>/", calls.escalation, name="escalation"),
    path("escalations/<escalation:reference>/acknowledge/", calls.acknowledge, name="acknowledge"),
    path("escalations/<escalation:reference>/hand-over/", calls.hand_over, name="hand_over"),
    path("escalation-policies/", policies.listing, name="policies"),
    path("escalation-policies/new/", policies.new, name="new_policy"),
    path("escalation-policies/<slug:slug>/", policies.detail, name="policy"),
    path("escalation-policies/<slug:slug>/edit/", policies.edit, name="edit_policy"),
    path("escalation-policies/<slug:slug>/go-live/", policies.go_live, name="go_live"),
    path("escalation-policies/<slug:slug>/retire/", policies.retire, name="retire"),
    path("escalation-policies/<slug:slug>/test/", policies.test, name="test_policy"),
    path("profile/paging/", own.reached, name="reached"),
    path("profile/paging/add/", own.add, name="add_phone"),
    path("profile/paging/rules/", own.rules, name="rules"),
    path("profile/paging/try/", own.trial, name="try"),
    path("profile/paging/<int:pk>/verify/", own.verify, name="verify"),
    path("profile/paging/<int:pk>/remove/", own.remove, name="remove_phone"),
    path("settings/paging/", providers.listing, name="providers"),
    path("settings/paging/new/", providers.new, name="new_provider"),
    path("settings/paging/<int:pk>/", providers.edit, name="provider"),
    path("settings/paging/<int:pk>/switch/", providers.switch, name="switch_provider"),
]

offers(
    Entry(
        _("My pages"), "paging:mine", "bell", "z", place=29, for_requesters=False, under="oncall:now",
        count=reading.waiting_for,
    )
)  # fmt: skip
