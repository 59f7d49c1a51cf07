"""A plan: what a provider's word about people would change here."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from itsm.accounts.models import User
from itsm.identity.protocols import Identified
from itsm.identity.vocabulary import How, Refusal


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """What would happen to one person.

    `user`: the account, None where it is made or refused. `roles`, `teams` (team id -> leads): as they would be.
    `given`: what the mapping would have given, to be taken back by it later. `makers`: the accounts of those who mapped
    what is gained. `keeps_desk`: the role of an administrator stays, because nobody else has it.
    """

    identified: Identified
    how: How
    username: str
    user: User | None = None
    reason: Refusal | None = None
    sentence: str = ""
    before: tuple[frozenset[str], Mapping[int, bool]] = (frozenset(), {})
    roles: frozenset[str] = frozenset()
    teams: Mapping[int, bool] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    makers: tuple[int, ...] = ()
    keeps_desk: bool = False

    @property
    def roles_gained(self) -> list[str]:
        """Roles that they would have and have not."""
        return sorted(self.roles - self.before[0])

    @property
    def roles_lost(self) -> list[str]:
        """Roles that they have and would not have."""
        return sorted(self.before[0] - self.roles)

    @property
    def teams_joined(self) -> list[int]:
        """Teams, by id, that they would be in and are not."""
        return sorted(set(self.teams) - set(self.before[1]))

    @property
    def teams_left(self) -> list[int]:
        """Teams, by id, that they are in and would not be."""
        return sorted(set(self.before[1]) - set(self.teams))

    @property
    def leads_changed(self) -> list[int]:
        """Teams that they are in before and after, and lead only before or only after."""
        return sorted(one for one in set(self.teams) & set(self.before[1]) if self.teams[one] != self.before[1][one])

    @property
    def gains(self) -> bool:
        """Whether they could do more than before."""
        led = any(self.teams[one] for one in self.leads_changed)
        return bool(self.roles_gained or self.teams_joined or led)

    @property
    def changes(self) -> bool:
        """Whether roles or teams would be others than now."""
        return self.roles != self.before[0] or dict(self.teams) != dict(self.before[1])


@dataclass(frozen=True, slots=True)
class Plan:
    """What would happen to all of them. `team_names`: of the teams that occur, by id."""

    people: tuple[PersonPlan, ...]
    team_names: Mapping[int, str]

    @property
    def changed(self) -> list[PersonPlan]:
        """Those to whom anything would happen."""
        return [one for one in self.people if one.how is not How.REFUSED and (one.changes or one.how is not How.KNOWN)]

    @property
    def widens(self) -> bool:
        """Whether anybody comes in who could not, or could do more than before."""
        return any(one.gains or one.how in (How.NEW, How.LINKED) for one in self.people)

    @property
    def gained(self) -> Counter[str]:
        """Role -> how many would gain it."""
        return Counter(role for one in self.people for role in one.roles_gained)

    @property
    def lost(self) -> Counter[str]:
        """Role -> how many would lose it."""
        return Counter(role for one in self.people for role in one.roles_lost)
