from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkloadIdentityConfig(AppConfig):
    name = "itsm.workload_identity"
    label = "workload_identity"
    settings_pages = (
        ("people", _("Pipelines without a secret"), _("Whose tokens let a pipeline ask the gate."), "workloads:list"),
    )
    enum_names = {
        "TrustStanding": "itsm.workload_identity.vocabulary.Standing",
        "WorkloadRefusal": "itsm.workload_identity.vocabulary.Reason",
    }
    beat = {
        "forget used tokens of workloads": {
            "task": "itsm.workload_identity.tasks.forget",
            "schedule": 3600.0,
            "options": {"expires": 3000, "priority": 6},
        },
    }

    def ready(self) -> None:
        from itsm.approvals import confirming
        from itsm.ui import event_texts
        from itsm.workload_identity import operations
        from itsm.workload_identity.event_texts import HISTORY
        from itsm.workload_identity.models import TrustedIssuer, WorkloadMapping

        for kind in (TrustedIssuer.kind, WorkloadMapping.kind):
            event_texts.tells(kind, events=HISTORY)
        weighs = _("let pipelines of others in")
        confirming.confirms(operations.TRUST, operations.trust_as_confirmed, weighs=weighs)
        confirming.confirms(operations.MAP, operations.map_as_confirmed, weighs=weighs)
