"""Claims as people read them: {% load claims %}."""

from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from catalog.cmdb.vocabulary import Status
from catalog.formats.vocabulary import label_of
from catalog.reconciliation.models import Run
from catalog.reconciliation.vocabulary import CLASS, STATUS, RunState
from itsm.ui.templatetags.ui import badge

register = template.Library()
_COLOURS = {
    RunState.PLANNED: "blue", RunState.APPLYING: "blue", RunState.DONE: "green", RunState.FAILED: "red",
    RunState.CANCELLED: "grey",
}  # fmt: skip
_OF_OTHERS = {
    "relation": lazy("Relation “%(name)s”"), "related": lazy("Other end of “%(name)s”"),
    "group": lazy("Group “%(name)s”"),
}  # fmt: skip


_OF_ITEMS = {
    "name": lazy("Name"), "status": lazy("State"), "environment": lazy("Environment"), "ci_class": lazy("Class"),
    "class": lazy("Class"), "team": lazy("Owner team"), "owner_team": lazy("Owner team"),
    "support_team": lazy("Support team"), "owner": lazy("Owner"), "description": lazy("Description"),
    "confidential": lazy("Confidential"), "tier": lazy("Importance"), "audience": lazy("Who sees it"),
    "identifiers": lazy("Known by"), "identity": lazy("What is one thing"),
}  # fmt: skip


@register.filter
def claim_key(key: str) -> str:
    """{{ "attributes.memory_mib"|claim_key }} is "Memory (MiB)", as the field is called that a class begins with;
    "relation:runs_on" of the history is "Relation “runs on”"."""
    kind, _colon, name = key.partition(":")
    if kind in _OF_OTHERS:
        return _OF_OTHERS[kind] % {"name": name if kind == "group" else name.replace("_", " ")}
    if key in _OF_ITEMS:
        return str(_OF_ITEMS[key])
    label = label_of(key)
    return label[:1].upper() + label[1:]


@register.filter
def claim_value(value: Any, key: str = "") -> str:
    """A claimed value in one line; of a state or a class, as its `key` says, what it is called."""
    if value is None or value == "" or value == []:
        return "\N{EN DASH}"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if key == STATUS and value in Status.values:
        return str(Status(value).label)
    if key in (CLASS, "ci_class"):
        return str(value).replace("_", " ")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


@register.simple_tag
def run_badge(run: Run) -> str:
    """How far an import is; one that only looked says so."""
    if run.dry and run.state == RunState.DONE:
        return badge(_("only looked"), "grey")
    return badge(run.get_state_display(), _COLOURS[RunState(run.state)])
