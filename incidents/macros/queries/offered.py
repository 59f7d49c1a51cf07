"""What the editor of a macro offers for incidents: fields with their values, and steps with their outcomes."""

from itertools import product
from typing import Any

from django.utils.translation import gettext

from catalog.services.queries import visible_services
from incidents.incident import queries
from incidents.incident.models import Category, Incident
from incidents.incident.vocabulary import Channel, Level, Priority
from incidents.incident.workflow import WORKFLOW
from itsm.fields.queries import fillable
from itsm.kernel.actors import Actor
from itsm.kernel.workflow import Chosen, Step
from itsm.macros.owners import Choices, StepChoice

_MOST_OFFERED = 300
_STEPS = ("acknowledge", "hold", "resume", "resolve", "reopen", "close", "cancel", "escalate")


def choices(actor: Actor) -> Choices:
    """The fields, their values and the steps that a macro may hold, in words."""
    levels = [(level.value, str(level.label)) for level in Level]
    services = visible_services(actor).values_list("slug", "name")[:_MOST_OFFERED]
    paths = Category.objects.filter(retired_at=None).values_list("path", flat=True)[:_MOST_OFFERED]
    labels = queries.labels_seen(actor)
    fields = [
        (gettext("Priority"), _field("priority", [(one.value, str(one.label)) for one in Priority])),
        (gettext("Impact"), _field("impact", levels)),
        (gettext("Urgency"), _field("urgency", levels)),
        (gettext("Major"), _field("major", [(True, gettext("yes")), (False, gettext("no"))])),
        (gettext("Category"), _field("category", [(path, path) for path in paths])),
        (gettext("Service"), _field("service", list(services))),
        (gettext("Add label"), _field("add_labels", [([label], label) for label in labels])),
        (gettext("Remove label"), _field("remove_labels", [([label], label) for label in labels])),
        (gettext("Channel"), _field("channel", [(value, str(label)) for value, label in Channel.choices])),
    ]
    typed = [(f"cf.{one.key}", one.label) for one in fillable(Incident.kind, actor, works_here=True)]
    steps = [choice for name in _STEPS for choice in _ways(WORKFLOW.steps[name])]
    return Choices([(label, rows) for label, rows in fields if rows], typed, steps)


def _field(name: str, rows: Any) -> list[tuple[str, Any, str]]:
    return [(name, value, label) for value, label in rows]


def _ways(step: Step) -> list[StepChoice]:
    """One for each outcome that can be chosen, with the word that is left to write."""
    chosen = [one for one in step.words if isinstance(one, Chosen) and one.required]
    text = next((one.name for one in step.words if one.longest > 64 and not isinstance(one, Chosen)), "")
    made = []
    for picked in product(*([(one.name, value, label) for value, label in one.choices] for one in chosen)):
        label = ": ".join([str(step.label), *(str(label) for _name, _value, label in picked)])
        made.append(StepChoice(step.action, label, {name: value for name, value, _label in picked}, text))
    return made
