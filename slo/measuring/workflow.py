"""The life of a sample that is not believed."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy

from itsm.kernel.workflow import Step, Workflow
from slo.measuring.permissions import quarantine_deciders


class QuarantineStatus(TextChoices):
    QUARANTINED = "quarantined", gettext_lazy("Not counted yet")
    RELEASED = "released", gettext_lazy("Counted")
    DISCARDED = "discarded", gettext_lazy("Discarded")


Q = QuarantineStatus
# fmt: off
# ruff: noqa: E501 -- a table reads in columns
QUARANTINE = Workflow(
    #    action     from              to           who                      recorded as       button
    Step("release", (Q.QUARANTINED,), Q.RELEASED,  who=quarantine_deciders, done="released",  label=gettext_lazy("Count it"), history=gettext_lazy("let it count")),
    Step("discard", (Q.QUARANTINED,), Q.DISCARDED, who=quarantine_deciders, done="discarded", label=gettext_lazy("Discard"), history=gettext_lazy("discarded it")),
)
# fmt: on
