"""Which factors somebody has, which their roles ask for, and what an administrator should look at."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from itsm.accounts.models import Role, User
from itsm.accounts.own_roles import lending, lent_to
from itsm.second_factors.models import (
    UNTESTED_AFTER,
    BreakGlass,
    BreakGlassUse,
    CodeApp,
    FactorRule,
    RecoveryCode,
    SecurityKey,
)


@dataclass(frozen=True, slots=True)
class Has:
    """What somebody can show. `codes`: recovery codes that are left."""

    apps: tuple[CodeApp, ...]
    keys: tuple[SecurityKey, ...]
    codes: int

    def __bool__(self) -> bool:
        return bool(self.apps or self.keys)


def factors_of(user_id: int) -> Has:
    """What counts; an app whose first code was never shown does not."""
    return Has(
        tuple(CodeApp.objects.filter(user_id=user_id, confirmed_at__isnull=False)),
        tuple(SecurityKey.objects.filter(user_id=user_id)),
        RecoveryCode.objects.filter(user_id=user_id, used_at=None).count(),
    )


def has_any(user_id: int) -> bool:
    """Whether they can show anything beside the password."""
    apps = CodeApp.objects.filter(user_id=user_id, confirmed_at__isnull=False)
    return apps.exists() or SecurityKey.objects.filter(user_id=user_id).exists()


def rules_for(roles: Collection[str]) -> list[FactorRule]:
    """Those that ask somebody with these roles for a second factor."""
    return list(FactorRule.objects.filter(role__in=list(roles), required=True))


def is_required(user: User) -> bool:
    """Whether a role of theirs asks for a second factor, be it with grace: one that they have, or that an own role of
    theirs lends."""
    return bool(rules_for(_roles_of(user))) and not is_break_glass(user.pk)


def grace_of(user: User) -> datetime | None:
    """Until when they are only reminded; None where no rule, or one without grace, holds. The strictest rule counts."""
    known = [one.grace_until for one in rules_for(_roles_of(user))]
    return None if not known or None in known else min(one for one in known if one is not None)


def _roles_of(user: User) -> frozenset[str]:
    return frozenset(user.roles) | lent_to(user)


def is_break_glass(user_id: int) -> bool:
    """Whether this is a sealed administrator's account."""
    return BreakGlass.objects.filter(user_id=user_id).exists()


@dataclass(frozen=True, slots=True)
class Standing:
    """One role on the page: its rule, how many people have it, and how many of them have no factor yet."""

    role: str
    label: str
    rule: FactorRule | None
    people: int
    without: int


def standings() -> list[Standing]:
    """All roles, in their order."""
    rules = {one.role: one for one in FactorRule.objects.all()}
    return [_standing(role, rules.get(role.value)) for role in Role]


def _standing(role: Any, rule: FactorRule | None) -> Standing:
    people = people_with(role.value)
    return Standing(role.value, str(role.label), rule, people.count(), without_factor(people).count())


def people_with(*roles: str) -> Any:
    """Active people who have one of these roles, or an own role that lends one; sealed administrators are none."""
    humans = User.objects.active_people()
    theirs = Q(roles__overlap=list(roles)) | Q(own_roles__overlap=lending(roles))
    return humans.filter(theirs).exclude(pk__in=BreakGlass.objects.values("user"))


def without_factor(people: Any) -> Any:
    """Of these people those who can show nothing beside a password."""
    known = CodeApp.objects.filter(confirmed_at__isnull=False).values("user")
    return people.exclude(Q(pk__in=known) | Q(pk__in=SecurityKey.objects.values("user")))


def untested_break_glass(at: datetime) -> list[BreakGlass]:
    """Sealed administrators that nobody has tried for ninety days: a finding."""
    old = at - UNTESTED_AFTER
    stale = Q(tested_at__lt=old) | Q(tested_at=None, sealed_at__lt=old)
    return list(BreakGlass.objects.filter(stale, user__is_active=True).select_related("user"))


def sealed_accounts() -> list[int]:
    """The accounts of sealed administrators."""
    return list(BreakGlass.objects.values_list("user_id", flat=True))


def is_acknowledged(use_id: int) -> bool:
    """Whether somebody has said what that use was for: then nobody needs to be woken."""
    return not BreakGlassUse.objects.filter(pk=use_id, acknowledged_at=None).exists()
