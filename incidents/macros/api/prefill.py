"""What a template of incidents prefills: its values, by their names in REST, as opening an incident takes them."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from incidents.incident import queries
from incidents.incident.api import reading
from incidents.incident.models import Incident
from itsm.fields import values as typed_values
from itsm.kernel.actors import Actor
from itsm.kernel.errors import DomainError, InvalidInput

_PREFILLED = (
    "title", "description", "service", "team", "category", "channel", "impact", "urgency", "priority", "priority_why",
    "major", "labels", "attributes",
)  # fmt: skip


def prefill(values: Mapping[str, Any], *, actor: Actor, strict: bool) -> dict[str, Any]:
    """The values that stand, each looked up among what the actor may choose. Raises InvalidInput, where `strict`, with
    a sentence for each that cannot be used; else that is left out."""
    made: dict[str, Any] = {}
    wrong: dict[str, list[str]] = {}
    for name, value in values.items():
        try:
            made[name] = _value_of(name, value, actor)
        except DomainError as refusal:
            wrong[str(name)[:80]] = [f"{str(name)[:80]}: {refusal.detail}"]
    if strict and wrong:
        raise InvalidInput(_("A template cannot hold this."), wrong)
    return made


def _value_of(name: str, value: Any, actor: Actor) -> Any:
    """Raises DomainError for what is no value of the field, and for a queue in which the actor opens nothing."""
    if name not in _PREFILLED:
        raise InvalidInput(_("Unknown field. Known are %(known)s.") % {"known": ", ".join(_PREFILLED)})
    if value is None:
        raise InvalidInput(_("Send a value, or leave it out."))
    found = reading.edits({name: value}, actor)[name]
    if name == "team" and not queries.queues_for(actor).filter(pk=found.pk).exists():
        raise InvalidInput(_("There is no queue %(name)s, or you may not open records in it.") % {"name": found.slug})
    if name == "attributes":
        typed_values.changed(Incident.kind, {}, found, actor=actor, works_here=True)
    return found
