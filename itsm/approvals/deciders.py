"""Who may answer an ask, by name: so that nobody waits for somebody who cannot."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q

from itsm.accounts.models import Role, User
from itsm.approvals.asked import rules_of
from itsm.approvals.models import ApprovalDecision, ApprovalRequest, Delegation
from itsm.approvals.panels import sitting
from itsm.approvals.standing_in import bound_by, delegations_of_each, seats_by_delegate


@dataclass(frozen=True, slots=True)
class Deciders:
    """People, each in one list. `able`: asked and not excluded; `standing_in`: may as well, for whoever is on duty.

    `excluded`: would be asked, had they no interest in the record; `bound`: would be, did they not decide in the place
    of somebody who has one; `away`: would be asked, but are not active.
    `answered`: those of them who have answered this ask; `delegates`: who may decide in the place of one who is able,
    and counts with that person as one.
    """

    quorum: int
    able: list[User]
    standing_in: list[User]
    excluded: list[User]
    bound: list[User]
    away: list[User]
    answered: list[User]
    delegates: list[Delegation]

    @property
    def all(self) -> int:
        """How many people this authority has here, able or not."""
        return len(self.able) + len(self.excluded) + len(self.bound) + len(self.away)

    @property
    def is_short(self) -> bool:
        """Fewer than the quorum, stand-ins counted: nobody could settle it."""
        return len(self.able) + len(self.standing_in) < self.quorum


def deciders(approval: ApprovalRequest, answers: Iterable[ApprovalDecision] | None = None) -> Deciders:
    """Three queries, and the answers that came with the ask, unless they were read already."""
    answers = approval.answers.all() if answers is None else answers
    delegations = delegations_of_each([approval])[approval.pk]
    if approval.panel_kind:
        return _of_panel(approval, delegations, answers)
    members = _members(approval)
    stand_ins = list(rules_of(approval.record_kind).who_stand_in)
    asked = Q(roles__contains=[approval.role]) | Q(pk__in=members) | Q(roles__overlap=stand_ins)
    if approval.part:  # named people, and nobody for their role
        asked = Q(pk__in=members)
    rows = list(User.objects.filter(asked, account_type=User.AccountType.HUMAN).order_by("username"))
    bound = bound_by(delegations, approval.excluded) - {*approval.excluded}

    def is_asked(one: User) -> bool:
        return one.pk in members or approval.role in one.roles

    def those(which: Callable[[User], bool]) -> list[User]:
        return [one for one in rows if which(one)]

    def is_free(one: User) -> bool:
        return one.is_active and one.pk not in approval.excluded and one.pk not in bound

    return Deciders(
        quorum=approval.quorum,
        able=those(lambda one: is_asked(one) and is_free(one)),
        standing_in=those(lambda one: not is_asked(one) and is_free(one)),
        excluded=those(lambda one: is_asked(one) and one.is_active and one.pk in approval.excluded),
        bound=those(lambda one: is_asked(one) and one.is_active and one.pk in bound),
        away=those(lambda one: is_asked(one) and not one.is_active),
        answered=[answer.by for answer in answers],
        delegates=_in_place(delegations, {one.pk for one in rows if is_free(one)}, approval),
    )


def _in_place(delegations: Sequence[Delegation], able: Collection[int], approval: ApprovalRequest) -> list[Delegation]:
    """Of those delegations the ones by which somebody may decide who may not by themselves."""
    out = {*approval.excluded, *bound_by(delegations, approval.excluded)}
    seats = seats_by_delegate(delegations, able)
    return [one for one in delegations if seats.get(one.delegate_id) == one.person_id and one.delegate_id not in out]


def _of_panel(
    approval: ApprovalRequest, delegations: Sequence[Delegation], answers: Iterable[ApprovalDecision]
) -> Deciders:
    """The voters; who of them is excluded or away, the panel's own page says."""
    those = sitting(approval)
    able = User.objects.filter(pk__in=those.seats, is_active=True).order_by("username")
    said = {answer.by_id: answer.by for answer in answers}
    substitutes = [one for one in delegations if those.substitutes.get(one.delegate_id) == one.person_id]
    return Deciders(approval.quorum, list(able), [], [], [], [], list(said.values()), substitutes)


def _members(approval: ApprovalRequest) -> set[int]:
    """Of the team that is asked, those whose role lets them answer; the people who are asked by name."""
    if approval.part:
        if not (roles := rules_of(approval.record_kind).named_roles):
            return {*approval.people}
        named = User.objects.filter(pk__in=approval.people, roles__overlap=[*roles, Role.ADMIN])
        return set(named.values_list("pk", flat=True))
    if approval.team_id is None:
        return set()
    able = User.objects.filter(teams=approval.team_id, roles__overlap=list(rules_of(approval.record_kind).team_roles))
    return set(able.values_list("pk", flat=True))
