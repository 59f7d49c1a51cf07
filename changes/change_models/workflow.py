"""The life of a change model: proposed, approved by another person, suspended and certified again, retired."""

from django.utils.translation import gettext_lazy as _

from catalog.services.permissions import standard_authorisers
from changes.change_models.permissions import model_deciders
from changes.change_models.vocabulary import ModelStatus as S
from itsm.kernel.workflow import Step, Words, Workflow

a_reason = Words("because", "a_suspension", _("Why?"), 200)

# fmt: off
# ruff: noqa: E501 -- a table reads in columns
MODEL = Workflow(
    #    action      from                      to            who                        recorded as       button                 history
    Step("approve",  (S.PROPOSED,),            S.APPROVED,   who=model_deciders,        done="approved",  label=_("Approve"),    history=_("approved it"), colour="blue"),
    Step("certify",  (S.APPROVED, S.SUSPENDED), S.APPROVED,  who=standard_authorisers,  done="certified", label=_("Certify"),    history=_("certified it"), colour="blue"),
    Step("suspend",  (S.APPROVED, S.SUSPENDED), S.SUSPENDED, who=standard_authorisers,  done="suspended", label=_("Suspend"),    history=_("suspended it"), asks=(a_reason,)),
    Step("retire",   (S.PROPOSED, S.APPROVED, S.SUSPENDED), S.RETIRED, who=standard_authorisers, done="retired", label=_("Retire"), history=_("retired it"), colour="red"),
    colours={S.PROPOSED: "blue", S.APPROVED: "green", S.SUSPENDED: "red"},
)
# fmt: on
HISTORY = {
    "created": _("began this model"),
    "edited": _("wrote another version"),
    "version_approved": _("approved another version"),
    "version_discarded": _("discarded a version"),
}
