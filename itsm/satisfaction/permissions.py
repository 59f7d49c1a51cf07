"""Who reads what people said."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from itsm.accounts.named_rights import named_right
from itsm.accounts.permissions import anyone, participants, staff
from itsm.kernel.actors import Actor, Role
from itsm.satisfaction.models import Survey
from itsm.satisfaction.owners import owner_of

__all__ = ["answerers", "anyone", "participants", "readers", "readers_of_people"]


def answerers(actor: Actor, survey: Survey) -> bool:
    """Who may write to such a record: with a token, by the scope for its kind."""
    return actor.may_use(owner_of(survey.record_kind).scope)


def readers(actor: Actor, record: Any = None) -> bool:
    """Everybody who works here reads how teams do."""
    return staff(actor)


@named_right("satisfaction.read_people", _("see how single persons did in surveys"), lends=Role.MANAGER)
def readers_of_people(actor: Actor, record: Any = None) -> bool:
    """Change managers and administrators, people: how single persons do, from five answers on."""
    return actor.is_human and actor.has(Role.MANAGER)
