"""How news come by default, as administrators have it. What a person wishes for themselves goes before it."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts.permissions import administrators
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted
from itsm.notifications.defaults import known_rules
from itsm.notifications.models import RuleDefault
from itsm.notifications.rules import HOWS


class Said(NamedTuple):
    """What is wanted of a rule, and the version that was read; `how`: null takes the product's word again."""

    rule: RuleDefault
    how: str | None
    version: int | None


def keeps_rules(actor: Actor) -> bool:
    """Administrators; a program never says whom news reach. Raises nothing."""
    return administrators(actor) and (actor.is_human or actor.is_system)


def set_default(rule: RuleDefault, how: str | None, *, actor: Actor, version: int | None) -> RuleDefault:
    """Say how news of this event reach people in this relation by default: it holds for news from then on.

    What was told already keeps why it was told. Raises NotPermitted, InvalidInput (no such word; a duty, which is told
    as it is whatever anybody says), StaleVersion, VersionRequired.
    """
    if not keeps_rules(actor):
        raise NotPermitted(gettext("%(actor_name)s may not change whom news reach.") % {"actor_name": actor.name})
    if how is not None and how not in HOWS:
        raise InvalidInput.about("how", gettext("At once, collected hourly or daily, or not at all."))
    if rule.rule.duty and how not in (None, rule.rule.default):
        words = gettext("“%(news)s” is news that people must have: nobody can switch it off or put it off.")
        raise InvalidInput.about("how", words % {"news": rule.rule.words})
    with lifecycle.edit(rule, actor=actor, version=version) as current:
        current.how = None if how == rule.rule.default else how
    return current


@transaction.atomic
def set_defaults(said: Sequence[Said], *, actor: Actor) -> int:
    """Several at once, all or none; those that stand so already are passed over. Returns how many were changed.

    Raises NotPermitted, InvalidInput, StaleVersion, VersionRequired as `set_default`.
    """
    standing = {one.pk: one.effective for one in known_rules()}
    wanted = [one for one in sorted(said, key=lambda one: one.rule.pk) if standing.get(one.rule.pk) != one.how]
    for one in wanted:
        set_default(one.rule, one.how, actor=actor, version=one.version)
    return len(wanted)
