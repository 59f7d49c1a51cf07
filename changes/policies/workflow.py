"""The life of a policy: written, proposed, approved by another person, ruling, superseded by the next."""

from django.utils.translation import gettext_lazy as _

from changes.policies.permissions import policy_deciders, policy_keepers, the_system
from changes.policies.vocabulary import PolicyStatus as S
from itsm.kernel.workflow import Step, Words, Workflow

a_comment = Words("comment", "a_comment", _("Comment"), 4000, required=False)
a_reason = Words("comment", "a_word_why", _("Why?"), 4000, help=_("So that the author can act on it."))

# fmt: off
# ruff: noqa: E501 -- a table reads in columns
POLICY = Workflow(
    #    action       from                       to             who                   recorded as         button                        history
    Step("propose",   (S.DRAFT,),                S.PROPOSED,    who=policy_keepers,   done="proposed",    label=_("Propose"),           history=_("proposed it"), colour="blue"),
    Step("approve",   (S.PROPOSED,),             S.APPROVED,    who=policy_deciders,  done="approved",    label=_("Approve"),           history=_("approved it"), colour="blue", asks=(a_comment,)),
    Step("decline",   (S.PROPOSED,),             S.DRAFT,       who=policy_deciders,  done="declined",    label=_("Decline"),           history=_("declined it"), asks=(a_reason,)),
    Step("withdraw",  (S.PROPOSED, S.APPROVED),  S.DRAFT,       who=policy_keepers,   done="withdrawn",   label=_("Take back to draft"), history=_("took it back to draft")),
    Step("activate",  (S.APPROVED,),             S.RULING,      who=policy_keepers,   done="activated",   label=_("Let it rule"),       history=_("let it rule"), colour="blue"),
    Step("discard",   (S.DRAFT,),                S.DISCARDED,   who=policy_keepers,   done="discarded",   label=_("Discard"),           history=_("discarded it"), colour="red"),
    Step("supersede", (S.RULING,),               S.SUPERSEDED,  who=the_system,       done="superseded",  label=_("Supersede"),         history=_("superseded it")),
    colours={S.PROPOSED: "blue", S.APPROVED: "green", S.RULING: "green"},
)
# fmt: on
HISTORY = {
    "created": _("began this policy"),
    "shadow_begun": _("let it run in shadow"),
    "shadow_ended": _("ended its shadow"),
}
