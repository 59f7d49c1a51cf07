"""Pages of health."""

from django.urls import path, re_path
from django.utils.translation import gettext_lazy as _

from catalog.health.views import findings, rounds, scores
from itsm.ui.context import Entry, offers

app_name = "health"
_PK = r"(?P<pk>[0-9]{1,18})"
_ROUND = r"(?P<reference>[0-9]{1,18})"
urlpatterns = [
    path("", scores.scores, name="scores"),
    path("findings/", findings.findings, name="findings"),
    re_path(r"^of/(?P<reference>[A-Za-z]{2}-[0-9]{1,12})/$", findings.of_item, name="of_item"),
    re_path(
        r"^of/(?P<reference>[A-Za-z]{2}-[0-9]{1,12})/tasks/(?P<task>[0-9]{1,18})/done/$", findings.tick, name="tick"
    ),
    path("findings/tasks/", findings.give_tasks, name="tasks"),
    re_path(rf"^findings/{_PK}/$", findings.finding, name="finding"),
    re_path(rf"^findings/{_PK}/take-up-again/$", findings.take_up_again, name="take_up_again"),
    path("rounds/", rounds.rounds, name="rounds"),
    path("rounds/new/", rounds.new, name="new_round"),
    re_path(rf"^rounds/{_ROUND}/$", rounds.round, name="round"),
    re_path(rf"^rounds/{_ROUND}/confirm-offered/$", rounds.confirm_offered, name="confirm_offered"),
    re_path(rf"^rounds/{_ROUND}/lines/(?P<line>[0-9]{{1,18}})/$", rounds.answer, name="answer"),
    re_path(rf"^rounds/{_ROUND}/(?P<action>open|close|cancel)/$", rounds.step, name="step"),
]

offers(Entry(_("Health"), "health:scores", "activity", "h", place=47, for_requesters=False, under="catalog:list"))
