"""Whose answer counts, in whose place, and which rule stands in the way of everybody else's."""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext

from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.accounts.raised import require_not_raised
from itsm.approvals import panels, permissions
from itsm.approvals.asked import rules_of
from itsm.approvals.models import ApprovalRequest, Delegation
from itsm.approvals.standing_in import delegations_of_each
from itsm.approvals.voting import HELD
from itsm.kernel.actors import Actor, Door, Role
from itsm.kernel.errors import NotPermitted


class Standing(NamedTuple):
    """How somebody stands to an ask: asked themselves, in the place of somebody, or bound to somebody with an interest.

    `place_of`: None where they answer for themselves, or not at all.
    """

    is_asked: bool
    place_of: User | None = None
    bound_to: User | None = None

    @property
    def may_answer(self) -> bool:
        """Whether their answer counts."""
        return self.bound_to is None and (self.is_asked or self.place_of is not None)


_NOT_ASKED = Standing(False)


def standing_of(approval: ApprovalRequest, actor: Actor) -> Standing:
    """How this person stands to an ask now."""
    if not actor.is_human or actor.id is None or actor.id in approval.excluded:
        return _NOT_ASKED
    delegations = [one for one in delegations_of_each([approval])[approval.pk] if one.delegate_id == actor.id]
    if approval.panel_kind:
        return _in_panel(approval, actor.id, delegations)
    bound = next((one.person for one in delegations if one.person_id in approval.excluded), None)
    if _is_asked(approval, actor):
        return Standing(True, None, bound)
    return Standing(False, _place_of(approval, actor, delegations), bound)


def _in_panel(approval: ApprovalRequest, person_id: int, delegations: Iterable[Delegation]) -> Standing:
    sitting = panels.sitting(approval)
    if person_id in sitting.seats:
        return Standing(True)
    if person_id in sitting.substitutes:
        return Standing(False, User.objects.get(pk=sitting.substitutes[person_id]))
    return Standing(False, None, next((one.person for one in delegations if one.person_id in sitting.barred), None))


def _is_asked(approval: ApprovalRequest, actor: Actor) -> bool:
    """Holds the role, stands in, or is of the asked team with one of the roles for it; of named people, is one."""
    if not actor.is_human or actor.id in approval.excluded:
        return False
    rules = rules_of(approval.record_kind)
    if approval.part:
        return actor.id in approval.people and rules.admit_by_name(actor)
    if approval.team_id is not None and actor.belongs_to(approval.team_id) and rules.admit_by_team(actor):
        return True
    return actor.has(Role(approval.role), *rules.who_stand_in)


def _place_of(approval: ApprovalRequest, actor: Actor, delegations: Iterable[Delegation]) -> User | None:
    """The first whose delegate they are and who is asked; a delegate who may decide nothing by now is none.

    Where people are asked by name and not for their role, so are their delegates; for whoever was not heard yet.
    """
    if not approval.part and not permissions.may_be_delegates(actor):
        return None
    if approval.part and not rules_of(approval.record_kind).admit_by_name(actor):
        return None
    people = [one.person for one in delegations]
    asked = [one for one in people if _is_asked(approval, actor_for(one, Door.TASK))]
    if approval.part and len(asked) > 1:
        said = approval.answers.values_list("by", "in_place_of")
        used = {seat or by for by, seat in said}
        asked.sort(key=lambda one: one.pk in used)
    return asked[0] if asked else None


def may_answer(approval: ApprovalRequest, actor: Actor) -> bool:
    """Whether this person's answer counts, their own or in the place of somebody.

    Raises nothing.
    """
    return standing_of(approval, actor).may_answer


def refuse_unless_asked(approval: ApprovalRequest, actor: Actor, reference: str) -> Standing:
    """How the person stands to the ask; NotPermitted with the rule that stands in the way."""
    if not actor.is_human or actor.id is None:
        raise NotPermitted(gettext("Approving is for people; pipelines and other programs never approve."))
    if not actor.may_use(rules_of(approval.record_kind).scope):
        raise NotPermitted(gettext("This token's scopes do not include approving."))
    words = {"actor_name": actor.name, "reference": reference, "authority": approval.authority}
    if actor.id in approval.excluded and approval.panel_kind:
        raise NotPermitted(
            gettext("Four eyes: %(actor_name)s has an interest in %(reference)s or its service; others decide.") % words
        )
    if actor.id in approval.excluded:
        raise NotPermitted(
            gettext(
                "Four eyes: %(actor_name)s asked for %(reference)s, authored it or "
                "carries it out; another person decides."
            )
            % words
        )
    standing = standing_of(approval, actor)
    if standing.bound_to is not None:
        raise NotPermitted(
            gettext(
                "Four eyes: %(actor_name)s decides in the place of %(person)s, who has an interest in %(reference)s; "
                "another person decides, or %(actor_name)s after ending that delegation."
            )
            % {**words, "person": standing.bound_to}
        )
    if not standing.may_answer:
        raise NotPermitted(gettext("%(reference)s waits for %(authority)s; %(actor_name)s is not among them.") % words)
    require_not_raised(actor, approval.excluded, reference=reference)
    if standing.place_of is not None:
        _refuse_in_place_of(approval, standing.place_of, reference)
    return standing


def _refuse_in_place_of(approval: ApprovalRequest, person: User, reference: str) -> None:
    require_not_raised(actor_for(person, Door.TASK), approval.excluded, reference=reference)
    own = approval.answers.filter(by=person).order_by("-id").first()
    if own is not None and own.decision in [vote.value for vote in HELD]:
        raise NotPermitted(
            gettext("%(person)s has spoken about %(reference)s; nobody takes that back in their place.")
            % {"person": person, "reference": reference}
        )
