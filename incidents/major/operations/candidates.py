"""Rules that propose, asked as an incident is opened or changes, in its transaction."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from incidents.incident.models import Incident
from incidents.incident.vocabulary import Priority
from incidents.major import permissions
from incidents.major.models import CandidateRule
from incidents.major.operations.deciding import propose_incident
from incidents.major.queries import candidates
from incidents.major.vocabulary import SEEDED, Rule
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted

BY_RULE = Actor.system("candidate rules")
Found = tuple[Incident, Rule, int, str]


def look_at_opened(incident: Incident, at: datetime) -> None:
    """An incident was opened: does anything propose it, or its parent, as a major one? Raises nothing."""
    rules = candidates.rules_on()
    counted = [*_dependency(incident, rules, at), *_reporters(incident, rules, at)]
    _propose([*_priority(incident), *_burn(incident), *counted], rules, at)
    if incident.parent_id is not None:
        look_at_children(incident.parent_id, at, rules)


def look_at_priority(incident: Incident, at: datetime) -> None:
    """Its priority rose. Raises nothing."""
    _propose(list(_priority(incident)), candidates.rules_on(), at)


def look_at_children(parent_id: int, at: datetime, rules: dict[str, CandidateRule] | None = None) -> None:
    """It has one child more. Raises nothing."""
    count = candidates.children_of(parent_id)
    parent = Incident.objects.filter(pk=parent_id).first()
    if parent is not None:
        why = gettext("It has %(count)d children.") % {"count": count}
        _propose([(parent, Rule.CHILDREN, count, why)], rules or candidates.rules_on(), at)


def look_at_storm(incident: Incident, count: int, at: datetime) -> None:
    """So many alerts of one service came within the rule's minutes. Called by who takes alerts in. Raises nothing."""
    why = gettext("A storm of %(count)d alerts.") % {"count": count}
    _propose([(incident, Rule.STORM, count, why)], candidates.rules_on(), at)


def _priority(incident: Incident) -> Iterator[Found]:
    if incident.priority == Priority.CRITICAL:
        yield incident, Rule.CRITICAL, 1, gettext("It has priority 1.")


def _burn(incident: Incident) -> Iterator[Found]:
    if candidates.is_tier_1_burn(incident):
        yield incident, Rule.TIER_1_BURN, 1, gettext("An alert says that a tier 1 service burns its budget.")


def _dependency(incident: Incident, rules: dict[str, CandidateRule], at: datetime) -> Iterator[Found]:
    rule = rules.get(Rule.DEPENDENCY)
    if rule is not None:
        count = candidates.services_of_one_dependency(incident, at, rule)
        said = {"count": count, "minutes": rule.minutes}
        why = gettext("%(count)d services that rest on the same have trouble since %(minutes)d minutes.") % said
        yield incident, Rule.DEPENDENCY, count, why


def _reporters(incident: Incident, rules: dict[str, CandidateRule], at: datetime) -> Iterator[Found]:
    rule = rules.get(Rule.REPORTERS)
    if rule is not None and incident.caller_id is not None:
        count = candidates.reporters_of(incident, at, rule.minutes)
        said = {"count": count, "minutes": rule.minutes}
        yield incident, Rule.REPORTERS, count, gettext("%(count)d people reported it in %(minutes)d minutes.") % said


def _propose(found: list[Found], rules: dict[str, CandidateRule], at: datetime) -> None:
    for incident, rule, count, why in found:
        known = rules.get(rule)
        if known is not None and count >= known.least and incident.is_open:
            propose_incident(incident, actor=BY_RULE, reason=why, rule=rule.value, count=count, at=at)


def seed(**_sent: object) -> None:
    """The rules as the product comes with them, where they are not there. Safe to run twice. Raises nothing."""
    for rule, (least, minutes) in SEEDED.items():
        CandidateRule.objects.get_or_create(rule=rule.value, defaults={"least": least, "minutes": minutes})


def edit_rule(rule: CandidateRule, *, actor: Actor, version: int | None, **fields: Any) -> CandidateRule:
    """Change whether it proposes (`is_on`), from how many on (`least`), within how long (`minutes`).

    Raises NotPermitted, InvalidInput, StaleVersion, VersionRequired.
    """
    if not permissions.keepers(actor):
        raise NotPermitted(gettext("Managers and administrators keep what proposes major incidents."))
    if not 1 <= fields.get("least", rule.least) <= 1000:
        raise InvalidInput.about("least", gettext("From 1 to 1000."))
    if not 0 <= fields.get("minutes", rule.minutes) <= 1440:
        raise InvalidInput.about("minutes", gettext("From 0 to 1440 minutes."))
    with lifecycle.edit(rule, actor=actor, version=version) as current:
        for name, value in fields.items():
            setattr(current, name, value)
    return current
