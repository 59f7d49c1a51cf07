"""What pages and other apps read of providers and of whom they know."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from itsm.accounts import signing_in
from itsm.accounts.models import User
from itsm.accounts.own_roles import role_label
from itsm.approvals.models import Confirmation
from itsm.identity.models import ExternalIdentity, GroupMapping, IdentityProvider
from itsm.identity.operations.plans import PersonPlan
from itsm.kernel.actors import Actor


def count_identities(person: User) -> int:
    """How many providers know this account."""
    return ExternalIdentity.objects.filter(user=person).count()


def follow_person(old: User, new: User, actor: Actor) -> int:
    """Two accounts of one person became one: who comes in as the old one comes in as the new one, where the provider
    does not know that one already. That the provider closed the old one is nothing about the new one.

    Raises nothing."""
    there = ExternalIdentity.objects.filter(user=new).values("provider")
    return ExternalIdentity.objects.filter(user=old).exclude(provider__in=there).update(user=new, closed_as=None)


def names_of_doors() -> dict[str, str]:
    """What people call each provider, by how its sessions name it. One query."""
    rows = IdentityProvider.objects.values_list("slug", "name")
    return {signing_in.provider(slug): name for slug, name in rows}


@dataclass(frozen=True, slots=True)
class Told:
    """What would happen to one person, in words for a page."""

    plan: PersonPlan
    team_names: Mapping[int, str]

    @property
    def who(self) -> str:
        """Whom it is about, as well as anybody said."""
        said = self.plan.identified
        return said.name or said.email or said.subject

    @property
    def how(self) -> str:
        """Which account they have or get, in words."""
        return str(self.plan.how.label)

    @property
    def gained(self) -> list[str]:
        """Roles and teams that are gained."""
        led = [one for one in self.plan.leads_changed if self.plan.teams[one]]
        return [
            *(role_label(one) for one in self.plan.roles_gained),
            *(self._team(one) for one in [*self.plan.teams_joined, *led]),
        ]

    @property
    def lost(self) -> list[str]:
        """Roles and teams that are lost."""
        left = (self.team_names.get(one, f"#{one}") for one in self.plan.teams_left)
        return [*(role_label(one) for one in self.plan.roles_lost), *left]

    def _team(self, team: int) -> str:
        name = self.team_names.get(team, f"#{team}")
        return _("%(team)s, as lead") % {"team": name} if self.plan.teams[team] else name


def confirmations_of(provider: IdentityProvider, mappings: Iterable[GroupMapping]) -> list[Confirmation]:
    """What waits for a second administrator about a provider and its mappings."""
    rows = Confirmation.objects.waiting()
    about = Q(record_kind=IdentityProvider.kind, record_id=provider.pk)
    about |= Q(record_kind=GroupMapping.kind, record_id__in=[one.pk for one in mappings])
    return list(rows.filter(about).order_by("pk"))
