"""What new records begin with."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from itsm.accounts.models import Team
from itsm.accounts.queues import visible_queues
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.macros.forms.choices import led_by, written
from itsm.macros.owners import Choices


class TemplateForm(Form):
    name = forms.CharField(label=lazy("Name"), max_length=80)
    team = forms.ModelChoiceField(
        label=lazy("Whose is it?"), queryset=Team.objects.none(), required=False, empty_label=lazy("everybody's")
    )
    title = forms.CharField(label=lazy("Title"), max_length=160, required=False)
    description = forms.CharField(
        label=lazy("Description"), max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    fields_set = forms.MultipleChoiceField(
        label=lazy("Fields"), required=False, widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text=lazy("Choose one value of each at most."),
    )  # fmt: skip
    queue = forms.ModelChoiceField(
        label=lazy("Queue"), queryset=Team.objects.none(), required=False, to_field_name="slug",
        empty_label=lazy("as service and rules say"),
    )  # fmt: skip
    tasks = forms.CharField(
        label=lazy("Tasks, one in a line"), max_length=6200, required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=lazy("Begin a line with ! where it must be done before the record is resolved."),
    )  # fmt: skip
    category = forms.ChoiceField(
        label=lazy("Begins every record of this category"), required=False,
        help_text=lazy("Whoever chooses the category gets this template without asking."),
    )  # fmt: skip
    active = forms.BooleanField(label=lazy("It is offered"), required=False, initial=True)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, actor: Actor, choices: Choices, *args: Any, kept: dict[str, Any], **kwargs: Any) -> None:
        """`kept`: values that this form has no input for, and that stay."""
        super().__init__(*args, **kwargs)
        self.kept = kept
        self.fields["team"].queryset = led_by(actor)  # type: ignore[attr-defined]
        self.fields["queue"].queryset = visible_queues(actor)  # type: ignore[attr-defined]
        self.fields["fields_set"].choices = [  # type: ignore[attr-defined]
            (label, [(written(name, value), f"{label}: {said}") for name, value, said in rows])
            for label, rows in choices.fields
        ]
        paths = [value for label, rows in choices.fields for name, value, said in rows if name == "category"]
        none = ("", _("none"))
        self.fields["category"].choices = [none, *((one, one) for one in paths)]  # type: ignore[attr-defined]

    def said(self) -> dict[str, Any]:
        """As the operation takes it."""
        words = self.cleaned_data
        values = {**self.kept, **dict(json.loads(one) for one in words["fields_set"])}
        values |= {name: words[name] for name in ("title", "description") if words[name]}
        values |= {"team": words["queue"].slug} if words["queue"] else {}
        titles = [line.strip() for line in words["tasks"].splitlines() if line.strip()]
        tasks = [{"title": one.removeprefix("!").strip(), "mandatory": one.startswith("!")} for one in titles]
        kept = {name: words[name] for name in ("name", "team", "category", "active")}
        return {**kept, "values": values, "tasks": tasks}


_OWN_INPUTS = {"title", "description", "team"}


def template_typed(template: Any, choices: Choices) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the form of a template begins with, and the values that it has no input for."""
    offered = {written(name, value) for _label, rows in choices.fields for name, value, _said in rows}
    chosen = [one for name, value in template.values.items() if (one := written(name, value)) in offered]
    shown = {json.loads(one)[0] for one in chosen} | _OWN_INPUTS
    begun = {
        "name": template.name, "team": template.team_id, "category": template.category, "active": template.active,
        "version": template.version, "fields_set": chosen, "title": template.values.get("title", ""),
        "description": template.values.get("description", ""), "queue": template.values.get("team", ""),
        "tasks": "\n".join(f"{'! ' if one.get('mandatory') else ''}{one['title']}" for one in template.tasks),
    }  # fmt: skip
    return begun, {name: value for name, value in template.values.items() if name not in shown}
