"""An incident that begins with a template: what the template says where nothing else was said, and its tasks."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from incidents.incident.models import Incident
from incidents.incident.operations.opening import open_incident
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.macros.models import Template
from itsm.macros.templates import prefilled, template_named, template_of_category
from itsm.work import tasks


@transaction.atomic
def open_prefilled(*, actor: Actor, template: str = "", fill_blanks: bool = True, **said: Any) -> Incident:
    """Report an incident as `open_incident` does. `template`: the slug of one that fills in what was not said and
    brings its tasks; without one, what the category brings. `fill_blanks`: what was said as nothing is not said.

    Raises as `open_incident`, InvalidInput where neither says a title, NotFound for a template that is not offered.
    """
    found = _found(actor, template, said)
    values = prefilled(found, actor) if found is not None else {}
    words = {**values, **_merged(values, said, fill_blanks)}
    if not words.get("title"):
        raise InvalidInput(_("Say what is wrong."), {"title": [_("This field is required.")]})
    incident = open_incident(actor=actor, **words)
    for one in found.tasks if found is not None else ():
        tasks.add_task(incident, actor=actor, title=one["title"], mandatory=bool(one.get("mandatory")))
    return incident


def _found(actor: Actor, slug: str, said: dict[str, Any]) -> Template | None:
    if slug:
        return template_named(actor, Incident.kind, slug)
    category = said.get("category")
    return template_of_category(actor, Incident.kind, category.path) if category is not None else None


def _merged(values: dict[str, Any], said: dict[str, Any], fill_blanks: bool) -> dict[str, Any]:
    """What was said, without the blanks that the template fills; typed fields one by one."""
    given = dict(said)
    if fill_blanks:
        given = {name: value for name, value in said.items() if value not in (None, "", {}, []) or name not in values}
    if "attributes" in values:
        typed = {key: value for key, value in (said.get("attributes") or {}).items() if value is not None}
        given["attributes"] = {**values["attributes"], **typed}
    return given
