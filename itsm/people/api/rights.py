"""What somebody may do, and why, as REST shows it: computed from the workflow tables and the API's own entries."""

from typing import Any

from django.utils.encoding import force_str
from rest_framework import serializers

from itsm.accounts import rights, scopes
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.api import fields
from itsm.api.routing import Router
from itsm.kernel.actors import Actor, Door


class StepRightShown(serializers.Serializer[Any]):
    """One step of one record type. `on`: anybodys, teams (their team's service), own; empty: none.

    `because`: those of their roles, and named rights of own ones, that suffice; empty where none is needed. `would`:
    roles that would allow it.
    """

    record = serializers.CharField()
    step = serializers.CharField()
    title = serializers.CharField()
    allowed = serializers.BooleanField()
    on = serializers.ListField(child=fields.Choice(choices=("anybodys", "teams", "own")))
    except_own = serializers.BooleanField()
    because = serializers.ListField(child=serializers.CharField())
    would = serializers.ListField(child=serializers.CharField())


class RequestRightShown(serializers.Serializer[Any]):
    """One request to the API. `scopes`: any one of them opens it to a token; `also`: what the record must allow."""

    path = serializers.CharField()
    action = serializers.CharField()
    allowed = serializers.BooleanField()
    scopes = serializers.ListField(child=serializers.CharField())
    also = serializers.CharField(allow_null=True)
    because = serializers.ListField(child=serializers.CharField())
    would = serializers.ListField(child=serializers.CharField())


class TeamRightShown(serializers.Serializer[Any]):
    """A team that counts for them."""

    team = serializers.CharField()
    lead = serializers.BooleanField()


class RightsShown(serializers.Serializer[Any]):
    """What an account may do as it stands now; an inactive one may do nothing."""

    login = serializers.CharField()
    active = serializers.BooleanField()
    account_type = serializers.CharField()
    owner = serializers.CharField(allow_null=True)
    roles = serializers.ListField(child=serializers.CharField())
    own_roles = serializers.ListField(child=serializers.CharField())
    teams = TeamRightShown(many=True)
    scopes = serializers.ListField(child=serializers.CharField())
    steps = StepRightShown(many=True)
    requests = RequestRightShown(many=True)


def rights_of(person: User) -> dict[str, Any]:
    """The whole answer for one account."""
    actor = actor_for(person, Door.API)
    active = person.is_active
    memberships = person.memberships.select_related("team").order_by("team__slug")
    return {
        "login": person.username,
        "active": active,
        "account_type": person.account_type,
        "owner": person.owner.username if person.owner else None,
        "roles": sorted(person.roles),
        "own_roles": sorted(person.own_roles),
        "teams": [{"team": one.team.slug, "lead": one.lead} for one in memberships],
        "scopes": [one for one in scopes.ALL if person.is_human or one not in scopes.HUMAN_ONLY] if active else [],
        "steps": [_step(one, active) for one in rights.steps_of(actor)],
        "requests": _requests(actor, active),
    }


def _step(right: rights.StepRight, active: bool) -> dict[str, Any]:
    return {
        "record": right.record,
        "step": right.step.action,
        "title": force_str(right.step.label or right.step.action.replace("_", " ").capitalize()),
        "allowed": right.allowed and active,
        "on": list(right.on) if active else [],
        "except_own": right.except_own,
        "because": list(right.roles) if active else [],
        "would": list(right.would),
    }


def _requests(actor: Actor, active: bool) -> list[dict[str, Any]]:
    found = []
    for prefix, viewset in sorted(Router.registered, key=lambda one: one[0]):
        for action, entry in sorted(viewset.policy.items()):
            allowed = active and entry.who(actor)
            found.append(
                {
                    "path": f"/api/v1/{prefix}/",
                    "action": action,
                    "allowed": allowed,
                    "scopes": [entry.scope] if isinstance(entry.scope, str) else list(entry.scope),
                    "also": entry.over.__name__.replace("_", " ") if entry.over else None,
                    "because": list(rights.alone(entry.who, actor)) if allowed else [],
                    "would": [] if allowed else list(rights.would(entry.who, actor)),
                }
            )
    return found
