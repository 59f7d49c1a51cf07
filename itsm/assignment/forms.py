"""Rules as people type them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from itsm.accounts.models import User
from itsm.accounts.queues import visible_queues
from itsm.assignment.models import Assign, Rule
from itsm.forms import Form
from itsm.kernel.actors import Actor


class RuleForm(Form):
    """What a rule says. `watchers` and `checklist` are a line each."""

    name = forms.CharField(label=lazy("Name"), max_length=80)
    filter = forms.CharField(
        label=lazy("Which ones"), max_length=2000, required=False,
        widget=forms.TextInput(attrs={"class": "mono", "spellcheck": "false", "placeholder": "service=vpn"}),
        help_text=lazy("Terms as in the address of a list; all of them hold. Empty: every one."),
    )  # fmt: skip
    team: Any = forms.ModelChoiceField(
        label=lazy("Queue"), queryset=None, required=False, to_field_name="slug",
        empty_label=lazy("as category and service say"),
    )  # fmt: skip
    assign = forms.ChoiceField(label=lazy("Who gets it"), choices=Assign.choices)
    person = forms.CharField(
        label=lazy("Person"), max_length=150, required=False, help_text=lazy("A user name, where one person gets it.")
    )
    watchers = forms.CharField(
        label=lazy("Who follows it"), required=False, max_length=3000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=lazy("User names, a line each."),
    )  # fmt: skip
    checklist = forms.CharField(
        label=lazy("What is to do"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=lazy("A task a line."),
    )  # fmt: skip
    override = forms.BooleanField(label=lazy("Override what people chose"), required=False)
    active = forms.BooleanField(label=lazy("Active"), required=False, initial=True)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = visible_queues(actor)  # type: ignore[attr-defined]

    def clean_person(self) -> User | None:
        name = self.cleaned_data["person"].strip()
        return _person(name) if name else None

    def clean_watchers(self) -> list[User]:
        return [_person(name) for name in self.cleaned_data["watchers"].split()[:100]]

    def clean_checklist(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["checklist"].splitlines() if line.strip()]

    def said(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class TrialForm(Form):
    """What a dry run looks at: records of late, or one that is typed here."""

    query = forms.CharField(
        label=lazy("Incidents of the last 90 days that are"), max_length=2000, required=False,
        widget=forms.TextInput(attrs={"class": "mono", "spellcheck": "false", "placeholder": "state=open"}),
    )  # fmt: skip
    title = forms.CharField(label=lazy("Title"), max_length=160, required=False)
    service = forms.CharField(label=lazy("Service"), max_length=64, required=False, help_text=lazy("Its short name."))
    category = forms.CharField(label=lazy("Category"), max_length=250, required=False)
    priority = forms.IntegerField(label=lazy("Priority"), min_value=1, max_value=5, required=False)
    channel = forms.CharField(label=lazy("Channel"), max_length=10, required=False)

    def values(self) -> dict[str, Any]:
        """What was typed of a new one; empty without a title."""
        typed = {
            name: value for name, value in self.cleaned_data.items() if name != "query" and value not in {"", None}
        }
        return typed if "title" in typed else {}


def _person(name: str) -> User:
    found = User.objects.filter(username__iexact=name[:150]).first()
    if found is None:
        raise ValidationError(_("There is no account called %(name)s.") % {"name": name[:60]})
    return found


def as_typed(rule: Rule) -> dict[str, Any]:
    """A rule as the form shows it."""
    names = User.objects.filter(pk__in=rule.watchers).order_by("username").values_list("username", flat=True)
    return {
        "name": rule.name, "filter": rule.filter, "team": rule.team.slug if rule.team else None, "assign": rule.assign,
        "person": rule.person.username if rule.person else "", "watchers": "\n".join(names) if rule.watchers else "",
        "checklist": "\n".join(rule.checklist), "override": rule.override, "active": rule.active,
        "version": rule.version,
    }  # fmt: skip
