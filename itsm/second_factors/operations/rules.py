"""Which roles sign in with a second factor: asked for at once, given up by two administrators."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from itsm import lifecycle
from itsm.accounts.models import Role, Session
from itsm.administration.operations import is_alone
from itsm.administration.seconding import ask_another
from itsm.approvals.confirming import Difference
from itsm.approvals.models import Confirmation
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted
from itsm.second_factors import permissions
from itsm.second_factors.models import FactorRule
from itsm.second_factors.queries import people_with, without_factor

WEAKEN = "second factors: ask a role for less"
LONGEST_GRACE = timedelta(days=90)
CLOCK = Actor.system("second factors")


@transaction.atomic
def set_rule(role: str, *, actor: Actor, required: bool, grace_until: datetime | None, at: datetime) -> FactorRule:
    """Ask who has this role for a second factor, or not any more. More holds at once; less (no rule, a longer grace)
    `awaits` a second administrator, where there is one.

    Raises NotPermitted, InvalidInput, PasswordNeeded (no other administrator: once more who you are).
    """
    if not permissions.keepers(actor):
        raise NotPermitted(_("Administrators, people, say who signs in with a second factor."))
    if role not in Role.values:
        raise InvalidInput.about("role", _("There is no such role."))
    if grace_until is not None and not at <= grace_until <= at + LONGEST_GRACE:
        raise InvalidInput.about("grace_until", _("Grace ends within ninety days, and not in the past."))
    grace_until = grace_until if required else None
    FactorRule.objects.get_or_create(role=role)
    rule: FactorRule = FactorRule.objects.select_for_update(no_key=True).get(role=role)
    if not _weakens(rule, required, grace_until, at):
        return _set(rule, actor, required, grace_until, at)
    if is_alone(actor, doing=_("ask for less at the sign-in")):
        return _set(rule, actor, required, grace_until, at)
    rule.awaits = ask_another(
        rule, actor=actor, at=at, action=WEAKEN,
        subject=_("Ask %(role)s for less at the sign-in") % {"role": rule},
        payload={"required": required, "grace_until": grace_until, "version": rule.version},
        differences=[Difference(_("Second factor of %(role)s") % {"role": rule}, _said(rule.required, rule.grace_until),
                                _said(required, grace_until))],
    )  # fmt: skip
    return rule


def set_as_confirmed(confirmation: Confirmation, actor: Actor, at: datetime) -> None:
    """What a second administrator confirmed. Raises StaleVersion where the rule was changed meanwhile."""
    rule = FactorRule.objects.select_for_update(no_key=True).get(pk=confirmation.record_id)
    until = confirmation.payload["grace_until"]
    grace_until = datetime.fromisoformat(until) if until else None
    _set(rule, actor, confirmation.payload["required"], grace_until, at, version=confirmation.payload["version"])


def _weakens(rule: FactorRule, required: bool, grace_until: datetime | None, at: datetime) -> bool:
    if not rule.required:
        return False
    now = rule.grace_until if rule.grace_until is not None and rule.grace_until > at else None
    return not required or (grace_until is not None and (now is None or grace_until > now))


def _set(
    rule: FactorRule,
    actor: Actor,
    required: bool,
    grace_until: datetime | None,
    at: datetime,
    *,
    version: int | None = None,
) -> FactorRule:
    with lifecycle.edit(rule, actor=actor, version=version, version_required=False) as current:
        current.required, current.grace_until = required, grace_until
    end_weak_sessions(at)
    return current


def _said(required: bool, grace_until: datetime | None) -> str:
    if not required:
        return _("not asked for")
    if grace_until is None:
        return _("asked for")
    return _("asked for, with grace until %(at)s") % {"at": f"{grace_until:%Y-%m-%d %H:%M} UTC"}


def end_weak_sessions(at: datetime) -> int:
    """End the sessions of people who owe a second factor, have none and came in without: they are led to set one up.

    Returns how many ended. Repeatable; a sweep calls it as well, for grace that ends and roles that people are given.
    """
    strict = FactorRule.objects.filter(required=True).exclude(grace_until__gt=at).values_list("role", flat=True)
    if not strict:
        return 0
    people = without_factor(people_with(*strict))
    total = 0
    for person in people.filter(pk__in=Session.objects.filter(strong=False, user__isnull=False).values("user")):
        ended, _by_model = Session.objects.filter(user=person, strong=False).delete()
        lifecycle.announce(person, "sessions_ended", actor=CLOCK, changes={"sessions": [ended, 0]})
        total += ended
    return total
