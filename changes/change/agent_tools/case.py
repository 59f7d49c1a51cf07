"""A verdict as a software agent is told of it: what was asked, what was found, and who could do something about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from changes.change.models import Attestor, Change
from changes.change.operations.acting import ROLE_OF
from changes.change.operations.asked_boards import panel_of
from changes.change.queries.verdicts import Explained
from changes.gate.evidence import Evidence
from changes.gate.policy import Policy
from changes.gate.verdict import Verdict
from changes.gate.vocabulary import Decider
from itsm.accounts.interest import accounts_of, natural_persons
from itsm.accounts.models import Team, User
from itsm.approvals.deciders import deciders
from itsm.approvals.models import ApprovalRequest
from itsm.approvals.queries import open_asks
from itsm.kernel.actors import Actor, Role
from itsm.notifications.web_addresses import our_address

if TYPE_CHECKING:
    from catalog.models import Service

MOST_PEOPLE = 4
_ATTEST = (Role.APPROVER, Role.ENGINEER, Role.OWNER, Role.MANAGER)


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
        """Every account of the natural persons who want it: none of them decides or vouches."""
        found = self.evidence.change.interested
        named = {int(one[5:]) for one in found if one.startswith("user:") and one[5:].isdecimal()}
        return accounts_of(natural_persons(named)) | named

    @cached_property
    def deciding(self) -> list[str]:
        """User names of who may answer: those who are asked, then who stands in for them. A few queries."""
        found: dict[str, None] = {}
        for one in self._asks:
            those = deciders(one, answers=[])
            found |= dict.fromkeys(each.username for each in (*those.able, *those.standing_in))
        return list(found)[:MOST_PEOPLE]

    @property
    def _asks(self) -> list[ApprovalRequest]:
        """What people are asked; what they would be, while nobody has."""
        if self.change is not None and (stored := list(open_asks(self.change))):
            return stored
        authority = self.verdict.authority
        if authority is None:
            return []
        change = self.change or Change(service=self.service, environment=self.environment)
        role = ROLE_OF[authority.decider].value
        by_team = authority.decider is Decider.PEER and authority.team
        team = Team.objects.filter(slug=authority.team).first() if by_team else None
        panel = panel_of(change, authority, role, team)
        return [
            ApprovalRequest(
                record_kind=Change.kind, authority=panel.authority, role=panel.role, team=panel.team,
                quorum=panel.quorum, panel_kind=panel.kind, panel_id=panel.number, rule=panel.rule,
                excluded=sorted({*panel.excluded, *self.interested}),
            )
        ]  # fmt: skip

    @cached_property
    def vouching(self) -> list[str]:
        """User names of people whose word about an artifact counts: of the service's team first. One query."""
        able = Q(roles__overlap=[role.value for role in _ATTEST])
        rows = self._people(able).exclude(pk__in=self.interested)
        in_team = dict(rows.filter(teams=self.service.team_id or 0).values_list("username", "pk")[:MOST_PEOPLE])
        others = rows.exclude(pk__in=in_team.values()).values_list("username", flat=True)
        return [*in_team, *others[: MOST_PEOPLE - len(in_team)]]

    def attesting(self, about: str) -> list[str]:
        """User names of programs that are named to vouch for this, before the people who may."""
        named = Attestor.objects.filter(service=self.service.pk, about=about, dismissed_at=None)
        programs = named.exclude(account__in=self.interested).values_list("account__username", flat=True)
        return [*dict.fromkeys([*programs.order_by("account__username")[:2], *self.vouching])][:MOST_PEOPLE]

    @cached_property
    def owning(self) -> list[str]:
        """User names of the owners in the service's team, and of change managers, without a part in it."""
        mine = self._people(Q(roles__contains=[Role.OWNER.value], teams=self.service.team_id or 0))
        keep = self._people(Q(roles__contains=[Role.MANAGER.value]))
        free = (one.exclude(pk__in=self.interested).values_list("username", flat=True)[:2] for one in (mine, keep))
        return list(dict.fromkeys(name for names in free for name in names))

    def _people(self, which: Q) -> "QuerySet[User]":
        found = User.objects.filter(which, is_active=True, account_type=User.AccountType.HUMAN)
        return found.order_by("username").distinct()
