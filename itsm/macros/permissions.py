"""Who keeps macros and templates, and who is offered them. Whoever applies a macro needs the rights of its parts."""

from typing import Any

from django.db.models import Q, QuerySet

from itsm.accounts.permissions import administrators, anyone, colleagues, contributors, participants
from itsm.accounts.queues import hidden_slugs, rights_in_queues, teams_led_by
from itsm.kernel.actors import Actor
from itsm.macros.models import Macro, Template

__all__ = [
    "anyone",
    "colleagues",
    "contributors",
    "may_keep",
    "may_keep_template",
    "participants",
    "seen_macros",
    "seen_templates",
    "template_makers",
]


def may_keep(actor: Actor, macro: Macro) -> bool:
    """Whose it is: the person, a lead of the team; of everyone's, and of teams whose queue they see, administrators."""
    if not contributors(actor):
        return False
    if macro.share == Macro.Share.PERSON:
        return actor.id is not None and macro.owner_id == actor.id
    return _keeps_for(actor, macro.team_id)


def template_makers(actor: Actor, template: Any = None) -> bool:
    """Administrators, and whoever leads a team."""
    return contributors(actor) and (administrators(actor) or bool(teams_led_by(actor)))


def may_keep_template(actor: Actor, template: Template) -> bool:
    """The leads of its team, and administrators who see that queue."""
    return contributors(actor) and _keeps_for(actor, template.team_id)


def _keeps_for(actor: Actor, team_id: int | None) -> bool:
    if administrators(actor) and rights_in_queues(actor).sees(team_id):
        return True
    return team_id is not None and team_id in teams_led_by(actor)


def _not_hidden(actor: Actor) -> Q:
    return ~Q(team__in=rights_in_queues(actor).hidden) | Q(team=None)


def seen_macros(actor: Actor) -> QuerySet[Macro]:
    """One's own, those of one's teams, those for everyone who works here; for administrators all open queues'. Of
    others' none that names a queue which the actor may not see: it could not be applied, and would tell of it."""
    if not colleagues(actor):
        return Macro.objects.none()
    shown = Q(share=Macro.Share.EVERYONE) | Q(team__in=sorted(actor.teams))
    if actor.id is not None:
        shown |= Q(owner=actor.id)
    if administrators(actor):
        shown |= Q(share=Macro.Share.TEAM)
    names_hidden = Q(pk__in=())
    for slug in sorted(hidden_slugs(actor)):
        for kind, value in (("team", slug), ("field", {"team": slug}), ("step", {"team": slug})):
            names_hidden |= Q(actions__contains=[{"kind": kind, "value": value}])
    return Macro.objects.filter(shown).filter(_not_hidden(actor)).filter(~names_hidden | Q(owner=actor.id or 0))


def seen_templates(actor: Actor) -> QuerySet[Template]:
    """Those for everybody; to who works here also those of the teams whose queue they see."""
    if not colleagues(actor):
        return Template.objects.filter(team=None)
    return Template.objects.filter(_not_hidden(actor))
