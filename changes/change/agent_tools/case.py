"""A verdict as a software agent is told of it: what was asked, what was found, and who could do something about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from changes.change.agent_tools.people import Attests, Near, near
from changes.change.models import Change
from changes.change.operations.acting import ROLE_OF
from changes.change.operations.asked_boards import panel_of
from changes.change.permissions import ANSWERS
from changes.change.queries.verdicts import Explained
from changes.gate.evidence import Evidence
from changes.gate.policy import Policy
from changes.gate.verdict import Authority, Verdict
from changes.gate.vocabulary import Decider
from itsm.accounts.models import Team
from itsm.approvals.asked import Panel
from itsm.approvals.deciders import deciders
from itsm.approvals.models import ApprovalRequest
from itsm.approvals.queries import open_asks
from itsm.kernel.actors import Actor, Role
from itsm.notifications.web_addresses import our_address

if TYPE_CHECKING:
    from catalog.models import Service

MOST_PEOPLE = 4
_ATTEST = frozenset({Role.APPROVER, Role.ENGINEER, Role.OWNER, Role.MANAGER})
_STAND_IN = frozenset(ANSWERS.who_stand_in)


@dataclass(frozen=True)
class Case:
    """`eyes`: who reads. `change`: none while nobody has asked. `asked`: what a new question has to say again."""

    service: "Service"
    environment: str
    said: Explained
    evidence: Evidence
    policy: Policy
    at: datetime
    eyes: Actor
    asked: Mapping[str, str]
    change: Change | None = None

    @property
    def verdict(self) -> Verdict:
        """The verdict itself."""
        return self.said.verdict

    @property
    def page(self) -> str | None:
        """Where people see and decide it."""
        return our_address(self.change.get_absolute_url()) if self.change is not None else None

    @cached_property
    def interested(self) -> frozenset[int]:
        """Every account of the people who want it, as the evidence has them: none of them decides or vouches."""
        found = self.evidence.change.interested
        return frozenset(int(one[5:]) for one in found if one.startswith("user:") and one[5:].isdecimal())

    @cached_property
    def deciding(self) -> list[str]:
        """User names of who may answer: those who are asked, then who stands in for them."""
        asked = list(open_asks(self.change)) if self.change is not None else []
        authority = self.verdict.authority
        if not asked and authority is None:
            return []
        if not asked and authority is not None:
            team = self._team(authority)
            panel = panel_of(self._about, authority, ROLE_OF[authority.decider].value, team)
            if not panel.kind:
                return self._by_role(panel.role, team)
            asked = [self._of_board(panel)]
        found: dict[str, None] = {}
        for one in asked:
            those = deciders(one, answers=[])
            found |= dict.fromkeys(each.username for each in (*those.able, *those.standing_in))
        return list(found)[:MOST_PEOPLE]

    @property
    def _about(self) -> Change:
        return self.change or Change(service=self.service, environment=self.environment)

    def _team(self, authority: Authority) -> Team | None:
        if authority.decider is not Decider.PEER or not authority.team:
            return None
        mine = self.service.team
        if mine is not None and mine.slug == authority.team:
            return mine
        return Team.objects.filter(slug=authority.team).first()

    def _by_role(self, role: str, team: Team | None) -> list[str]:
        """As `itsm.approvals.deciders` counts them, of the few who are looked at: the nearest, not all."""
        asked = [one for one in self._near if role in one.roles or (team is not None and one.in_team and one.answers)]
        stand_in = [one for one in self._near if one not in asked and _STAND_IN & {*one.roles}]
        return [one.username for one in (*asked, *stand_in)][:MOST_PEOPLE]

    def _of_board(self, panel: Panel) -> ApprovalRequest:
        return ApprovalRequest(
            record_kind=Change.kind, authority=panel.authority, role=panel.role, team=panel.team, quorum=panel.quorum,
            panel_kind=panel.kind, panel_id=panel.number, rule=panel.rule,
            excluded=sorted({*panel.excluded, *self.interested}),
        )  # fmt: skip

    @cached_property
    def _around(self) -> tuple[list[Near], list[Attests]]:
        return near(self.service.team_id, self.service.pk)

    @cached_property
    def _near(self) -> list[Near]:
        return [one for one in self._around[0] if one.id not in self.interested]

    @cached_property
    def vouching(self) -> list[str]:
        """User names of people whose word about an artifact counts: of the service's team first."""
        return [one.username for one in self._near if _ATTEST & {*one.roles}][:MOST_PEOPLE]

    def attesting(self, about: str) -> list[str]:
        """User names of programs that are named to vouch for this, before the people who may."""
        named = [one for one in self._around[1] if one.about == about and one.id not in self.interested]
        return [*dict.fromkeys([*(one.username for one in named[:2]), *self.vouching])][:MOST_PEOPLE]

    @cached_property
    def owning(self) -> list[str]:
        """User names of the owners in the service's team, then of change managers, without a part in it."""
        mine = [one.username for one in self._near if one.in_team and Role.OWNER in one.roles]
        keep = [one.username for one in self._near if Role.MANAGER in one.roles]
        return list(dict.fromkeys([*mine[:2], *keep[:2]]))
