"""Every write to providers, to whom they know and to what their groups mean."""

from itsm.identity.operations.allowing import allow_links
from itsm.identity.operations.linking import all_wait_at, known_there, refuse_double, wait_at
from itsm.identity.operations.mappings import end_mapping, map_group
from itsm.identity.operations.planning import preview, preview_known, preview_newcomer
from itsm.identity.operations.plans import PersonPlan, Plan
from itsm.identity.operations.providers import change, set_up, trust, withdraw
from itsm.identity.operations.provisioning import deprovision, provision, restore
from itsm.identity.operations.refusing import note_refusal
from itsm.identity.protocols import Identified

__all__ = [
    "Identified",
    "PersonPlan",
    "Plan",
    "all_wait_at",
    "allow_links",
    "change",
    "deprovision",
    "end_mapping",
    "known_there",
    "map_group",
    "note_refusal",
    "preview",
    "preview_known",
    "preview_newcomer",
    "provision",
    "refuse_double",
    "restore",
    "set_up",
    "trust",
    "wait_at",
    "withdraw",
]
