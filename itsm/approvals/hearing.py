"""Who hears of an ask: whoever holds a voice that counts and has not used it; where that is too few, who can help.

Promise: an ask is put to nobody in silence. Where too few may decide, those hear whose duty it is to appoint others.
"""

from collections.abc import Collection
from typing import NamedTuple

from itsm.accounts.models import User
from itsm.approvals import panels
from itsm.approvals.deciders import Deciders, deciders
from itsm.approvals.models import ApprovalRequest
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _


class Hearers(NamedTuple):
    """`asked`: people whose answer would count; `keepers`: who can appoint others, where those cannot settle it."""

    asked: list[User]
    keepers: list[User]


def who_hear(approval: ApprovalRequest) -> Hearers:
    """Who may answer and whose voice was not heard yet, delegates among them; who stands in, where nobody else may."""
    answers = list(approval.answers.select_related("by"))
    those = deciders(approval, answers)
    holds_role = [one for one in those.able if approval.panel_kind or approval.role in one.roles]
    asked = holds_role or those.able or those.standing_in
    heard = {one.in_place_of_id or one.by_id for one in answers} | {one.by_id for one in answers}
    told = [one for one in asked if one.pk not in heard]
    told += [
        one.delegate
        for one in those.delegates
        if one.person in asked and one.person_id not in heard and one.delegate_id not in heard
    ]
    return Hearers(told, keepers(approval) if _is_stuck(approval, those) else [])


def _is_stuck(approval: ApprovalRequest, those: Deciders) -> bool:
    """Whether nobody can settle it. What too few of a panel vote about goes to the panel above, if there is one."""
    return those.is_short and (not approval.panel_kind or not those.able or panels.above(approval) is None)


def keepers(approval: ApprovalRequest) -> list[User]:
    """People whose duty it is to say who decides, without those who have an interest, unless nobody else is there."""
    people = User.objects.active_people().filter(roles__overlap=[role.value for role in panels.keepers_of(approval)])
    barred: Collection[int] = panels.sitting(approval).barred if approval.panel_kind else approval.excluded
    found = list(people.order_by("username"))
    able = [one for one in found if one.pk not in barred]
    admins = User.objects.administrators()
    return able or found or list(admins)


def tell_keepers(approval: ApprovalRequest, people: Collection[User], reference: str, path: str) -> int:
    """Say that somebody has to be appointed. Returns how many were told."""
    words = {"reference": reference, "authority": approval.authority, "quorum": approval.quorum}
    return notify(
        people,
        _("%(reference)s waits for %(authority)s, and too few of them may decide: appoint others") % words,
        body=_(
            "%(quorum)d are needed who have no interest in it and decide in the place of nobody who has. As it stands "
            "it is settled by nobody, and a time-out approves nothing: give it more people, or a board above."
        )
        % words,
        path=path,
        by=("approval.lacks_people", "approver"),
    )
