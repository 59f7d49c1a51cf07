"""Rules as people type them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as lazy

from itsm.accounts.models import User
from itsm.accounts.queries.assignable import assignable
from itsm.accounts.queues import visible_queues
from itsm.assignment.models import Assign, Rule
from itsm.forms import Form
from itsm.kernel.actors import Actor

_MOST_OFFERED = 300


class RuleForm(Form):
    """What a rule says. People are chosen by name; `checklist` is a line each."""

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
    person = forms.ChoiceField(label=lazy("Person"), required=False, help_text=lazy("Where one person gets it."))
    watchers = forms.MultipleChoiceField(
        label=lazy("Who follows it"), required=False, widget=forms.SelectMultiple(attrs={"size": 5}),
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
        people = [(one.username, str(one)) for one in _offered(self.initial)]
        self.fields["person"].choices = [("", "\N{EN DASH}"), *people]  # type: ignore[attr-defined]
        self.fields["watchers"].choices = people  # type: ignore[attr-defined]

    def clean_person(self) -> User | None:
        name = self.cleaned_data["person"]
        return User.objects.get(username=name) if name else None

    def clean_watchers(self) -> list[User]:
        return list(User.objects.filter(username__in=self.cleaned_data["watchers"]).order_by("username"))

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


def _offered(begun: Any) -> list[User]:
    """Who may be chosen: people who work here, and whoever the rule names already."""
    named = [name for name in (begun.get("person"), *(begun.get("watchers") or ())) if name]
    people = list(assignable()[:_MOST_OFFERED])
    missing = set(named) - {one.username for one in people}
    return [*people, *User.objects.filter(username__in=missing).order_by("name", "username")]


def as_typed(rule: Rule) -> dict[str, Any]:
    """A rule as the form shows it."""
    names = User.objects.filter(pk__in=rule.watchers).order_by("username").values_list("username", flat=True)
    return {
        "name": rule.name, "filter": rule.filter, "team": rule.team.slug if rule.team else None, "assign": rule.assign,
        "person": rule.person.username if rule.person else "", "watchers": list(names) if rule.watchers else [],
        "checklist": "\n".join(rule.checklist), "override": rule.override, "active": rule.active,
        "version": rule.version,
    }  # fmt: skip
