"""The life of a catalog item: written, proposed, live, retired; a draft may stand beside the live version."""

from typing import Any

from django.utils.translation import gettext, gettext_lazy

from catalog.items.permissions import keepers, publishers, writers
from catalog.items.vocabulary import Status
from itsm.kernel.workflow import Step, Words, Workflow

a_reason = Words("because", "a_wish_for_changes", gettext_lazy("What should be changed?"), 1000, rows=3)
why_retired = Words(
    "because", "a_reason_to_take_it_away", gettext_lazy("Why?"), 500, rows=2, required=False,
    help=gettext_lazy("Nobody can ask for it any more; what was asked for goes on."),
)  # fmt: skip


S = Status


def an_owner(item: Any) -> str | None:
    return gettext("Say who answers for it.") if item.owner_id is None else None


def a_way_to_fulfil(item: Any) -> str | None:
    newest = item.newest
    if newest.fulfilment["tasks"] or newest.bundle:
        return None
    return gettext("Say what is done once it is approved: at least one task, or the items of its bundle.")


def a_live_version(item: Any) -> str | None:
    return gettext("No version of it is live: retire it instead.") if item.live is None else None


def _has_live(item: Any) -> bool:
    return item.live is not None


def _in_draft_or_proposed(item: Any) -> bool:
    return item.status == S.PROPOSED or not item.needs_second


# fmt: off
# ruff: noqa: E501 -- a table reads in columns
WORKFLOW = Workflow(
    #    action     from                                to            who             recorded as       needs                          button                               history
    Step("propose", (S.DRAFT,),                         S.PROPOSED,   who=writers,    done="proposed",  needs=(a_way_to_fulfil,),      label=gettext_lazy("Propose"),       history=gettext_lazy("proposed it"), colour="blue"),
    Step("publish", (S.DRAFT, S.PROPOSED),              S.PUBLISHED,  who=publishers, done="published", needs=(an_owner, a_way_to_fulfil), label=gettext_lazy("Publish"),   history=gettext_lazy("published it"), colour="blue", offered=_in_draft_or_proposed),
    Step("return",  (S.PROPOSED,),                      S.DRAFT,      who=writers,    done="returned",  needs=(),                      label=gettext_lazy("Return"),        history=gettext_lazy("returned it to be changed"), asks=(a_reason,)),
    Step("revise",  (S.PUBLISHED, S.RETIRED),           S.DRAFT,      who=writers,    done="revised",   needs=(),                      label=gettext_lazy("Revise"),        history=gettext_lazy("began another version")),
    Step("discard", (S.DRAFT,),                         S.PUBLISHED,  who=writers,    done="discarded", needs=(a_live_version,),       label=gettext_lazy("Discard draft"), history=gettext_lazy("discarded the draft"), offered=_has_live),
    Step("retire",  (S.DRAFT, S.PROPOSED, S.PUBLISHED), S.RETIRED,    who=keepers,    done="retired",   needs=(),                      label=gettext_lazy("Retire"),        history=gettext_lazy("retired it"), colour="red", asks=(why_retired,)),
    colours={S.PROPOSED: "blue", S.PUBLISHED: "green"},
)
# fmt: on
HISTORY = {
    "created": gettext_lazy("began this item"),
    "edited": gettext_lazy("wrote in it"),
    "terms_edited": gettext_lazy("changed whom it is for, or who answers for it"),
    "attached": gettext_lazy("added a picture"),
}
