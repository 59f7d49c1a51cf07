"""Every write to assignment rules. A rule changes what comes, never what is there."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from itsm import lifecycle
from itsm.accounts.models import QueueRight, Team, User
from itsm.accounts.queues import people_with, rights_in_queues
from itsm.assignment import filter_words, permissions
from itsm.assignment.kinds import kind_of, known
from itsm.assignment.models import MAX_CHECKLIST, MAX_RULES, MAX_WATCHERS, Assign, Rule
from itsm.audit.recording import record_event
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.kernel.texts import is_blank


@transaction.atomic
def create_rule(
    *,
    actor: Actor,
    name: str,
    record_kind: str = "",
    filter: str = "",
    team: Team | None = None,
    assign: str = Assign.NONE,
    person: User | None = None,
    watchers: Iterable[User] = (),
    checklist: Iterable[str] = (),
    override: bool = False,
    active: bool = True,
) -> Rule:
    """A rule at the end of the order; of the first kind that rules place, where none is said.

    Administrators make any; the lead of a queue makes rules that place into it and override nobody.
    Raises NotPermitted, InvalidInput (all at once), Conflict (too many).
    """
    rule = Rule(
        record_kind=record_kind or known()[0], name=name.strip(), filter=filter, team=team, assign=assign,
        person=person, watchers=_ids(watchers), checklist=_titles(checklist), override=override, active=active,
    )  # fmt: skip
    _checked(rule, actor)
    there = _in_order(rule.record_kind)
    if len(there) >= MAX_RULES:
        raise Conflict(_("There are at most %(most)s rules.") % {"most": MAX_RULES})
    rule.position = max((one.position for one in there), default=0) + 1
    rule.save(force_insert=True)
    return lifecycle.created(rule, actor=actor, changes={"name": [None, rule.name], "filter": [None, rule.filter]})


def edit_rule(rule: Rule, *, actor: Actor, version: int | None, **changes: Any) -> Rule:
    """Change name, filter, team, assign, person, watchers (people), checklist, override, active.

    Raises NotPermitted, InvalidInput, StaleVersion, VersionRequired.
    """
    if not permissions.keepers(actor, rule):
        raise _not_theirs(actor)
    if "watchers" in changes:
        changes["watchers"] = _ids(changes["watchers"])
    if "checklist" in changes:
        changes["checklist"] = _titles(changes["checklist"])
    if changes.get("assign", Assign.PERSON) != Assign.PERSON:
        changes["person"] = None
    with lifecycle.edit(rule, actor=actor, version=version) as current:
        if not permissions.keepers(actor, current):
            raise _not_theirs(actor)
        for field, value in changes.items():
            setattr(current, field, value)
        _checked(current, actor)
    return current


@transaction.atomic
def move_rule(rule: Rule, *, actor: Actor, to: int) -> Rule:
    """Put a rule in another place, counted from 1 among all of its kind; the others close up.

    Raises NotPermitted for everybody but administrators: the order decides who wins.
    """
    if not permissions.rules_administrators(actor):
        raise NotPermitted(_("Administrators say in which order rules are asked."))
    rules = _in_order(rule.record_kind)
    before = [one.pk for one in rules].index(rule.pk)
    moved = rules.pop(before)
    after = min(max(to, 1), len(rules) + 1) - 1
    rules.insert(after, moved)
    for place, one in enumerate(rules, 1):
        one.position = place
    Rule.objects.bulk_update(rules, ["position"])
    if after != before:
        record_event(f"{rule.kind}.moved", moved, actor=actor, changes={"position": [before + 1, after + 1]})
    return moved


def _in_order(record_kind: str) -> list[Rule]:
    """All rules of a kind, locked: one at a time changes the order."""
    rules = Rule.objects.select_for_update(no_key=True).filter(record_kind=record_kind).order_by("pk")
    return sorted(rules, key=lambda rule: rule.position)


def _ids(people: Iterable[User]) -> list[int]:
    return sorted({person.pk for person in people})


def _titles(checklist: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(title.strip() for title in checklist if not is_blank(title)))


def _not_theirs(actor: Actor) -> NotPermitted:
    return NotPermitted(
        _("%(actor)s keeps no such rule: administrators do, and the lead of a queue for rules that place into it.")
        % {"actor": actor.name}
    )


def _checked(rule: Rule, actor: Actor) -> None:
    """Raise NotPermitted, or InvalidInput with all that no rule may say; note whether it is the rule of a lead."""
    rights = rights_in_queues(actor)
    unknown = rule.team is not None and not (
        rights.sees(rule.team.pk) and rule.team.takes_work and rule.team.retired_at is None
    )
    if unknown and rule.active:
        raise InvalidInput(_("This cannot be a rule."), {"team": [_("There is no such queue.")]})
    rule.own_queue = not permissions.rules_administrators(actor)
    if rule.own_queue and (rule.team_id is None or rule.team_id not in permissions.queues_led_by(actor)):
        raise _not_theirs(actor)
    if wrong := {**_wrong_words(rule, actor), **_wrong_people(rule)}:
        raise InvalidInput(_("This cannot be a rule."), wrong)


def _wrong_words(rule: Rule, actor: Actor) -> dict[str, list[str]]:
    wrong: dict[str, list[str]] = {}
    kind = kind_of(rule.record_kind)
    if is_blank(rule.name):
        wrong["name"] = [_("Give it a name.")]
    try:
        kind.narrowed(kind.model._default_manager.none(), filter_words.terms(kind, rule.filter), actor)
    except InvalidInput as refusal:
        wrong["filter"] = [refusal.detail]
    if rule.own_queue and rule.override:
        wrong["override"] = [_("Only administrators let a rule override what people chose.")]
    if len(rule.checklist) > MAX_CHECKLIST or any(len(title) > 200 for title in rule.checklist):
        wrong["checklist"] = [_("At most %(most)s tasks of 200 characters.") % {"most": MAX_CHECKLIST}]
    if not rule.team_id and rule.assign == Assign.NONE and not rule.watchers and not rule.checklist:
        wrong["team"] = [_("Say a queue, a person, who follows it, or what is to do: this rule does nothing.")]
    return wrong


def _wrong_people(rule: Rule) -> dict[str, list[str]]:
    wrong: dict[str, list[str]] = {}
    if len(rule.watchers) > MAX_WATCHERS:
        wrong["watchers"] = [_("At most %(most)s people.") % {"most": MAX_WATCHERS}]
    if (rule.assign == Assign.PERSON) != (rule.person is not None):
        wrong["person"] = [_("A person is named where one person gets it, and only there.")]
    elif rule.person is not None and rule.team is not None and rule.active:
        if not people_with(rule.team.pk, QueueRight.CHANGE).filter(pk=rule.person.pk).exists():
            wrong["person"] = [
                _("%(person)s cannot work in %(team)s.") % {"person": rule.person, "team": rule.team.name}
            ]  # fmt: skip
    elif rule.person is not None and not rule.person.is_active:
        wrong["person"] = [_("Only active people can be assigned.")]
    return wrong
