"""Who keeps macros and templates, and who is offered them. Whoever applies a macro needs the rights of its parts."""

from typing import Any

from django.db.models import Q, QuerySet

from itsm.accounts.models import Membership
from itsm.accounts.permissions import administrators, anyone, colleagues, participants
from itsm.accounts.queues import rights_in_queues
from itsm.kernel.actors import Actor
from itsm.macros.models import Macro, Template

__all__ = [
    "anyone",
    "colleagues",
    "makers",
    "may_keep",
    "may_keep_template",
    "participants",
    "seen_macros",
    "seen_templates",
    "template_makers",
]


def makers(actor: Actor, macro: Any = None) -> bool:
    """Everybody who works here and does not only read; of a team's and everyone's, `may_keep` says more."""
    return colleagues(actor) and participants(actor)


def may_keep(actor: Actor, macro: Macro) -> bool:
    """Whose it is: the person, a lead of the team; of everyone's, and of teams whose queue they see, administrators."""
    if not makers(actor):
        return False
    if macro.share == Macro.Share.PERSON:
        return actor.id is not None and macro.owner_id == actor.id
    return _keeps_for(actor, macro.team_id)


def template_makers(actor: Actor, template: Any = None) -> bool:
    """Administrators, and whoever leads a team."""
    return makers(actor) and (administrators(actor) or bool(teams_led_by(actor)))


def may_keep_template(actor: Actor, template: Template) -> bool:
    """The leads of its team, and administrators who see that queue."""
    return makers(actor) and _keeps_for(actor, template.team_id)


def _keeps_for(actor: Actor, team_id: int | None) -> bool:
    if administrators(actor) and rights_in_queues(actor).sees(team_id):
        return True
    return team_id is not None and team_id in teams_led_by(actor)


def teams_led_by(actor: Actor) -> frozenset[int]:
    """The ids of the teams that a person leads, as it stands now."""
    if not actor.is_human or actor.id is None:
        return frozenset()
    return frozenset(Membership.objects.filter(user=actor.id, lead=True).values_list("team_id", flat=True))


def _not_hidden(actor: Actor) -> Q:
    return ~Q(team__in=rights_in_queues(actor).hidden) | Q(team=None)


def seen_macros(actor: Actor) -> QuerySet[Macro]:
    """One's own, those of one's teams, those for everyone who works here; for administrators all open queues'."""
    if not colleagues(actor):
        return Macro.objects.none()
    shown = Q(share=Macro.Share.EVERYONE) | Q(team__in=sorted(actor.teams))
    if actor.id is not None:
        shown |= Q(owner=actor.id)
    if administrators(actor):
        shown |= Q(share=Macro.Share.TEAM)
    return Macro.objects.filter(shown).filter(_not_hidden(actor))


def seen_templates(actor: Actor) -> QuerySet[Template]:
    """Those for everybody; to who works here also those of the teams whose queue they see."""
    if not colleagues(actor):
        return Template.objects.filter(team=None)
    return Template.objects.filter(_not_hidden(actor))
