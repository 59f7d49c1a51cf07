"""The life of an improvement: an idea, accepted with an owner and a measure, done, and measured again."""

from typing import Any

from django.utils.translation import gettext, gettext_lazy

from catalog.improvement.permissions import accepters, keepers
from catalog.improvement.vocabulary import OPEN, Status
from itsm.kernel.workflow import Step, Words, Workflow

a_reason = Words(
    "because", "a_reason_to_drop", gettext_lazy("Why?"), 500, gettext_lazy("Say why it is dropped."), rows=2
)


def an_owner(improvement: Any) -> str | None:
    return gettext("Say who carries it out.") if improvement.owner_id is None else None


def a_measure(improvement: Any) -> str | None:
    return gettext("Say by what one will see that it helped.") if not improvement.measure else None


S = Status
# fmt: off
# ruff: noqa: E501 -- a table reads in columns
WORKFLOW = Workflow(
    #    action      from            to           who            recorded as      needs                        button                          history
    Step("accept",   (S.IDEA,),      S.ACCEPTED,  who=accepters, done="accepted", needs=(an_owner, a_measure), label=gettext_lazy("Accept"),   history=gettext_lazy("accepted it"), colour="blue"),
    Step("start",    (S.ACCEPTED,),  S.DOING,     who=keepers,   done="started",  needs=(),                    label=gettext_lazy("Start"),    history=gettext_lazy("started it; this is how it stood before"), colour="blue"),
    Step("finish",   (S.DOING,),     S.MEASURING, who=keepers,   done="finished", needs=(),                    label=gettext_lazy("Finish"),   history=gettext_lazy("finished it; it is measured again in 14 days"), colour="blue"),
    Step("conclude", (S.MEASURING,), S.DONE,      who=keepers,   done="concluded", needs=(),                   label=gettext_lazy("Measure again"), history=gettext_lazy("measured it again"), colour="blue"),
    Step("drop",     OPEN,           S.DROPPED,   who=keepers,   done="dropped",  needs=(a_reason,),           label=gettext_lazy("Drop"),     history=gettext_lazy("dropped it"), colour="red"),
    colours={S.IDEA: "blue", S.DOING: "amber", S.MEASURING: "amber", S.DONE: "green"},
)
# fmt: on
HISTORY = {
    "created": gettext_lazy("had this idea"),
    "edited": gettext_lazy("changed it"),
    "linked": gettext_lazy("linked it"),
    "unlinked": gettext_lazy("took a link away"),
}
