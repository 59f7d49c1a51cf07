"""What a template of incidents prefills: its values, by their names in REST, as opening an incident takes them."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from incidents.incident.operations.named_values import value_of
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput


def prefill(values: Mapping[str, Any], *, actor: Actor, strict: bool) -> dict[str, Any]:
    """The values that stand, each looked up among what the actor may choose. Raises InvalidInput, where `strict`, with
    a sentence for each that cannot be used; else that is left out."""
    made: dict[str, Any] = {}
    wrong: dict[str, list[str]] = {}
    for name, value in values.items():
        try:
            made[name] = value_of(name, value, actor)
        except InvalidInput as refusal:
            wrong[str(name)[:80]] = [f"{str(name)[:80]}: {refusal.detail}"]
    if strict and wrong:
        raise InvalidInput(_("A template cannot hold this."), wrong)
    return made
