"""The life of a round."""

from django.utils.translation import gettext_lazy as _

from catalog.health.permissions import round_keepers
from catalog.health.vocabulary import RoundState as S
from itsm.kernel.workflow import Step, Workflow

# fmt: off
# ruff: noqa: E501 -- a table reads in columns
WORKFLOW = Workflow(
    #    action      from                to            who                 recorded as        button               history
    Step("open",     (S.DRAFT,),         S.OPEN,       who=round_keepers,  done="opened",     label=_("Open"),     history=_("opened it"), colour="blue"),
    Step("close",    (S.OPEN,),          S.CLOSED,     who=round_keepers,  done="closed",     label=_("Close"),    history=_("closed it")),
    Step("cancel",   (S.DRAFT, S.OPEN),  S.CANCELLED,  who=round_keepers,  done="cancelled",  label=_("Cancel"),   history=_("cancelled it"), colour="red"),
    colours={S.DRAFT: "grey", S.OPEN: "blue", S.CLOSED: "green"},
)
# fmt: on
HISTORY = {
    "created": _("planned this round"),
    "confirmed_offered": _("confirmed what was offered"),
}
