"""The life of a postmortem: written, looked at by another person, published; or waived by two. Versions stay."""

from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from incidents.postmortem.permissions import publishers, waivers, writers
from itsm.kernel.texts import is_blank
from itsm.kernel.workflow import Step, Words, Workflow


class Status(TextChoices):
    DRAFT = "draft", _("Draft")
    REVIEW = "review", _("In review")
    PUBLISHED = "published", _("Published")
    WAIVED = "waived", _("Waived")


S = Status
WORKED_ON = (S.DRAFT, S.REVIEW)


def a_factor(postmortem: Any) -> str | None:
    return None if postmortem.factors else _now("Name a factor: what made it possible, or made it worse.")


def an_action_or_none(postmortem: Any) -> str | None:
    """Filled in by the operation: this table knows no actions."""
    if postmortem.has_actions or not is_blank(postmortem.no_actions_because):
        return None
    return _now("Add an action, or say why there is none.")


why_none = Words(
    "no_actions_because", "why_no_action", _("No action? Say why"), 2000, rows=2, required=False, needed=True,
    help=_("Only where it has none. Empty: as it stands."),
)  # fmt: skip
what_to_change = Words(
    "because", "what_to_change", _("What should be changed?"), 2000, missing=_("Say what to change.")
)
why_waived = Words(
    "waiver_reason", "why_it_is_waived", _("Why is none needed?"), 2000, missing=_("Give a reason."),
    help=_("Another person, an owner or manager, waives it."),
)  # fmt: skip
why_not = Words("because", "why_not_waived", _("Why is it needed?"), 2000, required=False)


def waiver_is_asked(postmortem: Any) -> bool:
    return postmortem.waiver_person_id is not None


def a_waiver_asked(postmortem: Any) -> str | None:
    if waiver_is_asked(postmortem):
        return None
    return _now("Nobody has asked for a waiver: ask with a reason, then another person waives it.")


def may_ask(postmortem: Any) -> bool:
    return bool(postmortem.published == 0) and not waiver_is_asked(postmortem)


def never_published(postmortem: Any) -> str | None:
    return None if postmortem.published == 0 else _now("A version of it is published; there is nothing to waive.")


def has_published(postmortem: Any) -> bool:
    return bool(postmortem.published > 0)


def a_published_version(postmortem: Any) -> str | None:
    return None if has_published(postmortem) else _now("No version of it is published.")


# fmt: off
# ruff: noqa: E501 -- a table reads in columns
WORKFLOW = Workflow(
    #    action           from                  to            who             recorded as              needs                              button                        history
    Step("submit",        (S.DRAFT,),           S.REVIEW,     who=writers,    done="submitted",        needs=(a_factor, an_action_or_none), label=_("Submit"),           history=_("submitted it for review"), colour="blue", asks=(why_none,)),
    Step("publish",       (S.REVIEW,),          S.PUBLISHED,  who=publishers, done="published",                                           label=_("Publish"),           history=_("published it"), colour="blue"),
    Step("send_back",     (S.REVIEW,),          S.DRAFT,      who=writers,    done="sent_back",                                           label=_("Send back"),         history=_("sent it back to be changed"), asks=(what_to_change,)),
    Step("revise",        (S.PUBLISHED, S.WAIVED), S.DRAFT,   who=writers,    done="revised",                                             label=_("Revise"),            history=_("began another version")),
    Step("discard",       (S.DRAFT,),           S.PUBLISHED,  who=writers,    done="discarded",        needs=(a_published_version,),      label=_("Discard this version"), history=_("discarded the draft"), offered=has_published),
    Step("refill",        (S.DRAFT,),           None,         who=writers,    done="refilled",                                            label=_("Refill the timeline"), history=_("filled the timeline from the record")),
    Step("ask_waiver",    WORKED_ON,            None,         who=writers,    done="waiver_asked",     needs=(why_waived, never_published), label=_("Ask for a waiver"), history=_("asked that none is needed"), offered=may_ask),
    Step("waive",         WORKED_ON,            S.WAIVED,     who=waivers,    done="waived",           needs=(a_waiver_asked,),           label=_("Waive"),             history=_("waived it"), offered=waiver_is_asked),
    Step("refuse_waiver", WORKED_ON,            None,         who=waivers,    done="waiver_refused",   needs=(a_waiver_asked,),           label=_("Refuse the waiver"), history=_("refused the waiver"), offered=waiver_is_asked, asks=(why_not,)),
    colours={S.DRAFT: "amber", S.REVIEW: "blue", S.PUBLISHED: "green", S.WAIVED: "grey"},
)
# fmt: on
HISTORY = {
    "created": _("began this postmortem"),
    "edited": _("wrote in it"),
    "required": _("found that it is required"),
    "moved": _("followed what it is about to where that lies now"),
    "automatic_mail": _("noted a mail that a program sent"),
    "mail_bounced": _("noted that a mail did not arrive"),
    "mail_heard": _("answered by mail, which changes nothing in it"),
    "overdue": _("found it overdue"),
    "event_added": _("added to the timeline"),
    "event_changed": _("changed the timeline"),
    "event_removed": _("took something out of the timeline"),
    "action_added": _("added an action"),
    "action_changed": _("changed an action"),
    "action_removed": _("took an action away"),
    "action_done": _("did an action"),
    "action_undone": _("took an action up again"),
}
