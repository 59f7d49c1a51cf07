"""The life of a swap: asked for, taken by somebody, given back; void once the turn is nobody's to give any more."""

from django.utils.translation import gettext_lazy

from itsm.kernel.workflow import Step, Words, Workflow
from itsm.oncall.permissions import assigners, owners_of_swap, takers, the_system
from itsm.oncall.vocabulary import SwapStatus as S

a_reason = Words(
    "because", "why_it_is_void", gettext_lazy("Why?"), 200, gettext_lazy("Say why the swap is void."), rows=2
)

# fmt: off
# ruff: noqa: E501 -- a table reads in columns
WORKFLOW = Workflow(
    #    action       from                to            who                 recorded as         needs                button                        history
    Step("take",      (S.ASKED,),         S.TAKEN,      who=takers,         done="taken",       label=gettext_lazy("Take it"),      history=gettext_lazy("took the turn"), colour="blue"),
    Step("take_over", (S.ASKED,),         S.TAKEN,      who=assigners,      done="taken_over",  label=gettext_lazy("Take it over"), history=gettext_lazy("took the turn over"), offered=lambda swap: False),
    Step("give_back", (S.TAKEN,),         S.GIVEN_BACK, who=owners_of_swap, done="given_back",  label=gettext_lazy("Give it back"), history=gettext_lazy("gave the turn back"), colour="red"),
    Step("withdraw",  (S.ASKED,),         S.VOID,       who=owners_of_swap, done="withdrawn",   label=gettext_lazy("Withdraw"),     history=gettext_lazy("asks no more"), colour="red"),
    Step("void",      (S.ASKED, S.TAKEN), S.VOID,       who=the_system,     done="voided",      needs=(a_reason,),   label=gettext_lazy("Make void"),    history=gettext_lazy("made it void")),
    colours={S.ASKED: "amber", S.TAKEN: "green"},
)
# fmt: on
HISTORY = {"created": gettext_lazy("asked for it")}
