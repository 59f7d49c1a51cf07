"""Values that stand elsewhere than in a request (in actions, in templates), read as REST reads them: by one rule."""

from typing import Any, NamedTuple

from rest_framework import serializers

from incidents.incident.api.serializers import IncidentEditing
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput


class Asker(NamedTuple):
    """Who asks, as fields look for it in their context."""

    actor: Actor


def edits(values: Any, actor: Actor) -> dict[str, Any]:
    """Fields of an incident by their names in REST, with the people, queues and choices that they name found.

    What the actor may not see is what does not exist. Raises InvalidInput, with a sentence for each field.
    """
    return validated(IncidentEditing(data=values, context={"view": Asker(actor)}))


def one(field: Any, value: Any, actor: Actor) -> Any:
    """One value as a field of REST reads it. Raises InvalidInput."""
    holder: Any = type("Named", (serializers.Serializer,), {"value": field})
    return validated(holder(data={"value": value}, context={"view": Asker(actor)}))["value"]


def validated(body: Any) -> dict[str, Any]:
    """What a serializer makes of its data. Raises InvalidInput with its errors, and the first five as sentences."""
    if body.is_valid():
        return dict(body.validated_data)
    sentences = [f"{name}: {said}" for name, found in body.errors.items() for said in _flat(found)]
    nested: Any = body.errors
    refused = InvalidInput(" ".join(sentences[:5]).removeprefix("value: "))
    refused.errors = nested
    raise refused


def _flat(found: Any) -> list[str]:
    if isinstance(found, dict):
        return [said for one in found.values() for said in _flat(one)]
    return [said for one in found for said in _flat(one)] if isinstance(found, list) else [str(found)]
