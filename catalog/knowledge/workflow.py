"""The life of an article: written, looked at by another person, live, retired; a draft may stand beside the live one."""

from typing import Any

from django.utils.translation import gettext, gettext_lazy

from catalog.knowledge.permissions import keepers, reviewers, writers
from catalog.knowledge.vocabulary import Status
from itsm.kernel.texts import is_blank
from itsm.kernel.workflow import Step, Words, Workflow

a_reason = Words("because", "a_wish_for_changes", gettext_lazy("What should be changed?"), 1000, rows=3)
why_retired = Words(
    "because", "a_reason_to_take_it_away", gettext_lazy("Why?"), 500, rows=2, required=False,
    help=gettext_lazy("Nobody is offered it any more; its versions are kept."),
)  # fmt: skip


S = Status


def a_text(article: Any) -> str | None:
    return gettext("It says nothing yet: write its text.") if is_blank(article.newest.body) else None


def an_owner(article: Any) -> str | None:
    return gettext("Say who answers for it.") if article.owner_id is None else None


def a_review_date(article: Any) -> str | None:
    return gettext("Say when it is looked at again.") if article.review_on is None else None


def a_live_version(article: Any) -> str | None:
    return gettext("No version of it is live: retire it instead.") if article.live is None else None


def _has_live(article: Any) -> bool:
    return article.live is not None


# fmt: off
# ruff: noqa: E501 -- a table reads in columns
WORKFLOW = Workflow(
    #    action     from                              to            who             recorded as       needs                          button                             history
    Step("propose", (S.DRAFT,),                       S.REVIEW,     who=writers,   done="proposed",  needs=(a_text,),               label=gettext_lazy("Propose"),     history=gettext_lazy("proposed it for review"), colour="blue"),
    Step("publish", (S.REVIEW,),                      S.PUBLISHED,  who=reviewers, done="published", needs=(an_owner, a_review_date), label=gettext_lazy("Publish"),   history=gettext_lazy("published it"), colour="blue"),
    Step("return",  (S.REVIEW,),                      S.DRAFT,      who=writers,   done="returned",  needs=(),                      label=gettext_lazy("Return"),      history=gettext_lazy("returned it to be changed"), asks=(a_reason,)),
    Step("revise",  (S.PUBLISHED, S.RETIRED),         S.DRAFT,      who=writers,   done="revised",   needs=(),                      label=gettext_lazy("Revise"),      history=gettext_lazy("began another version")),
    Step("discard", (S.DRAFT,),                       S.PUBLISHED,  who=writers,   done="discarded", needs=(a_live_version,),       label=gettext_lazy("Discard draft"), history=gettext_lazy("discarded the draft"), offered=_has_live),
    Step("confirm", (S.PUBLISHED,),                   None,         who=keepers,   done="confirmed", needs=(),                      label=gettext_lazy("Still right"), history=gettext_lazy("found it still right")),
    Step("retire",  (S.DRAFT, S.REVIEW, S.PUBLISHED), S.RETIRED,    who=keepers,   done="retired",   needs=(),                      label=gettext_lazy("Retire"),      history=gettext_lazy("retired it"), colour="red", asks=(why_retired,)),
    colours={S.REVIEW: "blue", S.PUBLISHED: "green"},
)
# fmt: on
HISTORY = {
    "created": gettext_lazy("began this article"),
    "edited": gettext_lazy("wrote in it"),
    "terms_edited": gettext_lazy("changed what it is for, or who answers for it"),
    "voted": gettext_lazy("said whether it helped"),
    "used": gettext_lazy("used it"),
    "attached": gettext_lazy("added a picture"),
    "file_withdrawn": gettext_lazy("took a picture away"),
}
