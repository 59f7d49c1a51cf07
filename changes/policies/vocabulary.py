"""Where a policy stands."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PolicyStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    PROPOSED = "proposed", _("Proposed")
    APPROVED = "approved", _("Approved")
    RULING = "ruling", _("Ruling")
    SUPERSEDED = "superseded", _("Superseded")
    DISCARDED = "discarded", _("Discarded")


# Where a policy may still come to rule: it may run in shadow.
OPEN = (PolicyStatus.DRAFT, PolicyStatus.PROPOSED, PolicyStatus.APPROVED)
