"""What a change is raised from: the record, and what the form of the new change takes over from it."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from catalog.cmdb.queries.changed import services_among
from changes.change.vocabulary import ChangeClass
from changes.gate.vocabulary import Purpose
from incidents.incident.vocabulary import Priority
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.work import linkable


@dataclass(frozen=True, slots=True)
class Origin:
    """`record`: an incident, an item, or another record that can be linked; `initial`: form field -> value."""

    record: Any
    title: str
    initial: dict[str, Any] = field(default_factory=dict)


def origin_of(actor: Actor, reference: str) -> Origin:
    """The record of this reference among what the actor may see, with what a change of it begins with.

    Raises NotFound.
    """
    record = linkable.called(actor, reference)
    if record is None:
        raise NotFound(_("There is no record %(text)s, or you may not see it.") % {"text": reference.strip()[:20]})
    title = next((str(said) for name in ("title", "summary", "name") if (said := getattr(record, name, ""))), "")
    return Origin(record, title, {"raised_from": record.reference, **_taken_over(record, title)})


def _taken_over(record: Any, title: str) -> dict[str, Any]:
    if linkable.is_thing(record):
        slugs = services_among([record.pk])
        return {"service": slugs[0]} if slugs else {"items": record.reference}
    service = getattr(record, "service", None)
    begun: dict[str, Any] = {"service": service.slug if service else "", "summary": _fixes(title)}
    if record.kind == "incident" and record.priority == Priority.CRITICAL:
        begun |= {"incident": record.reference, "change_class": ChangeClass.EMERGENCY.value}
    if record.kind == "problem":
        begun |= {"purpose": Purpose.RELIABILITY_FIX.value}
    return begun


def _fixes(title: str) -> str:
    return (_("Fix: %(title)s") % {"title": title})[:200]
