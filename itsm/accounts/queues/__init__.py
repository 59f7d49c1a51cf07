"""What an actor may do in which queue: one statement, asked once per request.

A team that takes work is a queue. Roles say which verbs somebody may use at all, queues say on what: a step needs both.
An open queue is seen by everybody who works here; a confidential one is seen by its members and whom it was granted to,
and for everybody else, administrators too, it does not exist. Headroom itself may work everywhere.
"""

from itsm.accounts.queues.members import (
    hidden_slugs,
    keeps_queue,
    leads,
    managers,
    members_of,
    nameable_queues,
    owners_in,
    people_with,
    seen_queues,
    teams_led_by,
    visible_queues,
    who_lead,
    who_work_in,
)
from itsm.accounts.queues.rights import (
    Asker,
    Known,
    QueueRights,
    known_of,
    rights_in_queues,
    seen_by_both,
    teams_and_rights,
    with_rights,
)

__all__ = [
    "Asker",
    "Known",
    "QueueRights",
    "hidden_slugs",
    "keeps_queue",
    "known_of",
    "leads",
    "managers",
    "members_of",
    "nameable_queues",
    "owners_in",
    "people_with",
    "rights_in_queues",
    "seen_by_both",
    "seen_queues",
    "teams_and_rights",
    "teams_led_by",
    "visible_queues",
    "who_lead",
    "who_work_in",
    "with_rights",
]
