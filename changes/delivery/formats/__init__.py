"""What platforms send, in their words, read as one thing: a deployment that was told, or one that is held."""

from collections.abc import Mapping
from typing import Any

from changes.delivery.formats import cdevents, generic, github, gitlab
from changes.delivery.formats.heard import Heard, Held, Place, Read
from changes.delivery.vocabulary import Platform

__all__ = ["Heard", "Held", "Place", "Read", "read"]


def read(platform: str, event: str, document: Any, mapping: Mapping[str, Any]) -> Read:
    """What a parsed body says. Raises `itsm.intake.reading.NotOurs` where it is of another shape."""
    if platform == Platform.GITHUB:
        return github.read(event, document)
    if platform == Platform.GITLAB:
        return gitlab.read(document)
    if platform == Platform.CDEVENTS:
        return cdevents.read(document)
    return generic.read(document, mapping)
