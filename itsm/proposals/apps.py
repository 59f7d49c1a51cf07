from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProposalsConfig(AppConfig):
    name = "itsm.proposals"
    label = "proposals"
    verbose_name = _("proposals of software agents")
    enum_names = {
        "ProposalState": "itsm.proposals.models.Proposal.State",
        "ProposalPartState": "itsm.proposals.models.ProposalPart.State",
    }

    def ready(self) -> None:
        from itsm.clocks import due
        from itsm.erasure import exporting
        from itsm.proposals import keeping, operations
        from itsm.proposals.event_texts import HISTORY
        from itsm.proposals.models import Proposal
        from itsm.ui import event_texts
        from itsm.work import retention

        event_texts.tells(Proposal.kind, events=HISTORY)
        due.register(operations.CLOSING, operations.close_when_due)
        retention.offers(Proposal.kind, keeping.KEPT)
        exporting.also(Proposal, "parts__decided_by")
