"""Writing rules of retention, and switching them on."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.retention.models import MOST_MONTHS, RetentionRule
from itsm.retention.permissions import retention_keepers
from itsm.work.retention import offered

MOST_RULES = 100


def create_rule(
    *, actor: Actor, record_kind: str, months: int, category: int = 0, export_first: bool = False
) -> RetentionRule:
    """Write a rule; it is switched off, and nothing goes.

    Raises NotPermitted, InvalidInput (no such kind or category, fewer months than allowed), Conflict (there is one).
    """
    require_keeper(actor)
    rule = RetentionRule(record_kind=record_kind, category=category, months=months, export_first=export_first)
    if record_kind not in offered():
        raise InvalidInput.about("record_kind", gettext("Known are: %(kinds)s.") % {"kinds": ", ".join(offered())})
    if category and category not in dict(rule.kept.categories()):
        raise InvalidInput.about("category", gettext("There is no such category."))
    _check(rule)
    if RetentionRule.objects.count() >= MOST_RULES:
        raise Conflict(gettext("There are at most %(most)d rules of retention.") % {"most": MOST_RULES})
    try:
        with transaction.atomic():
            rule.save()
    except IntegrityError as error:
        raise Conflict(gettext("There is a rule for that already.")) from error
    changes = {"record_kind": record_kind, "category": category, "months": months, "export_first": export_first}
    return lifecycle.created(rule, actor=actor, changes={name: [None, value] for name, value in changes.items()})


def edit_rule(
    rule: RetentionRule, *, actor: Actor, version: int | None, confirmed: bool = False, **said: Any
) -> RetentionRule:
    """Change `months`, `export_first` or `active`.

    What lets more go than before (switched on, or fewer months while it is on) needs `confirmed`: what went does not
    come back. Raises NotPermitted, InvalidInput, StaleVersion, VersionRequired.
    """
    require_keeper(actor)
    with lifecycle.edit(rule, actor=actor, version=version) as current:
        was_on, before, by_hand = current.active, current.months, current.export_first
        for name in ("months", "export_first", "active"):
            setattr(current, name, said.get(name, getattr(current, name)))
        _check(current)
        more = not was_on or current.months < before or (by_hand and not current.export_first)
        if current.active and more and not confirmed:
            raise InvalidInput.about(
                "confirm", gettext("What goes does not come back: look at what would go, and confirm it.")
            )
    return current


def delete_rule(rule: RetentionRule, *, actor: Actor, version: int | None) -> None:
    """Take a rule away: what it would have taken goes by the rule for all of its kind, where there is one.

    Raises NotPermitted, StaleVersion, VersionRequired, Conflict (a rule for a category while that for all is on).
    """
    require_keeper(actor)
    with transaction.atomic():
        current = lifecycle.locked(rule, going=True)
        lifecycle.check_version(current, version, required=True)
        general = RetentionRule.objects.filter(record_kind=current.record_kind, category=0, active=True)
        if current.category and general.exists():
            raise Conflict(gettext("Then the rule for all would take these too: switch that off first."))
        lifecycle.announce(current, "deleted", actor=actor, changes={"months": [current.months, None]})
        current.delete()


def require_keeper(actor: Actor) -> None:
    """NotPermitted for who may not say how long records are kept."""
    if not retention_keepers(actor):
        raise NotPermitted(
            gettext("%(actor_name)s may not say how long records are kept.") % {"actor_name": actor.name}
        )


def _check(rule: RetentionRule) -> None:
    if rule.export_first and rule.kept.export is None:
        raise InvalidInput.about("export_first", gettext("%(what)s cannot be exported.") % {"what": rule.kept.words})
    least = rule.kept.least_months
    if not least <= rule.months <= MOST_MONTHS:
        words = gettext("These are kept for %(least)d months at least, and rules say at most %(most)d.")
        raise InvalidInput.about("months", words % {"least": least, "most": MOST_MONTHS})
